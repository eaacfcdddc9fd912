"""Age and sex as first lines tell them."""

from __future__ import annotations

import pytest

from rarescale.record import Chat, Note, Sex
from tests.reading.toy_names import READER, chat, note

F, M = Sex.FEMALE, Sex.MALE


@pytest.mark.parametrize(
    ("source", "age", "sex"),
    [
        (chat(system="Ann Lee, 34 years old, female."), 34, F),
        (chat(system="Name: X. Age: 5 years. Sex: male."), 5, M),
        (chat(system="Name: Y. Age: 2 months. Sex: female."), 2 / 12, F),
        (chat(system="Luca, 5 years old, male"), 5, M),
        (chat(system="Marco Bellini, 24, male"), 24, M),
        (chat(system="Harold Jennings, 76, male (his wife Doreen is writing)"), 76, M),
        (chat(system="Elias, 2 months old, male"), 2 / 12, M),
        (chat("P: Hi, my 6 year old daughter has a rash."), 6, F),
        (chat("P: My son. He is 5 and a half."), 5.5, M),
        (chat("P: My son is 4 and a half years old."), 4.5, M),
        (chat("P: I'm 34 and have a rash."), 34, None),
        (chat("P: I am a 29 year old woman."), 29, F),
        (chat("P: 34F, rash since May"), 34, F),
        (chat("P: 34 yo woman here"), 34, F),
        (chat("P: (28/M) headaches"), 28, M),
        (chat("P: I'm writing for my husband. He is sixty-two years old."), 62, M),
        (chat("P: Our baby girl is three weeks old."), 3 * 7 / 365.25, F),
        (chat("P: My newborn son has a rash."), 0, M),
        (chat("P: I have had this for 3 years."), None, None),
        (chat("P: Fever of 39 since 2 days."), None, None),
        (chat("P: A rash."), None, None),
        (note("A 3-month-old boy with seizures."), 0.25, M),
        (note("34 yo woman with fever."), 34, F),
        (note("This 7-year-old girl was referred."), 7, F),
        (note("A female infant aged 10 days had jaundice."), 10 / 365.25, F),
        (note("He has fever. He was seen twice."), None, M),
        (note("Fever and rash."), None, None),
        (note("The 300-year-old house."), None, None),
    ],
)
def test_age_in_years_and_sex(source: Chat | Note, age: float | None, sex: Sex | None) -> None:
    reading = READER.read(source)
    assert reading.age == (None if age is None else pytest.approx(age))
    assert reading.sex is sex


def test_the_header_is_believed_before_the_speaker() -> None:
    reading = READER.read(chat("P: I am 40, my daughter is ill.", system="Mia, 4 years old, female"))
    assert (reading.age, reading.sex) == (4, F)
