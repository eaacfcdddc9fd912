"""When a finding began, as far as the words and the patient's age tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.reading.onset import duration
from rarescale.record import years
from tests.reading.case_tables import cases
from tests.reading.toy_names import chat, found

HEADER = {"40": "Ann Lee, 40 years old, female.", "5": "Tom, 5 years old, male.", "": None}


@pytest.mark.parametrize(("age", "text", "label", "onset"), cases("onset_cases.tsv"))
def test_words_tell_when_a_finding_began(age: str, text: str, label: str, onset: str) -> None:
    (told,) = [f.onset for f in found(chat(f"P: {text}", system=HEADER[age])) if f.label == label]
    assert told == (onset or None)


def test_what_is_denied_has_no_onset() -> None:
    (absent,) = found(chat("P: I have had no fever since Monday.", system=HEADER["40"]))
    assert absent.onset is None


@given(st.floats(min_value=0, max_value=120))
def test_a_written_age_is_the_age_rounded_down(age: float) -> None:
    written = years(duration(age))
    assert written <= age + 1e-5
    assert age - written < (1 if age >= 2 else 1 / 12 + 1 / 365)
