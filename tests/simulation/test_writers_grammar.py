"""The grammar of lay expressions: their shape, and how they are said of oneself or of somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.simulation.wording import Person, absent, adapted, parse, present, with_article

PERSONS: tuple[Person, ...] = ("i", "he", "she")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("pounding head", "np"),
        ("lump in the groin when coughing", "np"),
        ("head is pounding", "clause"),
        ("eyes leaking", "clause"),
        ("hands shake", "clause"),
        ("calcium too high", "clause"),
        ("goes stiff and shakes", "vp"),
        ("have to run to the loo", "vp"),
        ("had a fit", "past"),
        ("can't smell gas", "modal"),
        ("floppy", "be"),
        ("slow to get teeth", "be"),
        ("born with tiny lungs", "born"),
        ("losing my sense of smell", "ing"),
        ("like a rag doll", "like"),
    ],
)
def test_the_shape_of_an_expression(text: str, shape: str) -> None:
    assert parse(text).shape == shape


@pytest.mark.parametrize(
    ("text", "person", "said"),
    [
        ("head is pounding", "i", "my head is pounding"),
        ("head is pounding", "she", "her head is pounding"),
        ("eyes leaking", "he", "his eyes are leaking"),
        ("calcium too high", "i", "my calcium is too high"),
        ("goes stiff and shakes", "i", "I go stiff and shake"),
        ("goes stiff and shakes", "he", "he goes stiff and shakes"),
        ("have to squint to see signs", "she", "she has to squint to see signs"),
        ("shakes as soon as he tries to use his hand", "i", "I shake as soon as I try to use my hand"),
        ("lump in the groin", "i", "a lump in the groin"),
        ("aneurysm in the lung artery", "i", "an aneurysm in the lung artery"),
        ("stiff joints", "i", "stiff joints"),
        ("hearing loss", "i", "hearing loss"),
        ("floppy", "she", "she's floppy"),
        ("born with tiny lungs", "he", "he was born with tiny lungs"),
        ("dentist says the lower jaw sits back", "i", "the dentist says the lower jaw sits back"),
        ("hurts to swallow", "i", "it hurts to swallow"),
        ("can't settle her", "she", "we can't settle her"),
        ("baby has gone quiet", "he", "he has gone quiet"),
    ],
)
def test_what_is_present_agrees_with_the_person(text: str, person: Person, said: str) -> None:
    phrase = present(parse(text), person)
    assert phrase is not None
    assert phrase.text == said


@pytest.mark.parametrize(
    ("text", "person", "said"),
    [
        ("lump in the groin", "i", "lump in the groin"),
        ("head is pounding", "she", "her head isn't pounding"),
        ("hands shake", "i", "my hands don't shake"),
        ("stomach swells after eating", "i", "my stomach doesn't swell after eating"),
        ("floppy", "he", "he's not floppy"),
        ("skin has red patches", "he", "his skin doesn't have red patches"),
    ],
)
def test_what_is_absent_is_denied_once(text: str, person: Person, said: str) -> None:
    phrase = absent(parse(text), person)
    assert phrase is not None
    assert phrase.text == said


@pytest.mark.parametrize(
    "text", ["can't smell gas", "no hair on the legs", "doesn't sweat", "without an eye", "the scan showed a cyst"]
)
def test_what_is_negative_or_reported_is_never_denied(text: str) -> None:
    assert all(absent(parse(text), person) is None for person in PERSONS)


def test_of_oneself_nobody_says_he_and_of_a_child_nobody_says_i() -> None:
    assert adapted("his feet turn in when she walks", "i") == "my feet turn in when I walk"
    assert adapted("my feet turn in when I walk", "she") == "her feet turn in when she walks"


def test_mixed_speakers_are_left_alone() -> None:
    assert adapted("he never looks at me", "i") is None


@given(st.text(alphabet="abcdeghilmnoprstuvwy '", max_size=40), st.sampled_from(PERSONS))
def test_any_text_is_parsed_and_said_or_refused(text: str, person: Person) -> None:
    if not text.strip(" '"):
        return
    phrase = present(parse(text.strip()), person)
    assert phrase is None or phrase.text.strip()


@given(st.sampled_from(["cyst", "ulcer", "red spot", "swollen ankle", "odd smell"]))
def test_an_article_is_put_once(noun: str) -> None:
    once = with_article(noun)
    assert once.split(" ", 1)[0] in ("a", "an")
    assert with_article(once) == once
