"""Present, absent, another person's, only thought of, or over: told by the words around a finding."""

from __future__ import annotations

import pytest

from rarescale.record import Chat
from tests.reading.toy_names import chat, found, note, read


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("No fever.", "", "Fever"),
        ("I have no fever, chills or rash.", "", "Fever+Chills+Rash"),
        ("No fever but a rash.", "Rash", "Fever"),
        ("No fever, but I do have a rash.", "Rash", "Fever"),
        ("No fever, just a cough.", "Cough", "Fever"),
        ("No fever, only a cough.", "Cough", "Fever"),
        ("No fever and he has a rash.", "Rash", "Fever"),
        ("no fever, I have a cough", "Cough", "Fever"),
        ("No fever, my rash is worse.", "Rash", "Fever"),
        ("Cough, no fever.", "Cough", "Fever"),
        ("Cough without fever or chills.", "Cough", "Fever+Chills"),
        ("I don't have a fever.", "", "Fever"),
        ("I don\u2019t have a fever.", "", "Fever"),
        ("i dont have a fever", "", "Fever"),
        ("I have never had seizures.", "", "Seizure"),
        ("Neither fever nor cough.", "", "Fever+Cough"),
        ("I have none of the fever, cough or rash.", "", "Fever+Cough+Rash"),
        ("I am free of rash.", "", "Rash"),
        ("Denies fever, chills and cough.", "", "Fever+Chills+Cough"),
        ("Denies fever, has a rash.", "Rash", "Fever"),
        ("Anemia was ruled out.", "", "Anemia"),
        ("They ruled out anemia.", "", "Anemia"),
        ("The test for anemia was negative.", "", "Anemia"),
        ("Fever: none", "", "Fever"),
        ("Fever - no, cough - no", "", "Fever+Cough"),
        ("Exam: no fever, no jaundice.", "", "Fever+Jaundice"),
        ("Cough - no fever.", "Cough", "Fever"),
        ("No fever (rash since May).", "Rash", "Fever"),
        ("Jaundice was not seen.", "", "Jaundice"),
        ("My liver is not enlarged.", "", "Hepatomegaly"),
        ("No fever although I have chills.", "Chills", "Fever"),
        ("No fever except when the rash came.", "Rash", "Fever"),
        ("Not only fever, also a rash.", "Fever+Rash", ""),
        ("There is no change in my cough.", "Cough", ""),
        ("The cough is not better.", "Cough", ""),
        ("I have a fever and it won't stop, no idea why.", "Fever", ""),
        ("My rash doesn't go away.", "Rash", ""),
        ("Nothing helps my headache.", "Headache", ""),
        ("I have a nonspecific rash.", "Rash", ""),
        ("Tendon reflexes were absent.", "Areflexia", ""),
        ("He was born with absent nails.", "Absent nails", ""),
        ("Fever was absent.", "", "Fever"),
        ("I can't walk and have no rash.", "Inability to walk", "Rash"),
        ("Fainted without warning, then had a seizure.", "Seizure", ""),
        ("No, I have a fever.", "Fever", ""),
        ("No. Fever, yes.", "Fever", ""),
        ("no fever no cough no rash", "", "Fever+Cough+Rash"),
        ("I have no fever because it is treated, but a cough.", "Cough", "Fever"),
    ],
)
def test_negation(text: str, present: str, absent: str) -> None:
    assert read(text) == (labels(present), labels(absent))


def labels(text: str) -> set[str]:
    """Labels joined by "+"."""
    return set(filter(None, text.split("+")))


@pytest.mark.parametrize(
    "text",
    [
        "My sister has asthma.",
        "My father had seizures and diabetes.",
        "My mother's brother had a tremor.",
        "Diabetes runs in the family.",
        "There is a family history of scoliosis.",
        "There is no family history of scoliosis.",
        "No one in my family has asthma.",
        "My husband has a cough, he has a fever too.",
        "My cousins have migraines.",
    ],
)
def test_findings_of_others_are_left_out(text: str) -> None:
    assert read(chat("P: I am 40 and need advice.", "C: Go on.", f"P: {text}")) == (set(), set())


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("My sister has asthma, I have a cough.", "Cough"),
        ("My mother says I have a tremor.", "Tremor"),
        ("My wife noticed jaundice.", "Jaundice"),
        ("I live with my brother and have a cough.", "Cough"),
        ("My sister and I have scoliosis.", "Scoliosis"),
        ("My father had diabetes. I have a rash.", "Rash"),
    ],
)
def test_speech_returns_to_the_patient(text: str, label: str) -> None:
    assert label in read(text)[0]


