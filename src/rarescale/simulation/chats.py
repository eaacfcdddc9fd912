"""A corpus of chats in a folder: chats.jsonl, dropped.tsv and, last, manifest.json.

First the cases are drawn (as `simulate_cases` does), then each disease's chats are written one after the other, so
that a finding's earlier message is known. A disease depends on its cases and the run's seed alone; hence the same
lines for any number of workers, and memory that does not grow with the number of chats.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from rarescale.errors import UsageError
from rarescale.jobs import Job, Progress, Report, WithTexts, item_seed, run, write_manifest
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.record import SCHEMA_VERSION
from rarescale.simulation.assigning import Assigner, remember
from rarescale.simulation.cases import simulate_cases
from rarescale.simulation.chat_lines import chat_line
from rarescale.simulation.chat_settings import ChatSettings
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.splits import SAME_TOLD, Split, Told, split_of, without_duplicates
from rarescale.simulation.stats import Tally
from rarescale.simulation.writers import CannotWrite, Lexicon, TurnWriter, WholeChatWriter, Writer

_HEAD = re.compile(rb'"id": "[^"]*?-(\d+)".*?"diagnosis": \[([^\]]*)\]')
_Item = tuple[int, int, int]
"""Offset and length of a disease's case lines in bytes, and how many chats are wanted of them."""


@dataclass
class ChatContext:
    """What all diseases share in one process."""

    assigner: Assigner
    writers: dict[str, Writer]
    cases: Path
    run_seed: int
    settings: ChatSettings

    def chats(self, lines: list[dict[str, Any]], target: int) -> tuple[list[dict[str, Any]], list[list[str]]]:
        """At most `target` chat lines of one disease's case lines, and what was dropped: id, name, case, reason.

        A case that repeats another one, tells what a chat of another split tells, or cannot be written gives its place
        to the next.
        """
        kept = without_duplicates(lines)
        disease, name = lines[0]["diagnosis"][0], lines[0]["diagnosis_name"]
        known = {line["id"] for line in kept}
        dropped = [[disease, name, line["id"], "the same case again"] for line in lines if line["id"] not in known]
        count = min(target, len(kept))
        splits = split_of(count, self.settings.shares, Random(item_seed(self.run_seed, "split", disease)))
        memory: dict[str, str] = {}
        told = Told()
        done: list[dict[str, Any]] = []
        for line in kept:
            if len(done) == count:
                break
            split = splits[len(done)]
            try:
                chat = self._chat(line, split, memory)
            except CannotWrite as error:
                dropped.append([disease, name, line["id"], str(error)])
                continue
            if told.in_another(chat, split):
                dropped.append([disease, name, line["id"], SAME_TOLD])
            else:
                done.append(chat)
        return done, dropped

    def _chat(self, line: dict[str, Any], split: Split, memory: dict[str, str]) -> dict[str, Any]:
        seed = item_seed(self.run_seed, "chat", line["id"])
        writer = self._writer(seed)
        reserved = self.settings.reserved and split == "test"
        assignment = self.assigner.assignment(line, seed, memory, reserved=reserved)
        messages = writer.write(assignment)
        remember(memory, messages)
        return chat_line(line, assignment, messages, writer.name, split)

    def _writer(self, seed: int) -> Writer:
        name = self.settings.writer
        if name == "both":
            name = "whole" if Random(seed).random() < self.settings.whole_share else "turns"
        return self.writers[name]


def open_chats(folder: str, cases: str, run_seed: int, settings: ChatSettings) -> ChatContext:
    """The context of a process."""
    knowledge = open_knowledge(folder)
    lexicon = Lexicon(knowledge)
    writers: dict[str, Writer] = {w.name: w for w in (WholeChatWriter(lexicon), TurnWriter(lexicon))}
    return ChatContext(Assigner(knowledge), writers, Path(cases), run_seed, settings)


