from __future__ import annotations

import pytest

from rarescale.evaluation import Found, NotFound, NotScored, rank_of, tally


@pytest.mark.parametrize(
    ("outcome", "rank"), [(Found(1), 1), (Found(12), 12), (NotFound(), None), (NotScored("missing"), None)]
)
def test_only_a_found_truth_has_a_rank(outcome: Found | NotFound | NotScored, rank: int | None) -> None:
    assert rank_of(outcome) == rank


@pytest.mark.parametrize("rank", [0, -1])
def test_there_are_no_stand_in_ranks(rank: int) -> None:
    with pytest.raises(ValueError, match="ranks start at 1"):
        Found(rank)


def test_the_three_outcomes_are_counted_apart_and_add_up() -> None:
    counted = tally([Found(3), NotFound(), NotScored("failed"), NotScored("missing"), NotScored("failed")])
    assert (counted.cases, counted.found, counted.not_found, counted.not_scored) == (5, 1, 1, 3)
    assert counted.reasons == (("failed", 2), ("missing", 1))


def test_nothing_counted_is_nothing() -> None:
    assert tally([]) == tally(iter(()))
    assert tally([]).cases == 0
