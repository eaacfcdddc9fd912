from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.knowledge import Knowledge
from rarescale.web import NameIndex, finding_index
from rarescale.web.lookup import Named

NAMES = [
    Named("1", "Febrile seizure", "Febrile seizure"),
    Named("1", "Febrile seizure", "Fever fit"),
    Named("2", "Fever", "Fever"),
]


def test_every_word_must_begin_a_word_of_the_name() -> None:
    index = NameIndex(NAMES)
    assert [f.id for f in index.find("sei feb")] == ["1"]
    assert [f.id for f in index.find("fev")] == ["2", "1"]
    assert index.find("eizure") == []


@pytest.mark.parametrize("query", ["", " ", "f", "<>", "\x00", "é"])
def test_too_short_a_query_finds_nothing(query: str) -> None:
    assert NameIndex(NAMES).find(query) == []


@given(st.text(max_size=300))
def test_any_query_is_answered_and_scores_fall(query: str) -> None:
    scores = [f.score for f in NameIndex(NAMES).find(query)]
    assert scores == sorted(scores, reverse=True) and all(0 < s <= 1 for s in scores)


def test_an_exact_name_is_found_first(toy: Knowledge) -> None:
    assert finding_index(toy.ontology).find("seizure")[0].id == "HP:0001250"
