"""Examples and simulated patients that ship with the page; all of them are invented."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rarescale.diagnose import Diagnoser
from rarescale.errors import InputError
from rarescale.interview import Answer, SimulatedPatient
from rarescale.record import Case, Chat, Message, Role
from rarescale.web.actions import answered, loaded
from rarescale.web.bench import Bench

MOST_AT_ONCE = 3
"""Findings that one question in free words may ask about."""

_CHANGES = {Answer.YES: "present", Answer.NO: "absent", Answer.UNKNOWN: "unknown"}


@dataclass(frozen=True)
class Example:
    """Something to open: `name` is its address, `shows` one line on why it is worth a look."""

    name: str
    title: str
    shows: str
    content: dict[str, Any]


@cache
def examples() -> tuple[Example, ...]:
    """Chats, notes and cases, in the order of the page."""
    return _read("examples.json")


@cache
def simulated() -> tuple[Example, ...]:
    """Patients to talk with; `content` is a case line with an `opening` and the diagnosis."""
    return _read("patients.json")


def _read(name: str) -> tuple[Example, ...]:
    text = files("rarescale.web").joinpath("examples", name).read_text(encoding="utf-8")
    return tuple(Example(**item) for item in json.loads(text))


def open_example(name: str) -> Bench | None:
    """The bench of an example; None where there is none of that name."""
    found = next((e for e in examples() if e.name == name), None)
    if found is None:
        return None
    text = found.content.get("text")
    return loaded(text if isinstance(text, str) else json.dumps(found.content))


def open_patient(name: str) -> Bench | None:
    """The beginning of a conversation with a simulated patient."""
    found = _patient(name)
    if found is None:
        return None
    who, opening = found.content["who"], found.content["opening"]
    messages = (Message(role=Role.SYSTEM, content=who), Message(role=Role.PATIENT, content=opening))
    return Bench(talk=Chat(id=name, messages=messages), patient=name)


def truth(name: str) -> Example | None:
    """The simulated patient with its diagnosis."""
    return _patient(name)


def ask_patient(bench: Bench, term: str, question: str, diagnoser: Diagnoser) -> Bench:
    """The simulated patient's answer to a question about a term."""
    patient = _simulated(bench, diagnoser)
    if diagnoser.knowledge.ontology.index(term) is None:
        raise InputError(
            f"the question: found {term[:40]!r}; expected the id of a finding. Use the buttons of the page.",
            kind="form",
        )
    return answered(bench, term, _CHANGES[patient.answer(term)], question)


def ask_freely(bench: Bench, question: str, diagnoser: Diagnoser) -> Bench:
    """The answers to a question in free words: it is read as if it had been answered with yes."""
    patient = _simulated(bench, diagnoser)
    question = question.strip()
    turns = (Message(role=Role.CLINICIAN, content=question[:500]), Message(role=Role.PATIENT, content="Yes."))
    found = diagnoser.reader.read(Chat(id="question", messages=turns)).findings if question else ()
    terms = list(dict.fromkeys(f.id for f in found if f.id))[:MOST_AT_ONCE]
    if not terms:
        raise InputError(
            "your question: found no finding in it; expected one, such as “Any fits?” or “Do your joints hurt?”. "
            "Ask about one symptom, or use a question of “Ask next”.",
            kind="question",
        )
    for number, term in enumerate(terms):
        words = question if number == 0 else str(diagnoser.knowledge.ontology.label(term)) + "?"
        bench = answered(bench, term, _CHANGES[patient.answer(term)], words)
    return bench


def _simulated(bench: Bench, diagnoser: Diagnoser) -> SimulatedPatient:
    found = _patient(bench.patient or "")
    if found is None:
        raise InputError(
            "the simulated patient: found none of that name; expected one of the list. Start again from the list.",
            kind="form",
        )
    case = loaded(json.dumps({k: found.content[k] for k in ("id", "sex", "age", "present", "absent")})).case
    assert case is not None  # it has `present`
    return SimulatedPatient(diagnoser.knowledge.ontology, Case.model_validate(case))


def _patient(name: str) -> Example | None:
    return next((e for e in simulated() if e.name == name), None)
