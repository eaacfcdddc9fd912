"""Lay expressions: how people say it, and when the same words do not say it."""

from __future__ import annotations

import pytest

from rarescale.reading import DictionaryReader, Name, spellings
from rarescale.record import Note

NAMES = [
    Name("HP:0000966", "Hypohidrosis", "label"),
    Name("HP:0000966", "doesn't sweat", "denial"),
    Name("HP:0002039", "Anorexia", "label"),
    Name("HP:0002039", "no appetite", "denial"),
    Name("HP:0001763", "Pes planus", "label"),
    Name("HP:0001901", "Polycythemia", "label"),
    Name("HP:0001901", "too many red cells", "lay"),
    Name("HP:0000505", "Visual impairment", "label"),
    Name("HP:0000505", "sees like a hawk", "trap"),
    Name("HP:0001324", "Muscle weakness", "label"),
    Name("HP:0001324", "legs give way", "lay"),
    Name("HP:0002355", "Difficulty walking", "label"),
    Name("HP:0002355", "never learned to walk", "denial"),
    Name("HP:0012378", "Fatigue", "label"),
    Name("HP:0012378", "knackered", "lay"),
    Name("HP:0001945", "Fever", "label"),
]


@pytest.fixture(scope="module")
def reader() -> DictionaryReader:
    return DictionaryReader(NAMES, ancestors=lambda _term: ())


def read(reader: DictionaryReader, text: str) -> dict[str, str]:
    return {f.label: f.state.value for f in reader.read(Note(id="n", text=text)).findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He doesn't sweat at all.", {"Hypohidrosis": "present"}),
        ("She didn't sweat, even in the sauna.", {"Hypohidrosis": "present"}),
        ("I sweat a lot.", {}),
        ("She has no appetite.", {"Anorexia": "present"}),
        ("His appetite is good.", {}),
        ("My legs give way on the stairs.", {"Muscle weakness": "present"}),
        ("His legs gave way.", {}),
        ("Her legs don't give way.", {"Muscle weakness": "absent"}),
        ("They found too many red cells.", {"Polycythemia": "present"}),
        ("They counted the red cells.", {}),
        ("He never learned to walk.", {"Difficulty walking": "present"}),
        ("He learned to walk at one.", {}),
        ("I see like a hawk.", {"Visual impairment": "absent"}),
        ("I'm knackered.", {"Fatigue": "present"}),
        ("No fever, and no appetite either.", {"Fever": "absent", "Anorexia": "present"}),
    ],
)
def test_lay_expressions_tell_findings(reader: DictionaryReader, text: str, expected: dict[str, str]) -> None:
    assert read(reader, text) == expected


def test_a_denial_is_quoted_with_its_negation(reader: DictionaryReader) -> None:
    (finding,) = reader.read(Note(id="n", text="He doesn't sweat at all.")).findings
    assert finding.quote is not None
    assert "n't sweat" in finding.quote


@pytest.mark.parametrize(
    ("expression", "spelt"),
    [
        ("gone yellow", ["gone yellow"]),
        ("[eyes/skin] gone yellow", ["eyes gone yellow", "skin gone yellow"]),
        ("[a/b] and [c/d]", ["a and c", "a and d", "b and c", "b and d"]),
    ],
)
def test_slots_stand_for_all_their_alternatives(expression: str, spelt: list[str]) -> None:
    assert spellings(expression) == spelt
