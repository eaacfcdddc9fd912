"""Scripted models and small real objects for these tests."""

from __future__ import annotations

import json
from typing import Any

from rarescale.differential import CandidateName, DiseaseNames, Patient, Settings, weigh
from rarescale.llm import Request, Scripted, drive
from rarescale.llm.scripted import Line
from rarescale.record import (
    Arm,
    Candidate,
    Case,
    Chat,
    Differential,
    DiseaseId,
    Engine,
    Finding,
    Message,
    Note,
    Reason,
    Release,
    Role,
    TermId,
)

SAID = "My hands shake, and I am thirsty all day."
COPPERFIELD = CandidateName(DiseaseId("OMIM:100001"), "Copperfield disease")
THIRST = CandidateName(DiseaseId("DECIPHER:1"), "Thirst deletion")


def chat(*said: str, id: str = "t1") -> Chat:
    return Chat(id=id, messages=tuple(Message(role=Role.PATIENT, content=text) for text in said or (SAID,)))


def offline(id: str = "t1") -> Differential:
    """What was computed without a model: thirst deletion first, Copperfield disease second."""
    reason = Reason(finding=TermId("HP:0000103"), direction="for", weight=1.5, kind="exact")
    listed = (
        Candidate(
            rank=1, id=THIRST.id, ids=(THIRST.id,), name=THIRST.name, score=3.0, probability=0.6, reasons=(reason,)
        ),
        Candidate(
            rank=2,
            id=COPPERFIELD.id,
            ids=(COPPERFIELD.id, DiseaseId("ORPHA:11")),
            name=COPPERFIELD.name,
            score=2.0,
            probability=0.3,
        ),
    )
    return Differential(
        id=id,
        findings=(Finding(id=TermId("HP:0001337"), text="hands shake", label="Tremor"),),
        knowledge=Release(release="toy", hash="0"),
        engine=Engine(name="offline", version="0"),
        differential=listed,
        none_of_these=0.1,
    )


def entry(name: str, quotes: tuple[str, ...] = (), likelihood: str = "high", why: str = "It fits.") -> dict[str, Any]:
    return {"name": name, "likelihood": likelihood, "reasons": [why], "quotes": list(quotes)}


def thoughts(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "why": "It fits."} for name in names]


def verdicts(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "keep": True, "why": "It fits."} for name in names]


def one_pass(*names: str, **changes: Any) -> str:
    return json.dumps({"first_pass": thoughts(*names), "diagnoses": [entry(n) for n in names]} | changes)


def two_pass(first: list[str], shown: list[str], final: list[dict[str, Any]]) -> str:
    return json.dumps({"first_pass": thoughts(*first), "candidate_pass": verdicts(*shown), "diagnoses": final})


def weighed(
    names: DiseaseNames, *lines: Line, arm: Arm = "none", source: Case | Chat | Note | None = None, **settings: Any
) -> tuple[Differential, list[Request]]:
    """The answer of one task whose model says `lines` in order, and the requests it made."""
    model = Scripted(lines)
    source = source or chat()
    candidates = (COPPERFIELD, THIRST) if arm in ("rarescale", "expert") else ()
    patient = Patient(source, offline(source.id), candidates)
    return drive(weigh(patient, names, Settings("toy", arm, **settings)), model), model.history
