from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge
from rarescale.record import Chat, Differential, Message, Role
from rarescale.report import age_band, csv_text, deidentify, differential_page, phenopacket

from .answers import failure, tremor


@pytest.fixture
def chat() -> Chat:
    return Chat(
        id="Zebediah",
        messages=(
            Message(role=Role.SYSTEM, content="Zebediah Quill, 34 years old, male."),
            Message(role=Role.CLINICIAN, content="Any seizures?"),
            Message(role=Role.PATIENT, content="No, never. But I have a tremor. Zebediah is fond of xylophones."),
        ),
    )


def test_nothing_of_the_patients_words_or_name_is_left_in_any_export(toy: Knowledge, chat: Chat) -> None:
    answer = Diagnoser(toy).diagnose(chat)
    assert any(f.quote for f in answer.findings)
    texts = [
        deidentify(answer).model_dump_json(),
        csv_text([answer], deidentified=True),
        differential_page([answer], sources=[chat], deidentified=True),
        json.dumps(phenopacket(answer, created="2026-01-01T00:00:00Z", deidentified=True), ensure_ascii=False),
    ]
    for text in texts:
        for secret in ("Zebediah", "Quill", "never", "xylophone", "34 years", "P34Y", '"age":34', ",34,"):
            assert secret not in text


def test_the_findings_and_the_ranking_stay(toy: Knowledge) -> None:
    answer = tremor(toy)
    less = deidentify(answer, 7)
    assert isinstance(less, Differential)
    assert less.id == "patient 7"
    assert [(f.id, f.state) for f in less.findings] == [(f.id, f.state) for f in answer.findings]
    assert less.differential == answer.differential
    assert less.age is None
    assert [f.onset for f in less.findings] == [None, "HP:0003577", None]


def test_an_unreadable_input_is_still_counted_but_not_quoted() -> None:
    less = deidentify(failure(), 2)
    assert less.id == "patient 2"
    assert "Bob" not in less.model_dump_json()


@given(st.floats(0, 125))
def test_every_age_has_a_band_that_contains_it(age: float) -> None:
    band = age_band(age)
    if band == "under 1 year":
        assert age < 1
    elif band.endswith("or older"):
        assert age >= 90
    else:
        first, last = (int(x) for x in band.removesuffix(" years").split(" to "))
        assert first <= age < last + 1
