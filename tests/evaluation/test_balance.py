from __future__ import annotations

import pytest

from rarescale.evaluation import Found, Judged, NotFound, NotScored, balance


def test_both_ways_to_be_wrong_are_counted_on_their_own_cases() -> None:
    result = balance(
        [
            Judged("rare", Found(1), ("rare",)),
            Judged("rare", Found(4), ("common",)),
            Judged("rare", NotFound(), ("rare",)),
            Judged("rare", NotScored("failed")),
            Judged("common", Found(1), ("common",)),
            Judged("common", Found(2), ("rare",)),
        ]
    )
    assert (result.rare_cases, result.common_cases) == (4, 2)
    assert (result.rare_top1, result.common_top1) == (0.25, 0.5)
    assert (result.false_alarms, result.overlooked) == (0.5, 0.25)
    assert result.balanced_top1 == pytest.approx(0.375)


def test_a_rare_disease_among_those_tied_on_top_is_a_false_alarm() -> None:
    assert balance([Judged("common", Found(2), ("common", "rare"))]).false_alarms == 1.0


@pytest.mark.parametrize("on_top", ["uncommon", "unknown", "common"])
def test_only_a_rare_disease_raises_the_alarm(on_top: str) -> None:
    assert balance([Judged("common", NotFound(), (on_top,))]).false_alarms == 0.0  # type: ignore[arg-type]


@pytest.mark.parametrize("truth", ["uncommon", "unknown"])
def test_diseases_in_between_are_on_neither_side(truth: str) -> None:
    result = balance([Judged(truth, Found(1), ("rare",))])  # type: ignore[arg-type]
    assert (result.rare_top1, result.common_top1, result.false_alarms, result.overlooked) == (None,) * 4


def test_a_failed_common_case_raises_no_alarm_but_is_no_hit() -> None:
    result = balance([Judged("common", NotScored("failed")), Judged("common", Found(1), ("common",))])
    assert (result.false_alarms, result.common_top1) == (0.0, 0.5)


def test_crying_wolf_at_everything_earns_no_more_than_half() -> None:
    wolf = [Judged("rare", Found(1), ("rare",))] * 99 + [Judged("common", NotFound(), ("rare",))]
    result = balance(wolf)
    assert (result.balanced_top1, result.false_alarms) == (0.5, 1.0)


def test_one_side_alone_has_no_balance() -> None:
    assert balance([Judged("rare", Found(1), ("rare",))]).balanced_top1 is None
