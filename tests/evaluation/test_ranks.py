from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.evaluation import Found, NotFound, NotScored, equivalence, outcome_in_scores, outcome_of

SAME = equivalence([("OMIM:1", "ORPHA:1"), ("ORPHA:1", "RSC:1"), ("OMIM:2", "ORPHA:2")])


def entry(score: object, *ids: str) -> dict[str, Any]:
    return {"id": ids[0], "ids": list(ids), "score": score}


def answer(*entries: object) -> dict[str, Any]:
    return {"id": "c1", "differential": list(entries)}


@pytest.mark.parametrize(
    ("entries", "rank"),
    [
        pytest.param([entry(3, "OMIM:1"), entry(2, "OMIM:2")], 1, id="first"),
        pytest.param([entry(3, "OMIM:2"), entry(2, "OMIM:1")], 2, id="second"),
        pytest.param([entry(2, "OMIM:1"), entry(3, "OMIM:2")], 2, id="scores count, not the order of the list"),
        pytest.param([entry(3, "ORPHA:1")], 1, id="another id of the same disease"),
        pytest.param([entry(3, "RSC:1")], 1, id="linked over a third id"),
        pytest.param([entry(2, "OMIM:1"), entry(2, "OMIM:2"), entry(2, "OMIM:3")], 3, id="last among its ties"),
        pytest.param([entry(3, "OMIM:2", "ORPHA:2"), entry(2, "OMIM:1")], 2, id="two ids of one rival are one rank"),
        pytest.param(
            [entry(3, "OMIM:2", "OMIM:3"), entry(2, "OMIM:1")], 3, id="a rival of two diseases takes two ranks"
        ),
        pytest.param([entry(3, "OMIM:1", "OMIM:2", "OMIM:3")], 3, id="a hit is the last disease of its entry"),
        pytest.param([entry(3, "OMIM:1", "ORPHA:1")], 1, id="ids of the truth are one disease"),
        pytest.param([entry(3, "OMIM:1"), entry(3, "RSC:1")], 1, id="the truth listed again is no rival"),
        pytest.param([entry(3, "OMIM:1", "OMIM:2"), entry(3, "OMIM:1")], 2, id="of tied hits the wider one counts"),
        pytest.param([entry(3, "OMIM:1"), entry(2, "OMIM:1", "OMIM:2")], 1, id="the better scored hit counts"),
        pytest.param([{"score": 9}, entry(2, "OMIM:1")], 2, id="an entry without ids is still a rank"),
        pytest.param([{"id": None, "ids": None, "score": 1}, entry(2, "OMIM:1")], 1, id="null ids"),
        pytest.param([{"id": "OMIM:1", "score": 1}], 1, id="an id alone is enough"),
        pytest.param([{"ids": ["OMIM:1"], "score": -1.5}], 1, id="ids alone are enough, scores may be negative"),
        pytest.param([entry(10**400, "OMIM:2"), entry(1.5, "OMIM:1")], 2, id="a whole number beyond the floats"),
    ],
)
def test_the_rank_of_the_truth(entries: list[object], rank: int) -> None:
    assert outcome_of(["OMIM:1", "ORPHA:1"], answer(*entries), SAME) == Found(rank)


@pytest.mark.parametrize(
    ("prediction", "outcome"),
    [
        (None, NotScored("missing")),
        ({"id": "c1", "error": {"kind": "input"}}, NotScored("failed")),
        (answer(), NotFound()),
        ({"id": "c1", "differential": None}, NotFound()),
        (answer(entry(1, "OMIM:2")), NotFound()),
        ("no object", NotScored("not an object")),
    ],
)
def test_the_ways_to_miss_are_kept_apart(prediction: object, outcome: object) -> None:
    assert outcome_of(["OMIM:1"], prediction, SAME) == outcome


