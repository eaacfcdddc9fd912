"""A bench as a content to save, and a saved case as the bench it was: the same talk, findings, edits, sex and age."""

from __future__ import annotations

from typing import Literal

from rarescale.record import Case, Finding, TermId
from rarescale.store import Content, SavedCase
from rarescale.store import Edit as SavedEdit
from rarescale.web.bench import MOST_EDITS, NAME, Bench, Edit
from rarescale.web.picture import Picture

NOBODY = Case(id=NAME)
"""Stands for the input where only findings were entered by hand."""


def content_of(picture: Picture, title: str) -> Content:
    """What is saved of a bench besides its edits."""
    bench, answer = picture.bench, picture.answer
    by_hand: list[Literal["sex", "age"]] = []
    if bench.sex is not None:
        by_hand.append("sex")
    if bench.age is not None:
        by_hand.append("age")
    return Content(
        title=title,
        input=bench.talk or bench.case or NOBODY,
        sex=answer.sex,
        age=answer.age,
        findings=picture.read,
        uncertain=answer.uncertain,
        given=bench.case if bench.talk else None,
        by_hand=tuple(by_hand),
        among=bench.among,
        simulated=bench.patient,
    )


def edits_of(bench: Bench) -> tuple[SavedEdit, ...]:
    """The edits in force, in order."""
    return tuple(
        SavedEdit(
            finding=TermId(edit.id),
            change=edit.change,
            onset=edit.onset,
            note=edit.note,
            asked=edit.asked,
            message=edit.at,
        )
        for edit in bench.edits
    )


def bench_of_saved(saved: SavedCase) -> Bench:
    """The bench that was saved."""
    content, given = saved.content, saved.content.input
    case = given if isinstance(given, Case) else content.given
    return Bench(
        talk=None if isinstance(given, Case) else given,
        case=None if case == NOBODY else case,
        edits=tuple(_edit(edit) for edit in saved.edits[-MOST_EDITS:]),
        sex=content.sex if "sex" in content.by_hand else None,
        age=content.age if "age" in content.by_hand else None,
        among=content.among,
        patient=content.simulated,
    )


def read_otherwise(content: Content, now: Picture) -> str:
    """What the program of today reads otherwise than the one that saved; empty where it reads the same."""
    before, after = _states(content.findings), _states(now.read)
    parts = []
    for words, some, others in (("now also read", after, before), ("no longer read", before, after)):
        found = [label for label, state in some.items() if others.get(label) != state]
        if found:
            parts.append(f"{words}: {', '.join(found)}")
    return f"The text was read anew, and not as when it was saved: {'; '.join(parts)}." if parts else ""


def _edit(edit: SavedEdit) -> Edit:
    return Edit(
        id=edit.finding, change=edit.change, onset=edit.onset, note=edit.note, asked=edit.asked, at=edit.message
    )


def _states(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {finding.label or finding.text: finding.state.value for finding in findings}
