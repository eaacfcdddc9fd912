"""From the state of a workbench to what is shown: findings as edited, and the differential over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from rarescale.diagnose import Diagnoser
from rarescale.record import Case, Differential, Finding, Sex, State, Understanding
from rarescale.web.bench import Bench, Edit

LISTED = 20
"""Diseases that are ranked for a page; it shows the first ten and remembers all for the changes of the next step."""

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
    """What is known of the patient now. `answer` is what `rarescale diagnose` gives for the same findings."""

    bench: Bench
    items: dict[str, Item]
    answer: Differential
    query_case: Case

    @cached_property
    def counted(self) -> list[Item]:
        """The findings used for ranking."""
        return [i for i in self.items.values() if i.counts]


def picture_of(bench: Bench, diagnoser: Diagnoser, *, name: str = "workbench") -> Picture:
    """Read, lay the edits over what was read, and rank."""
    readings = [diagnoser.understand(source) for source in (bench.case, bench.talk) if source is not None]
    items = _items(readings)
    for edit in bench.edits:
        _apply(edit, items, diagnoser)
    case = Case(
        id=readings[0].id if readings else name,
        sex=bench.sex or next((r.sex for r in readings if r.sex), None),
        age=bench.age if bench.age is not None else next((r.age for r in readings if r.age is not None), None),
        findings=tuple(_asked(i) for i in items.values() if i.counts),
    )
    answer = diagnoser.diagnose(case, top=LISTED, among=bench.among)
    return Picture(bench, items, _whole(answer, items, readings), case)


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
        item = replace(item, mark=edit.change, paused=False, edited=True)
    items[term] = item


def _asked(item: Item) -> Finding:
    """The finding as a case gives it: by its id, as present or absent."""
    state = State.PRESENT if item.mark == "present" else State.ABSENT
    return item.finding.model_copy(update={"text": item.id, "state": state})


def _whole(answer: Differential, items: dict[str, Item], readings: list[Understanding]) -> Differential:
    """The answer with the words of the text, and with what was not understood of it."""
    words = {i.id: i.finding.text for i in items.values()}
    findings = tuple(f.model_copy(update={"text": words.get(f.id or "", f.text)}) for f in answer.findings)
    update: dict[str, Any] = {"findings": findings}
    known = {*items, *(f.id for f in findings)}
    unsure = [f for r in readings for f in r.uncertain if f.id not in known]
    update["uncertain"] = tuple({f.id: f for f in reversed(unsure)}.values())[::-1]
    for key in ("unresolved", "not_understood", "warnings"):
        every = [*(text for r in readings for text in getattr(r, key)), *getattr(answer, key)]
        update[key] = tuple(dict.fromkeys(every))
    return answer.model_copy(update=update)


def sex_word(sex: Sex | None) -> str:
    """Such as ``female``; empty where it is not known."""
    return "" if sex is None else sex.value.partition("_")[0].lower()
