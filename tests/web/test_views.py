from __future__ import annotations

import pytest

from rarescale.knowledge import CardLine
from rarescale.record import TermId
from rarescale.report import band
from rarescale.web.onsets import onset_word
from rarescale.web.views import percent, sureness


@pytest.mark.parametrize(
    ("frequency", "probability", "expected"),
    [
        ("1/1", 1.0, 2 / 3),
        ("246/754", 246 / 754, 247 / 756),
        ("Very frequent (80-99%)", 0.9, 0.9),
        ("1/1; Very frequent (80-99%)", 0.95, 0.95),
        ("not stated", 0.5, 0.0),
    ],
)
def test_a_frequency_is_worth_as_much_as_its_patients(frequency: str, probability: float, expected: float) -> None:
    line = CardLine(TermId("HP:1"), "x", probability, frequency, False, ())
    assert sureness(line) == pytest.approx(expected)


def test_probabilities_in_words() -> None:
    assert [band(p) for p in (1.0, 0.5, 0.2, 0.05, 0.01, 0.0)] == ["strong", "strong", "good", "fair", "weak", "remote"]
    assert (percent(0.0), percent(0.0099), percent(0.414)) == ("< 1 %", "< 1 %", "41 %")


def test_onsets_in_words() -> None:
    assert [onset_word(o) for o in ("HP:0003577", "P10Y", "P6M", "since May")] == [
        "at birth",
        "at 10 years",
        "at 6 months",
        "since May",
    ]
