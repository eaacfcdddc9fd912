"""The two offline writers: every finding is told once, in its state, by rules that also hold for language models."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from rarescale.knowledge import Knowledge
from rarescale.record import Message, Role, Sex
from rarescale.simulation.assigning import Assigner, remember
from rarescale.simulation.checking import violations
from rarescale.simulation.persona import draw_persona, introduction, spoken_age
from rarescale.simulation.writers import (
    Assignment,
    CannotWrite,
    Lexicon,
    OfflineWriter,
    Persona,
    TurnWriter,
    Wanted,
    WholeChatWriter,
)

from .test_cases import SLICE

Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def lexicon(hpo: Knowledge) -> Lexicon:
    return Lexicon(hpo)


@pytest.fixture(scope="module", params=["whole", "turns"])
def writer(request: pytest.FixtureRequest, lexicon: Lexicon) -> OfflineWriter:
    return WholeChatWriter(lexicon) if request.param == "whole" else TurnWriter(lexicon)


@pytest.fixture(scope="module")
def cases(hpo: Knowledge) -> Lines:
    """Case lines of a few diseases with findings drawn from all that patients can tell."""
    rng, ontology = Random(5), hpo.ontology
    told = [i for k, i in enumerate(ontology.ids) if ontology.answerable(k) in ("symptom", "told")]
    return [
        {
            "id": f"c{k}",
            "sex": rng.choice(("FEMALE", "MALE")),
            "age": rng.choice(("P6M", "P8Y", "P17Y", "P40Y", "P80Y")),
            "present": terms[:8],
            "absent": terms[8:],
            "diagnosis": [rng.choice(SLICE)],
            "diagnosis_name": "Some disease",
            "seed": k,
        }
        for k in range(60)
        for terms in (rng.sample(told, 12),)
    ]


@pytest.fixture(scope="module")
def assigner(hpo: Knowledge) -> Assigner:
    return Assigner(hpo)


def assignment(*wanted: Wanted, persona: Persona | None = None, seed: int = 1, **more: Any) -> Assignment:
    person = persona or Persona("Ann Lee", Sex.FEMALE, 34.0)
    return Assignment("t", seed, "Some disease", more.pop("forbidden", ()), person, wanted, **more)


TREMOR = Wanted("HP:0001337", "Tremor", True)
RASH = Wanted("HP:0000988", "Skin rash", False)


def told(messages: tuple[Message, ...], finding: str) -> str:
    return next(m.content for m in messages for f in m.labels if f.id == finding)


def labels(messages: tuple[Message, ...]) -> set[str]:
    return {str(f.id) for m in messages for f in m.labels}


def test_chats_keep_all_rules_of_the_checker(writer: OfflineWriter, assigner: Assigner, cases: Lines) -> None:
    for line in cases:
        given = assigner.assignment(line, line["seed"], {})
        try:
            found = violations(writer.voiced(given), writer.write(given))
        except CannotWrite:
            continue
        assert not [p.words for p in found]


def test_the_same_assignment_gives_the_same_chat_and_another_seed_another(writer: OfflineWriter) -> None:
    one, other = assignment(TREMOR, RASH), assignment(TREMOR, RASH, seed=2)
    assert writer.write(one) == writer.write(one)
    assert writer.write(one) != writer.write(other)


def test_the_first_turns_are_the_patient_and_a_greeting(writer: OfflineWriter) -> None:
    messages = writer.write(assignment(TREMOR, RASH))
    assert [m.role for m in messages[:3]] == [Role.SYSTEM, Role.CLINICIAN, Role.PATIENT]
    assert messages[0].content in ("Ann Lee, 34 years old, female.", "Ann Lee, female, 34 years old.")
    assert messages[2].labels


def test_an_earlier_message_is_not_repeated(writer: OfflineWriter) -> None:
    first = told(writer.write(assignment(TREMOR, RASH)), TREMOR.id)
    again = told(writer.write(assignment(Wanted(TREMOR.id, "Tremor", True, earlier=first), RASH)), TREMOR.id)
    assert again != first


def test_names_of_the_disease_are_not_voiced(writer: OfflineWriter) -> None:
    for seed in range(40):
        messages = writer.write(assignment(TREMOR, RASH, seed=seed, forbidden=("Tremor", "Shaky hands")))
        assert not [m for m in messages if "tremor" in m.content.lower()]


def test_reserved_words_are_for_test_chats_only(lexicon: Lexicon, writer: OfflineWriter) -> None:
    ache = Wanted("HP:0000508", "Ptosis", True)
    choices = lexicon.choices(ache.id, "i", is_present=True)
    free = " ".join(c.bare.lower() for c in choices if not c.reserved)
    kept = {c.bare.lower() for c in choices if c.reserved and c.bare.lower() not in free}
    assert kept

    def said(*, opened: bool) -> list[str]:
        chats = (writer.write(assignment(ache, RASH, seed=s, may_use_reserved=opened)) for s in range(60))
        return [told(chat, ache.id).lower() for chat in chats]

    assert not [text for text in said(opened=False) if any(k in text for k in kept)]
    assert [text for text in said(opened=True) if any(k in text for k in kept)]


def test_a_parent_speaks_of_the_child_and_never_of_itself(writer: OfflineWriter) -> None:
    child = Persona("Tom Lee", Sex.MALE, 5.0, speaker="mother")
    for seed in range(30):
        text = told(writer.write(assignment(TREMOR, RASH, persona=child, seed=seed)), RASH.id).lower()
        assert " my skin" not in text and "i don't have" not in text


def test_what_has_no_words_is_left_out_and_a_chat_needs_a_complaint(writer: OfflineWriter) -> None:
    unheard = Wanted("RSF:9999", "Unheard of", True)
    assert labels(writer.write(assignment(TREMOR, unheard))) == {TREMOR.id}
    with pytest.raises(CannotWrite, match="no present finding"):
        writer.write(assignment(RASH))


def test_what_no_layperson_would_deny_is_not_voiced(writer: OfflineWriter) -> None:
    textbook = Wanted("HP:0006501", "Aplasia/Hypoplasia of the radius", False)
    assert labels(writer.write(assignment(TREMOR, RASH, textbook))) == {TREMOR.id, RASH.id}


def test_nothing_is_denied_that_contradicts_what_is_present(writer: OfflineWriter) -> None:
    fits = Wanted("HP:0001250", "Seizure", False)
    big = Wanted("HP:0002069", "Bilateral tonic-clonic seizure", True)
    assert labels(writer.write(assignment(big, fits))) == {big.id}


def test_findings_fit_age_and_sex(writer: OfflineWriter) -> None:
    late = Wanted("HP:0001270", "Motor delay", True)
    grown = told(writer.write(assignment(TREMOR, late)), late.id).lower()
    assert "as a child" in grown or "late" in grown
    undescended = Wanted("HP:0000028", "Cryptorchidism", True)
    assert labels(writer.write(assignment(TREMOR, undescended))) == {TREMOR.id}
    disabled = Wanted("HP:0001249", "Intellectual disability", True)
    baby = Persona("Tom Lee", Sex.MALE, 0.5, speaker="mother")
    fever = Wanted("HP:0001945", "Fever", True)
    assert labels(writer.write(assignment(fever, disabled, persona=baby))) == {fever.id}


def test_every_slot_is_filled_and_questions_have_answers_of_their_own(
    writer: OfflineWriter, assigner: Assigner, cases: Lines
) -> None:
    for line in cases:
        try:
            messages = writer.write(assigner.assignment(line, line["seed"], {}))
        except CannotWrite:
            continue
        assert not [m.content for m in messages if set("{}[]|") & set(m.content)]
        assert all(sum(f.state.value != "present" for f in m.labels) <= 2 for m in messages)


def test_memory_keeps_the_message_of_each_finding(writer: OfflineWriter) -> None:
    memory: dict[str, str] = {}
    messages = writer.write(assignment(TREMOR, RASH))
    remember(memory, messages)
    assert memory == {"HP:0001337+": told(messages, TREMOR.id), "HP:0000988-": told(messages, RASH.id)}


def test_personas_fit_their_age_and_do_not_depend_on_order() -> None:
    for seed in range(200):
        child = draw_persona(Sex.MALE, 4.0, seed)
        assert child.speaker in ("mother", "father")
        assert child.register not in ("teen", "elderly")
        assert draw_persona(Sex.FEMALE, 40.0, seed, spoken_for=True).speaker != "self"
        assert draw_persona(Sex.MALE, 4.0, seed) == child


@pytest.mark.parametrize(
    ("age", "words"),
    [(6 / 365.25, "6 days old"), (0.5, "6 months old"), (1 + 11 / 12, "23 months old"), (34.6, "34 years old")],
)
def test_an_age_in_words(age: float, words: str) -> None:
    assert spoken_age(age) == words
    assert words in introduction(Persona("Ann Lee", Sex.FEMALE, age))
