"""An expert without some annotation rows is the expert that would be made without them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.expert import ProbabilisticExpert, QmrExpert, Query, without_rows
from rarescale.expert.leave_out import profiles_without
from rarescale.expert.profiles import build_profiles
from rarescale.knowledge import Knowledge


def check(knowledge: Knowledge, expert: ProbabilisticExpert, rows: np.ndarray) -> None:
    others = np.setdiff1d(np.arange(len(knowledge.diseases.row_disease)), rows)
    expected = build_profiles(knowledge, expert.settings, others)
    found = profiles_without(knowledge, expert.profiles, expert.settings, rows)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert found[name].dtype == values.dtype, name
        np.testing.assert_array_equal(found[name], values, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_profiles_are_those_made_without_the_rows(toy: Knowledge, data: st.DataObject) -> None:
    number = len(toy.diseases.row_disease)
    rows = data.draw(st.sets(st.integers(0, number - 1), min_size=1, max_size=number - 1))
    check(toy, ProbabilisticExpert(toy), np.array(sorted(rows)))


def test_profiles_of_the_installed_release_too(hpo: Knowledge) -> None:
    start = int(hpo.diseases.row_offsets[4000])
    check(hpo, ProbabilisticExpert(hpo), np.array([5, start, start + 1, start + 40]))


def test_without_any_row_it_is_the_same_expert(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy)
    assert without_rows(expert, np.zeros(0, np.int64)) is expert
    with pytest.raises(TypeError, match="int"):
        without_rows(3, np.zeros(1, np.int64))  # type: ignore[arg-type]


def test_points_lose_what_the_rows_explained(toy: Knowledge) -> None:
    expert = QmrExpert(toy, "miller1982")
    disease = toy.diseases.index("OMIM:100002")
    assert disease is not None
    rows = np.arange(*toy.diseases.row_offsets[disease : disease + 2])
    seizure = toy.ontology.index("HP:0001250")
    assert seizure is not None
    query = Query((seizure,))
    before, after = expert.rank(query).scores[disease], without_rows(expert, rows).rank(query).scores[disease]
    assert after < 0 < before