SON = "P: Hello, I'm writing about my son Tom. He is 4."


@pytest.mark.parametrize(
    ("source", "labels"),
    [
        (chat(SON, "C: Go on.", "P: He has seizures."), {"Seizure"}),
        (chat(SON, "C: Go on.", "P: My son has seizures."), {"Seizure"}),
        (chat(SON, "C: Go on.", "P: My daughter has seizures."), set()),
        (chat(SON, "C: Go on.", "P: His father has asthma."), set()),
        (chat(SON, "C: Go on.", "P: His sister had a rash, he has a cough."), {"Cough"}),
        (chat(SON, "C: Go on.", "P: I have asthma myself."), set()),
        (chat(SON, "C: Go on.", "P: I have noticed a rash."), {"Rash"}),
        (chat("P: My daughter has a fever."), {"Fever"}),
        (chat("P: It's for my little girl. She has a fever."), {"Fever"}),
        (chat("P: Hi, I'm Elias's dad. He has a fever."), {"Fever"}),
        (chat("P: She has a fever.", system="Mia, 2 years old, female"), {"Fever"}),
        (chat("P: I'm writing for my husband Harold. He has a tremor. My son has asthma."), {"Tremor"}),
        (chat("P: He has a tremor.", system="Harold, 76, male (his wife Doreen is writing)"), {"Tremor"}),
        (chat("P: I have a fever. My son has a rash.", system="Ann, 34, female"), {"Fever"}),
    ],
)
def test_the_first_lines_tell_who_the_patient_is(source: Chat, labels: set[str]) -> None:
    assert read(source)[0] == labels


@pytest.mark.parametrize(
    "text",
    [
        "If I get a fever I will call.",
        "I take it in case of fever.",
        "I am worried about meningitis.",
        "I was told of the risk of deafness.",
        "They want to rule out meningitis.",
        "Could it be meningitis?",
        "Is it meningitis?",
        "They checked me for anemia.",
        "I wonder if it is depression.",
        "I read about migraine.",
    ],
)
def test_what_is_only_thought_of_is_no_finding(text: str) -> None:
    assert read(text) == (set(), set())


def test_a_statement_before_a_question_counts() -> None:
    assert read("I have a rash, is that normal?")[0] == {"Rash"}


@pytest.mark.parametrize(
    "text", ["They tested him for autism and he doesn't have it.", "Tests for anemia were negative."]
)
def test_a_result_answers_a_test(text: str) -> None:
    assert read(text)[0] == set() and len(read(text)[1]) == 1


@pytest.mark.parametrize(
    "text",
    ["My rash went away.", "The cough has cleared up.", "I no longer have a cough.", "I grew out of asthma."],
)
def test_what_is_over_is_neither_present_nor_absent(text: str) -> None:
    assert read(text) == (set(), set())


@pytest.mark.parametrize("text", ["I used to have asthma.", "As a child I had asthma.", "Years ago I had asthma."])
def test_the_past_belongs_to_the_picture(text: str) -> None:
    assert read(text)[0] == {"Asthma"}


@pytest.mark.parametrize(
    "text", ["Maybe a fever.", "I think I have a fever.", "It might be a fever.", "A possible fever."]
)
def test_doubt_lowers_the_confidence(text: str) -> None:
    (doubtful,), (sure,) = found(chat(f"P: {text}")), found(chat("P: I have a fever."))
    assert doubtful.confidence is not None and sure.confidence is not None
    assert doubtful.confidence < sure.confidence


def test_a_denied_finding_is_quoted_with_its_denial() -> None:
    absent = {f.label: f.quote for f in found(note("He had no fever, chills or rash."))}
    assert absent == {"Fever": "no fever", "Chills": "no fever, chills", "Rash": "no fever, chills or rash"}


def test_a_contradiction_is_present_with_a_warning_naming_both_quotes() -> None:
    from tests.reading.toy_names import READER, states

    reading = READER.read(chat("P: I have no fever.", "C: Anything else?", "P: At night I have a high fever."))
    assert states(reading) == ({"Fever"}, set())
    (warning,) = reading.warnings
    assert "'no fever'" in warning and "message 2" in warning and "message 0" in warning


def test_headings_of_a_note_keep_the_family_apart() -> None:
    text = "A 3-month-old boy with seizures.\nFamily history: father with asthma.\nExam: jaundice, no edema."
    assert read(note(text)) == ({"Seizure", "Jaundice"}, {"Edema"})


def test_a_wrapped_line_does_not_end_the_sentence() -> None:
    assert read(note("There was no fever, chills\nor rash."))[1] == {"Fever", "Chills", "Rash"}
