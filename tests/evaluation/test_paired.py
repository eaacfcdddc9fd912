from __future__ import annotations

import random

import pytest

from rarescale.evaluation import Found, NotFound, NotScored, Outcome, compare, mcnemar, wilcoxon

FIRST: list[Outcome] = [Found(1), Found(2), Found(1), NotFound(), Found(7), NotScored("failed")]
SECOND: list[Outcome] = [Found(4), Found(2), NotFound(), Found(12), Found(9), NotFound()]
DISEASES = ["a", "a", "b", "b", "c", "d"]


def test_every_measure_has_difference_interval_and_test() -> None:
    rows = compare(FIRST, SECOND, DISEASES, random.Random(0))
    assert [r.measure for r in rows] == ["top1", "top3", "top5", "top10", "mrr", "mrr"]
    assert [r.test.name for r in rows] == ["mcnemar"] * 4 + ["wilcoxon", "sign"]
    assert rows[0].difference == pytest.approx(2 / 6)
    assert rows[4].difference == pytest.approx((3 / 4 + 1 + (1 / 7 - 1 / 9)) / 6)
    assert rows[0].test == mcnemar([True, False, True, False, False, False], [False] * 6)
    assert rows[4].test == wilcoxon([1, 1 / 2, 1, 0, 1 / 7, 0], [1 / 4, 1 / 2, 0, 0, 1 / 9, 0])
    for row in rows:
        assert row.interval is not None
        assert row.interval.low <= row.difference <= row.interval.high
        assert row.interval.clusters == 4


def test_adjusted_p_is_never_smaller() -> None:
    for row in compare(FIRST, SECOND, DISEASES, random.Random(0)):
        assert row.p_holm is None if row.test.p is None else (row.p_holm or 0) >= row.test.p


def test_a_system_against_itself_has_no_difference_and_no_p() -> None:
    for row in compare(FIRST, FIRST, DISEASES, random.Random(0)):
        assert (row.difference, row.test.p, row.p_holm, row.test.effect) == (0.0, None, None, None)


@pytest.mark.parametrize(
    ("first", "second", "diseases"), [([], [], []), (FIRST, SECOND[:5], DISEASES), (FIRST, SECOND, DISEASES[:5])]
)
def test_the_same_cases_are_needed(first: list[Outcome], second: list[Outcome], diseases: list[str]) -> None:
    with pytest.raises(ValueError, match="as many"):
        compare(first, second, diseases, random.Random(0))
