"""Misspelt words are read as the words they stand for, and ordinary words are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.reading.typos import Vocabulary, distance, ordinary_words, vocabulary_arrays
from tests.reading.toy_names import chat, found

NAMES = [
    "Headache",
    "Seizure",
    "Tremor",
    "Heart failure",
    "Diarrhea",
    "Vomiting",
    "Sore throat",
    "Fever",
    "Rash",
    "Breathe",
    "Breath",
]
VOCABULARY = Vocabulary(vocabulary_arrays(NAMES))
WORDS = st.text("abcdeh", min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I have a headdache.", "Headache"),
        ("I had a siezure.", "Seizure"),
        ("My hands have a tremmor.", "Tremor"),
        ("Diarhea all night.", "Diarrhea"),
        ("He has astma.", "Asthma"),
        ("They found a hepatomegly.", "Hepatomegaly"),
        ("There is no diarhoea.", "Diarrhea"),
    ],
)
def test_a_misspelt_name_is_found_with_less_confidence(text: str, label: str) -> None:
    (finding,) = found(chat(f"P: {text}"))
    assert finding.label == label
    assert finding.confidence is not None and finding.confidence < 0.8
    assert finding.quote is not None and finding.quote in text


@pytest.mark.parametrize("word", ["hear", "soar", "tremble", "thought", "fewer", "leaver", "coughs", "asd", "trem0r"])
def test_ordinary_short_and_odd_words_stay(word: str) -> None:
    assert VOCABULARY.meant(word) is None


def test_between_two_candidates_as_good_none_is_chosen() -> None:
    assert Vocabulary(vocabulary_arrays(["gleeps", "gleaps"])).meant("gleips") is None
    assert Vocabulary(vocabulary_arrays(["gleeps", "gleeps", "gleaps"])).meant("gleips") == "gleeps"


def test_a_name_in_a_sentence_stays() -> None:
    assert found(chat("P: We live in Headdache now.")) == ()


def test_the_list_of_ordinary_words_knows_what_people_say() -> None:
    assert {"yesterday", "colour", "color", "daughter"} <= ordinary_words()


@given(WORDS, WORDS)
def test_distance_is_symmetric_and_zero_only_for_the_same_word(a: str, b: str) -> None:
    assert distance(a, b, 9) == distance(b, a, 9)
    assert (distance(a, b, 9) == 0) == (a == b)


@given(WORDS, st.integers(0, 8), st.sampled_from("abcdeh"))
def test_one_letter_more_is_one_step(word: str, at: int, letter: str) -> None:
    assert distance(word, word[:at] + letter + word[at:], 2) == 1


@pytest.mark.parametrize("word", ["charge", "provides", "conversion", "stopped", "hoping", "tried", "dimensional"])
def test_another_word_or_form_is_no_slip(word: str) -> None:
    names = ["change", "profiles", "convulsion", "stop", "hope", "try", "dimension"]
    assert Vocabulary(vocabulary_arrays(names)).meant(word) is None


def test_a_letter_beside_the_right_one_on_the_keyboard_is_a_slip() -> None:
    assert VOCABULARY.meant("trenor") == "tremor"
    assert VOCABULARY.meant("trebor") is None


def test_what_is_longer_than_any_word_stays() -> None:
    assert VOCABULARY.meant("h" * 300_000) is None
    assert found(chat("P: " + "a" * 300_000)) == ()
