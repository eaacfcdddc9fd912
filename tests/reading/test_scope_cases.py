"""Many small sentences: whose finding it is, and whether it is there."""

from __future__ import annotations

import pytest

from rarescale.record import Chat
from tests.reading.case_tables import cases
from tests.reading.toy_names import chat, read

OPENING = {"a": "P: I am 40 and need advice.", "s": "P: Hello, I'm writing about my son Tom. He is 4."}


def spoken(speaker: str, text: str) -> Chat:
    return chat(OPENING[speaker], "C: Go on.", f"P: {text}")


@pytest.mark.parametrize(("speaker", "text", "present", "absent"), cases("scope_cases.tsv"))
def test_a_sentence_says_whose_finding_it_is_and_whether_it_is_there(
    speaker: str, text: str, present: str, absent: str
) -> None:
    expected = tuple(set(filter(None, labels.split("+"))) for labels in (present, absent))
    assert read(spoken(speaker, text)) == expected
