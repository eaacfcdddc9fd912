from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.evaluation import brier, expected_calibration_error, reliability

statements = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_bins_hold_their_lower_edge_and_the_last_one_holds_certainty() -> None:
    bins = reliability([0.0, 0.25, 0.5, 0.99, 1.0], [False, True, True, True, False], bins=4)
    assert [b.n for b in bins] == [1, 1, 1, 2]
    assert [(b.low, b.high) for b in bins] == [(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)]
    assert bins[3].stated == pytest.approx(0.995)
    assert bins[3].true == 0.5


def test_an_empty_bin_has_no_share() -> None:
    first, second = reliability([0.9], [True], bins=2)
    assert (first.stated, first.true) == (None, None)
    assert second.true == 1.0


def test_a_case_worked_by_hand() -> None:
    stated, came_true = [0.9, 0.8, 0.1, 0.2], [True, False, False, False]
    # Two bins: 0.15 stated, 0 true; 0.85 stated, 0.5 true.
    assert expected_calibration_error(stated, came_true, bins=2) == pytest.approx(0.5 * 0.15 + 0.5 * 0.35)
    assert brier(stated, came_true) == pytest.approx((0.01 + 0.64 + 0.01 + 0.04) / 4)


@given(statements)
def test_errors_equal_a_second_implementation(made: list[tuple[float, bool]]) -> None:
    stated, true = np.array([p for p, _ in made]), np.array([t for _, t in made], float)
    place = np.minimum((stated * 10).astype(int), 9)
    gaps = [abs(stated[place == b].sum() - true[place == b].sum()) for b in range(10)]
    assert expected_calibration_error(stated.tolist(), [t for _, t in made]) == pytest.approx(sum(gaps) / len(made))
    assert brier(stated.tolist(), [t for _, t in made]) == pytest.approx(((stated - true) ** 2).mean())


@given(statements, st.randoms(use_true_random=False))
def test_order_does_not_matter(made: list[tuple[float, bool]], rng: random.Random) -> None:
    turned = rng.sample(made, len(made))
    for measure in (brier, expected_calibration_error):
        one, other = (measure([p for p, _ in m], [t for _, t in m]) for m in (made, turned))
        assert one == pytest.approx(other)


def test_certainty_that_comes_true_costs_nothing_and_certainty_that_fails_costs_one() -> None:
    assert (brier([1.0, 0.0], [True, False]), brier([1.0, 0.0], [False, True])) == (0.0, 1.0)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert expected_calibration_error([1.0, 0.0], [False, True]) == 1.0


def test_without_statements_both_are_undefined() -> None:
    assert brier([], []) is None
    assert expected_calibration_error([], []) is None


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    for measure in (brier, expected_calibration_error, reliability):
        with pytest.raises(ValueError, match="no probability"):
            measure([wrong], [True])


def test_as_many_outcomes_as_statements_are_needed() -> None:
    for measure in (brier, expected_calibration_error, reliability):
        with pytest.raises(ValueError, match="as many"):
            measure([0.5], [])
    with pytest.raises(ValueError, match="bins"):
        reliability([0.5], [True], bins=0)
