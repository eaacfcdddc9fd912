"""Small cases to save."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rarescale.record import (
    Candidate,
    Chat,
    Differential,
    DiseaseId,
    Engine,
    Finding,
    Message,
    Reason,
    Release,
    Role,
    Sex,
    TermId,
)
from rarescale.store import Content, Edit, SignOff

SECRET = "Zwetschgenknödel"
"""A word that stands in texts of the patient only."""

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
TREMOR = Finding(id=TermId("HP:0001337"), text="shaky", label="Tremor", quote="shaky", message=0, span=(4, 9))
ABSENT = Edit(finding=TermId("HP:0001337"), change="absent", note=f"only after {SECRET}")
PRESENT = Edit(finding=TermId("HP:0001250"), change="present")
SIGNED = SignOff(statement=f"Wilson disease, once {SECRET} are ruled out", disease=DiseaseId("ORPHA:905"))


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def content(text: str = f"I feel shaky after {SECRET}.") -> Content:
    chat = Chat(id="p1", messages=(Message(role=Role.PATIENT, content=text),))
    return Content(title=f"Ms {SECRET}", input=chat, sex=Sex.FEMALE, age=34.5, findings=(TREMOR,))


def differential(release: str = "2025-01-16", ids: tuple[str, ...] = ("ORPHA:905", "OMIM:1")) -> Differential:
    reason = Reason(finding=TermId("HP:0001337"), direction="for", weight=0.1 + 0.2, kind="exact", source="PMID:1")
    candidates = tuple(
        Candidate(
            rank=rank,
            id=DiseaseId(id),
            ids=(DiseaseId(id),),
            name=f"disease {id}",
            score=-1.0 / 3 * rank,
            probability=0.5 / rank,
            reasons=(reason,),
        )
        for rank, id in enumerate(ids, 1)
    )
    return Differential(
        id=f"p1 {SECRET}",
        findings=(TREMOR,),
        knowledge=Release(release=release, hash=f"hash of {release}"),
        engine=Engine(name="rarescale", version="0.1"),
        differential=candidates,
        none_of_these=0.25,
    )
