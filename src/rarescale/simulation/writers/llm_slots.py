"""What goes into the slots of the prompts: profile, findings and transcripts, as JSON that holds data and no more.

Names, definitions and earlier messages come from files or from other models. Each is one JSON string on one line, cut
at a length, so that none of it can pass for another part of the prompt.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rarescale.record import Finding, Message, Sex, State
from rarescale.simulation.writers.contract import Assignment, Persona, Wanted
from rarescale.simulation.writers.introduction import spoken_age

LONGEST_DEFINITION = 500
"""Characters of a definition or an earlier message that are told."""

SPEAKERS = {
    "self": "the patient",
    "mother": "the patient's mother",
    "father": "the patient's father",
    "partner": "the patient's partner",
    "daughter": "the patient's daughter",
    "son": "the patient's son",
}
"""Who types, in words."""

MANNERS = {
    "plain": "plain everyday English",
    "elderly": "an old person: polite, long-winded, a little old-fashioned",
    "teen": "a teenager: short, lower case, chat slang",
    "non-native": "English as a foreign language: simple words, small mistakes",
    "regional": "regional, spoken English of that place",
    "doctor": "educated; uses the words that doctors used to them",
}
"""Manners of writing, in words."""

SEXES = {Sex.FEMALE: "female", Sex.MALE: "male"}


def profile_slot(persona: Persona) -> str:
    """The patient and who writes for them."""
    told = {
        "name": persona.name,
        "age": spoken_age(persona.age),
        "sex": SEXES.get(persona.sex, "not told"),
        "ethnicity": persona.ethnicity,
        "education": persona.education,
        "place": persona.place,
        "speaker": SPEAKERS[persona.speaker],
        "manner of writing": MANNERS[persona.register],
    }
    return _line({k: _plain(v) for k, v in told.items() if v})


def disease_slot(assignment: Assignment) -> str:
    """The disease that the writer knows of."""
    return _line(_plain(assignment.disease_name))


def never_say_slot(assignment: Assignment) -> str:
    """Every name that nobody may use."""
    return _line([_plain(n) for n in dict.fromkeys((assignment.disease_name, *assignment.forbidden))])


def findings_slot(findings: Iterable[Wanted], *, hints: bool = True) -> str:
    """One finding a line; `hints` adds the message of an earlier patient."""
    return _lines([_finding(f, hints) for f in findings])


def _finding(finding: Wanted, hints: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"id": finding.id, "label": _plain(finding.label), "present": finding.present}
    if finding.definition:
        told["definition"] = _plain(finding.definition)
    if hints and finding.earlier:
        told["earlier message of another patient"] = _plain(finding.earlier)
    return told


def transcript_slot(messages: Sequence[Message], *, labels: bool = False) -> str:
    """One message a line, numbered from 0; with the findings it is said to tell where `labels` is set."""
    return _lines([_message(k, m, labels) for k, m in enumerate(messages)])


def _message(number: int, message: Message, labels: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"message": number, "role": message.role.value, "text": message.content}
    if labels and message.labels:
        told["findings"] = [_label(f) for f in message.labels]
    return told


def _label(finding: Finding) -> dict[str, Any]:
    return {"id": finding.id, "present": finding.state is State.PRESENT, "quote": finding.quote or ""}


def _lines(items: list[dict[str, Any]]) -> str:
    return "\n".join(_line(item) for item in items) or "(none)"


def _line(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


def _plain(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_DEFINITION else words[:LONGEST_DEFINITION].rsplit(" ", 1)[0] + " …"