@pytest.mark.parametrize(
    "broken",
    [
        entry(float("nan"), "OMIM:2"),
        entry(float("inf"), "OMIM:2"),
        entry(None, "OMIM:2"),
        entry("7", "OMIM:2"),
        entry(True, "OMIM:2"),
        {"id": "OMIM:2"},
        {"id": 7, "score": 1.0},
        {"id": "OMIM:2", "ids": "OMIM:2", "score": 1.0},
        {"id": "OMIM:2", "ids": [7], "score": 1.0},
        {"id": "OMIM:2", "ids": 7, "score": 1.0},
        "OMIM:2",
        None,
    ],
)
def test_one_broken_entry_makes_the_list_worthless(broken: object) -> None:
    assert isinstance(outcome_of(["OMIM:1"], answer(entry(9, "OMIM:1"), broken)), NotScored)


@pytest.mark.parametrize("differential", ["abc", {"OMIM:1": 1}, 7, True])
def test_a_differential_that_is_no_list_is_not_scored(differential: object) -> None:
    assert isinstance(outcome_of(["OMIM:1"], {"differential": differential}), NotScored)


def test_an_error_beside_a_list_does_not_hide_the_hit() -> None:
    assert outcome_of(["OMIM:1"], answer(entry(1, "OMIM:1")) | {"error": {}}) == Found(1)


def test_equivalence_is_a_closure_whatever_the_order_of_pairs() -> None:
    pairs = [(f"a{k}", f"a{k + 1}") for k in range(20)]
    random.Random(1).shuffle(pairs)
    same = equivalence(pairs)
    assert len({same(f"a{k}") for k in range(21)}) == 1
    assert same("b") == "b"


scores = st.lists(st.integers(0, 4), min_size=1, max_size=12)


@given(scores, st.data())
def test_a_better_score_never_gives_a_worse_rank(values: list[int], data: st.DataObject) -> None:
    truth = data.draw(st.integers(0, len(values) - 1))
    ranks = []
    for raised in range(6):
        entries = [entry(s + raised * (k == truth), f"OMIM:{k}") for k, s in enumerate(values)]
        outcome = outcome_of([f"OMIM:{truth}"], answer(*entries))
        assert isinstance(outcome, Found)
        ranks.append(outcome.rank)
    assert all(later <= earlier for earlier, later in pairwise(ranks))


@given(scores, st.data())
def test_the_order_of_entries_does_not_matter(values: list[int], data: st.DataObject) -> None:
    entries = [entry(s, f"OMIM:{k % 5}", f"OMIM:{k % 3}") for k, s in enumerate(values)]
    shuffled = data.draw(st.permutations(entries))
    assert outcome_of(["OMIM:1"], answer(*entries)) == outcome_of(["OMIM:1"], answer(*shuffled))


@given(scores, st.data())
def test_scores_in_an_array_rank_as_entries_do(values: list[int], data: st.DataObject) -> None:
    truth = data.draw(st.sets(st.integers(0, len(values) - 1), min_size=1, max_size=2))
    widths = data.draw(st.lists(st.integers(1, 3), min_size=len(values), max_size=len(values)))
    entries = [
        {"score": s, "ids": [f"T:{k}" if k in truth else f"D:{k}", *(f"X:{k}.{w}" for w in range(widths[k] - 1))]}
        for k, s in enumerate(values)
    ]
    from_entries = outcome_of([f"T:{k}" for k in truth], answer(*entries), equivalence([("T:0", "T:0")]))
    if len(truth) == 1:
        assert outcome_in_scores(np.array(values, float), sorted(truth), np.array(widths)) == from_entries


@pytest.mark.parametrize(
    ("values", "truth", "outcome"),
    [
        ([1.0, 3.0, 2.0], [2], Found(2)),
        ([1.0, 1.0, 1.0], [0], Found(3)),
        ([1.0, 3.0, 3.0], [1, 2], Found(1)),
        ([-np.inf, 3.0], [0], NotFound()),
        ([-np.inf, 3.0], [1], Found(1)),
        ([1.0, 3.0], [], NotFound()),
        ([1.0, np.nan], [0], NotScored("a score that is not a number")),
        ([1.0, np.inf], [0], NotScored("a score that is not a number")),
    ],
)
def test_a_candidate_left_out_is_not_listed(values: list[float], truth: list[int], outcome: object) -> None:
    assert outcome_in_scores(np.array(values), truth) == outcome
