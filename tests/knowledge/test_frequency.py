from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.knowledge import UNSTATED_PROBABILITY, Origin, parse_frequency


@pytest.mark.parametrize(
    ("text", "probability", "origin", "excluded"),
    [
        ("7/12", 7 / 12, Origin.COUNT, False),
        ("12/12", 1.0, Origin.COUNT, False),
        (" 1 / 4 ", 0.25, Origin.COUNT, False),
        ("0/7", 0.0, Origin.COUNT, True),
        ("45%", 0.45, Origin.PERCENT, False),
        ("12.5%", 0.125, Origin.PERCENT, False),
        ("100%", 1.0, Origin.PERCENT, False),
        ("0%", 0.0, Origin.PERCENT, True),
        ("HP:0040280", 1.0, Origin.CLASS, False),
        ("HP:0040281", 0.895, Origin.CLASS, False),
        ("HP:0040282", 0.545, Origin.CLASS, False),
        ("HP:0040283", 0.17, Origin.CLASS, False),
        ("HP:0040284", 0.025, Origin.CLASS, False),
        ("HP:0040285", 0.0, Origin.CLASS, True),
        ("Obligate", 1.0, Origin.CLASS, False),
        ("Very frequent", 0.895, Origin.CLASS, False),
        ("excluded", 0.0, Origin.CLASS, True),
        ("", UNSTATED_PROBABILITY, Origin.UNSTATED, False),
        ("   ", UNSTATED_PROBABILITY, Origin.UNSTATED, False),
    ],
)
def test_every_spelling_is_a_probability_with_its_origin(
    text: str, probability: float, origin: Origin, excluded: bool
) -> None:
    frequency = parse_frequency(text)
    assert frequency.probability == pytest.approx(probability)
    assert frequency.origin is origin
    assert frequency.excluded is excluded


@pytest.mark.parametrize(
    "text", ["8/7", "1/0", "150%", "-5%", "HP:0040279", "HP:0001250", "often", "1/2/3", "0.5", "/3", "%"]
)
def test_what_is_not_a_frequency_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValueError, match="frequency"):
        parse_frequency(text)


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_counts_are_a_probability_or_an_error(n: int, m: int) -> None:
    if n > m:
        with pytest.raises(ValueError, match="expected a probability"):
            parse_frequency(f"{n}/{m}")
    else:
        frequency = parse_frequency(f"{n}/{m}")
        assert 0.0 <= frequency.probability <= 1.0
        assert (frequency.n, frequency.m) == (n, m)
        assert frequency.excluded == (n == 0)


@given(st.text(max_size=20))
def test_any_text_gives_a_probability_or_an_error(text: str) -> None:
    try:
        frequency = parse_frequency(text)
    except ValueError:
        return
    assert 0.0 <= frequency.probability <= 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("7/12", "7/12"),
        ("45%", "45%"),
        ("", "not stated"),
        ("HP:0040281", "Very frequent (80-99%)"),
        ("HP:0040280", "Obligate (100%)"),
    ],
)
def test_a_frequency_is_said_in_words_a_reader_knows(text: str, words: str) -> None:
    assert parse_frequency(text).words == words