def simulate_chats(
    knowledge: Knowledge,
    count: int,
    seed: int,
    folder: Path,
    *,
    settings: ChatSettings | None = None,
    case_settings: SimulationSettings | None = None,
    diseases: Iterable[str] | None = None,
    workers: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> dict[str, Any]:
    """Draw `count` cases over all eligible diseases (or `diseases`) and write a chat of each into `folder`.

    Gives the facts of the manifest; `warning` tells why there are fewer chats than asked for. Going on after a kill
    repeats nothing. Raises UsageError as `simulate_cases` does.
    """
    settings = settings or ChatSettings()
    work = folder / "work"
    cases = work / "cases"
    drawn = math.ceil(count * (1.0 + settings.spare))
    case_facts = _cases(knowledge, drawn, seed, cases, case_settings, diseases, workers, progress)
    items = _by_disease(cases / "cases.jsonl", count, case_facts["diseases"])
    (folder / "manifest.json").unlink(missing_ok=True)
    context = partial(open_chats, str(knowledge.sources.folder), str(cases / "cases.jsonl"), seed, settings)
    versions = f"{WholeChatWriter.version}.{TurnWriter.version}"
    hashed = case_facts["files"]["cases.jsonl"]["sha256"]
    fingerprint = f"{knowledge.release.hash} {settings.fingerprint()} {versions} {hashed}"
    report = run(
        Job("chats", items, _work, context, seed, fingerprint, shard=16),
        work / "chats",
        workers=workers,
        progress=progress,
    )
    tally = Tally()
    dropped = _gather(report, folder, cases / "dropped.tsv", tally)
    facts = {
        "schema_version": SCHEMA_VERSION,
        "kind": "simulated chats",
        "chats": tally.chats,
        "asked": count,
        "cases": {"asked": drawn, "accepted": case_facts["cases"]},
        "dropped_chats": dropped,
        "voiced": "findings that the patient would tell in words of their own; a case may hold more",
        "warning": _warning(tally.chats, count, drawn - case_facts["cases"], dropped),
        "seed": seed,
        "diseases": case_facts["diseases"],
        "eligible": case_facts["eligible"],
        "judged": case_facts["judged"],
        "writers": {w.name: w.version for w in (WholeChatWriter, TurnWriter) if settings.writer in (w.name, "both")},
        "table": tally.rows(),
        "knowledge": knowledge.release.model_dump(),
        "settings": {"chats": asdict(settings), "cases": case_facts["settings"]},
    }
    write_manifest(folder, facts, [folder / "chats.jsonl", folder / "dropped.tsv"])
    shutil.rmtree(work)
    return facts


def _cases(
    knowledge: Knowledge,
    count: int,
    seed: int,
    folder: Path,
    settings: SimulationSettings | None,
    diseases: Iterable[str] | None,
    workers: int,
    progress: Progress,
) -> dict[str, Any]:
    """Manifest of the case folder, made now or by a run before that was stopped later on."""
    settings = settings or SimulationSettings()
    manifest = folder / "manifest.json"
    listed = None if diseases is None else list(diseases)
    asked = {
        "count": count,
        "seed": seed,
        "settings": settings.fingerprint(),
        "diseases": listed,
        "knowledge": knowledge.release.hash,
    }
    note = folder / "asked.json"
    known = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else None
    if known is not None and known != asked:
        raise UsageError(
            f"{folder.parent.parent} holds an unfinished run with other options; remove it or choose another folder"
        )
    if not manifest.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(asked), encoding="utf-8")
        simulate_cases(
            knowledge, count, seed, folder, settings=settings, diseases=listed, workers=workers, progress=progress
        )
    facts: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return facts


def _by_disease(cases: Path, count: int, diseases: int) -> list[_Item]:
    """Where the lines of each disease stand in the file, and its share of the `count` chats.

    Case number n belongs to disease n modulo their number; numbers from `count` on are spare.
    """
    items: list[_Item] = []
    offset, previous = 0, None
    with cases.open("rb") as stream:
        for line in stream:
            found = _HEAD.search(line)
            if found is None:
                raise UsageError(f"{cases} at byte {offset}: no case line; remove the folder and run again")
            if found[2] == previous:
                items[-1] = (items[-1][0], items[-1][1] + len(line), items[-1][2])
            else:
                items.append((offset, len(line), len(range(int(found[1]) % diseases, count, diseases))))
            offset, previous = offset + len(line), found[2]
    return [item for item in items if item[2]]


def _work(context: ChatContext, item: _Item, _seed: int) -> WithTexts:
    offset, length, target = item
    with context.cases.open("rb") as stream:
        stream.seek(offset)
        lines = [json.loads(line) for line in stream.read(length).splitlines()]
    done, dropped = context.chats(lines, target)
    tally = Tally()
    for line in done:
        tally.add(line)
    return WithTexts(
        {"dropped": dropped, "tally": tally.state()}, [json.dumps(line, ensure_ascii=False) for line in done]
    )


def _gather(report: Report, folder: Path, dropped_cases: Path, tally: Tally) -> int:
    """All lines in one file, all drops in another; how many chats were dropped."""
    part, count = folder / "chats.part", 0
    with (
        part.open("w", encoding="utf-8", newline="\n") as chats,
        (folder / "dropped.tsv").open("w", encoding="utf-8", newline="\n") as drops,
    ):
        drops.write(dropped_cases.read_text(encoding="utf-8"))
        for outcome in report.outcomes():
            if outcome.error is not None:
                raise UsageError(f"chats of disease {outcome.item} failed: {outcome.error}")
            chats.writelines(f"{text}\n" for text in outcome.texts)
            tally.merge(outcome.result["tally"])
            for row in outcome.result["dropped"]:
                drops.write(
                    "\t".join((row[0], row[1].replace("\t", " "), "", "", "", f"chat of {row[2]}: {row[3]}")) + "\n"
                )
                count += 1
    part.replace(folder / "chats.jsonl")
    return count


def _warning(chats: int, asked: int, missing: int, dropped: int) -> str | None:
    if chats >= asked:
        return None
    return (
        f"{chats} chats instead of {asked}: the expert accepted no case {missing} times, {dropped} cases repeat another"
        " one or cannot be told (dropped.tsv says which); ask for more cases or more diseases"
    )
