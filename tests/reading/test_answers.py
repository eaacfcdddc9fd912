"""What the clinician asks for counts only through the patient's answer."""

from __future__ import annotations

import pytest

from rarescale.reading.answers import Answer, answer_to
from tests.reading.toy_names import chat, found, read

THREE = "Does he have fever, rash or cough?"


@pytest.mark.parametrize(
    ("question", "answer", "present", "absent"),
    [
        ("Any fits?", "No, never.", set(), {"Seizure"}),
        ("Any fits?", "Nope", set(), {"Seizure"}),
        ("Any fits?", "never", set(), {"Seizure"}),
        ("Any fits?", "Not that I know.", set(), {"Seizure"}),
        ("Any fits?", "Not at all", set(), {"Seizure"}),
        ("Any fits?", "I don't think so.", set(), {"Seizure"}),
        ("Any fits?", "No he is fine.", set(), {"Seizure"}),
        ("Any fits?", "No his sleep is calm.", set(), {"Seizure"}),
        ("Any fits?", "Oh no, thankfully.", set(), {"Seizure"}),
        ("Any fits?", "Yes, a lot.", {"Seizure"}, set()),
        ("Any fits?", "yeah", {"Seizure"}, set()),
        ("Any fits?", "Yep, every week", {"Seizure"}, set()),
        ("Any fits?", "Sometimes.", {"Seizure"}, set()),
        ("Any fits?", "He does.", {"Seizure"}, set()),
        ("Any fits?", "I don't know.", set(), set()),
        ("Any fits?", "Not sure, sorry", set(), set()),
        ("Any fits?", "No idea.", set(), set()),
        ("Any fits?", "We moved house in May.", set(), set()),
        ("Have you noticed any weight loss?", "Yes.", {"Weight loss"}, set()),
        (THREE, "No.", set(), {"Fever", "Rash", "Cough"}),
        (THREE, "None of those.", set(), {"Fever", "Rash", "Cough"}),
        (THREE, "Yes, all of them.", {"Fever", "Rash", "Cough"}, set()),
        (THREE, "No, just the rash.", {"Rash"}, {"Fever", "Cough"}),
        (THREE, "Just the rash.", {"Rash"}, {"Fever", "Cough"}),
        (THREE, "Yes, he has a rash.", {"Rash"}, set()),
        (THREE, "No fever, yes to the rash.", {"Rash"}, {"Fever"}),
        (THREE, "No, but he has a headache.", {"Headache"}, {"Fever", "Rash", "Cough"}),
        ("Fever or rash?", "Neither.", set(), {"Fever", "Rash"}),
        ("Fever or rash?", "Both.", {"Fever", "Rash"}, set()),
        ("So there is no fever?", "No.", set(), {"Fever"}),
        ("So there is no fever?", "Right.", set(), {"Fever"}),
        ("Is there pain anywhere?", "Yes, my knee hurts.", {"Knee pain"}, set()),
        ("Does anyone in the family have asthma?", "Yes.", set(), set()),
        ("Does anyone in your family have asthma?", "No.", set(), set()),
        ("I'd like to exclude meningitis.", "Yes.", set(), set()),
        ("He may have a fever. How is his sleep?", "No good.", set(), set()),
        ("Any cough? And any rash?", "No.", set(), {"Rash"}),
    ],
)
def test_answers(question: str, answer: str, present: set[str], absent: set[str]) -> None:
    assert read(chat(f"C: {question}", f"P: {answer}")) == (present, absent)


def test_the_clinician_states_no_findings() -> None:
    assert read(chat("C: You have a fever and a rash.", "P: Thank you.")) == (set(), set())


def test_a_question_is_answered_by_the_next_message_only() -> None:
    assert read(chat("C: Any fits?", "P: We keep a diary.", "P: Yes.")) == (set(), set())


def test_the_quote_is_the_answer_and_the_text_is_the_name_asked_for() -> None:
    (finding,) = found(chat("P: Hi.", "C: Any fits?", "P: No, never. He sleeps well."))
    assert (finding.text, finding.quote, finding.message) == ("Fits", "No, never.", 2)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("No fever", Answer.NONE),
        ("No.", Answer.NO),
        ("no no", Answer.NO),
        ("Nothing like that", Answer.NO),
        ("She hasn't.", Answer.NO),
        ("Yes", Answer.YES),
        ("Definitely", Answer.YES),
        ("Only at night", Answer.ONLY),
        ("Maybe", Answer.UNKNOWN),
        ("I can\u2019t say", Answer.UNKNOWN),
        ("", Answer.NONE),
        ("Nobody asked", Answer.NONE),
        ("Yesterday", Answer.NONE),
    ],
)
def test_kinds_of_answers(text: str, answer: Answer) -> None:
    assert answer_to(text) is answer
