"""The patient of a source: subject, age and sex put together from its first lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rarescale.reading.demographics import stated
from rarescale.reading.subject import NOTE_SUBJECT, Subject, find_subject
from rarescale.reading.tokens import sentences, tokenize
from rarescale.reading.wordlists import word_set
from rarescale.record import Chat, Note, Role, Sex

_FIRST_CHARACTERS = 400
_FIRST_MESSAGES = 2
_ENOUGH_PRONOUNS = 2
_HE, _SHE = word_set("he him his"), word_set("she her hers")

_FIRST_PERSON = word_set("i my me myself")
_THIRD_PERSON = _HE | _SHE | word_set("patient")


class Patient(NamedTuple):
    """Who the source is about; `age` in years."""

    subject: Subject
    age: float | None
    sex: Sex | None


def patient_of(source: Chat | Note, words: Sequence[str]) -> Patient:
    """The patient of a chat or note, as far as the first lines tell; `words` (lower case) all that speak of him."""
    return _of_note(source, words) if isinstance(source, Note) else _of_chat(source, words)


def _of_note(note: Note, words: Sequence[str]) -> Patient:
    told = stated(_opening(note.text))
    header = stated(_opening(note.text)[:1], formal=True)
    sex = told.sex or header.sex or _sex_of_pronouns(words)
    age = told.age if told.age is not None else header.age
    if sum(w in _FIRST_PERSON for w in words) > sum(w in _THIRD_PERSON for w in words):
        subject = find_subject(_opening(note.text), age=age, sex=sex)
        return Patient(subject, age, sex or subject.sex)
    return Patient(NOTE_SUBJECT, age, sex)


def _of_chat(chat: Chat, words: Sequence[str]) -> Patient:
    spoken = [m.content for m in chat.messages if m.role is Role.PATIENT]
    formal = stated([m.content for m in chat.messages if m.role is Role.SYSTEM], formal=True)
    opening = [line for text in spoken[:_FIRST_MESSAGES] for line in _opening(text)]
    free = stated(opening)
    age = formal.age if formal.age is not None else free.age
    headers = [m.content for m in chat.messages if m.role is Role.SYSTEM]
    subject = find_subject([*headers, *opening], age=age, sex=formal.sex)
    sex = formal.sex or subject.sex or free.sex
    if sex is None and subject.proxy:
        sex = _sex_of_pronouns(words)
    return Patient(subject, age, sex)


def _opening(text: str) -> list[str]:
    head = text[:_FIRST_CHARACTERS]
    return [head[s[0].start : s[-1].end] for s in sentences(tokenize(head))]


def _sex_of_pronouns(words: Sequence[str]) -> Sex | None:
    he, she = sum(w in _HE for w in words), sum(w in _SHE for w in words)
    if max(he, she) < _ENOUGH_PRONOUNS or min(he, she) * 3 > max(he, she):
        return None
    return Sex.MALE if he > she else Sex.FEMALE
