"""From the state of a workbench to what is shown: findings as edited, and the differential over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from rarescale.diagnose import Diagnoser, Outcome
from rarescale.record import Case, Chat, Differential, Finding, Note, Reading, Sex, State, Understanding
from rarescale.web.bench import NAME, Bench, Edit
from rarescale.web.edited import edited

LISTED = 10
"""Diseases on a page."""

Mark = Literal["present", "absent", "unknown"]


@dataclass(frozen=True)
class Item:
    """A finding on the bench. `edited`: a person has touched it, so what the text says no longer decides."""

    finding: Finding
    mark: Mark
    paused: bool = False
    edited: bool = False

    @property
    def id(self) -> str:
        """The id of its term."""
        return self.finding.id or ""

    @property
    def key(self) -> str:
        """The id as it may stand in an HTML id."""
        return self.id.replace(":", "_")

    @property
    def counts(self) -> bool:
        """Whether it is used for ranking."""
        return not self.paused and self.mark != "unknown"


@dataclass(frozen=True)
class Picture:
    """What is known of the patient now: `source` is the talk or case as edited, `answer` its differential.

    `read` are the findings before any edit.
    """

    bench: Bench
    items: dict[str, Item]
    source: Case | Chat | Note
    answer: Differential
    read: tuple[Finding, ...] = ()


Understand = Callable[[Case | Chat | Note], Understanding]


def picture_of(bench: Bench, diagnoser: Diagnoser) -> Picture:
    """Read, lay the edits over what was read, and rank; `diagnoser` takes edited talks."""
    return drawn(bench, diagnoser)[0]


def drawn(bench: Bench, diagnoser: Diagnoser, understand: Understand | None = None) -> tuple[Picture, Outcome]:
    """The picture, and the outcome that it shows. `understand` reads in place of `diagnoser`, where it is given."""
    understand = understand or diagnoser.understand
    readings = [understand(source) for source in (bench.case, bench.talk) if source is not None]
    items = _items(readings)
    read = tuple(item.finding for item in items.values())
    for edit in bench.edits:
        _apply(edit, items, diagnoser)
    source = _source(bench, items, readings)
    outcome = diagnoser.outcome(source, top=LISTED, among=bench.among)
    return Picture(bench, items, source, _whole(outcome.answer, items, readings), read), outcome


def _source(bench: Bench, items: dict[str, Item], readings: list[Understanding]) -> Case | Chat | Note:
    """What is asked: the talk with its findings as edited, or where nothing was said a case."""
    sex = bench.sex or next((r.sex for r in readings if r.sex), None)
    age = bench.age if bench.age is not None else next((r.age for r in readings if r.age is not None), None)
    findings = tuple(_as_edited(i) for i in items.values() if i.counts)
    if bench.talk is None:
        by_id = tuple(f.model_copy(update={"text": f.id or ""}) for f in findings)
        return Case(id=readings[0].id if readings else NAME, sex=sex, age=age, findings=by_id)
    uncertain = tuple(f for r in readings for f in r.uncertain if f.id not in items)
    return edited(bench.talk, Reading(findings=findings, uncertain=uncertain, sex=sex, age=age))


def _items(readings: list[Understanding]) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for reading in readings:
        for finding in reading.findings:
            mark: Mark = "present" if finding.state is State.PRESENT else "absent"
            items.setdefault(finding.id or "", Item(finding, mark))
    return items


def _apply(edit: Edit, items: dict[str, Item], diagnoser: Diagnoser) -> None:
    ontology = diagnoser.knowledge.ontology
    index = ontology.index(edit.id)
    if index is None:
        return
    term = ontology.ids[index]
    item = items.get(term)
    if item is None:
        label = str(ontology.labels[index])
        item = Item(Finding(id=term, text=label, label=label, source="edited"), "unknown")
    if edit.change == "pause" or edit.change == "resume":
        item = replace(item, paused=edit.change == "pause", edited=True)
    elif edit.change == "onset":
        item = replace(item, finding=item.finding.model_copy(update={"onset": edit.onset or None}), edited=True)
    else:
        certain = item.finding.model_copy(update={"confidence": None, "source": "edited"})
        item = replace(item, finding=certain, mark=edit.change, paused=False, edited=True)
    items[term] = item


def _as_edited(item: Item) -> Finding:
    """The finding in the state a person gave it."""
    return item.finding.model_copy(update={"state": State.PRESENT if item.mark == "present" else State.ABSENT})


def _whole(answer: Differential, items: dict[str, Item], readings: list[Understanding]) -> Differential:
    """The answer with the words of the text, and with what was not understood of it."""
    words = {i.id: i.finding.text for i in items.values()}
    findings = tuple(f.model_copy(update={"text": words.get(f.id or "", f.text)}) for f in answer.findings)
    update: dict[str, Any] = {"findings": findings}
    for key in ("unresolved", "not_understood", "warnings"):
        every = [*(text for r in readings for text in getattr(r, key)), *getattr(answer, key)]
        update[key] = tuple(dict.fromkeys(every))
    return answer.model_copy(update=update)


def sex_word(sex: Sex | None) -> str:
    """Such as ``female``; empty where it is not known."""
    return "" if sex is None else sex.value.partition("_")[0].lower()
