"""Corpus to features, in any number of processes; what was done is not done again.

Each chat is read with a reader that knows one half of the lay lexicon, chosen by the chat's id: half of what a
simulated patient says is then as new to the reader as a real patient's words are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from rarescale.candidates.features import FindingSpace, word_features
from rarescale.candidates.talk import talk_of
from rarescale.candidates.training.blocks import Example, block_of, write_block
from rarescale.candidates.training.checks import SPLITS, chat_files
from rarescale.formats import parse_input
from rarescale.jobs import Job, Progress, run
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.reading import Reader, half_of, open_reader, partial_reader
from rarescale.reading import Model as ReadingModel
from rarescale.record import Case, Finding, Reading, Unreadable

WRITERS = ("whole", "turns")
_READ = ("id", "messages", "present", "absent", "sex", "age")
_BLOCK_BYTES = 3_000_000
"""A block's share of the corpus file; about 800 chats."""


@dataclass
class Context:
    """What a process needs: `readers` one, or one for each half of the lexicon."""

    knowledge: Knowledge
    readers: Sequence[Reader]
    space: FindingSpace
    folder: Path

    def example(self, line: dict[str, Any]) -> Example | None:
        """The features of a chat line; None where the knowledge lacks its disease."""
        disease = self.knowledge.diseases.index(line["diagnosis"][0])
        source = parse_input({k: v for k, v in line.items() if k in _READ})
        if disease is None or isinstance(source, Unreadable):
            return None
        if isinstance(source, Case):
            understood = Reading(findings=tuple(_as_said(f) for f in source.findings), sex=source.sex, age=source.age)
        else:
            understood = self.readers[crc32(line["id"].encode()) % len(self.readers)].read(source)
        talk = talk_of(source, understood, self.knowledge.ontology)
        coded = self.space.features(talk)
        targets = [self.knowledge.diseases.index(d["id"]) for d in line.get("differential", ())]
        writer, split = line.get("writer"), line.get("split", "train")
        return Example(
            list(word_features(talk.messages)),
            list(coded),
            list(coded.values()),
            disease,
            [t for t in targets if t is not None],
            WRITERS.index(writer) if writer in WRITERS else len(WRITERS),
            SPLITS.index(split),
        )


def open_context(folder: str, halves: Sequence[str], out: str) -> Context:
    """The context of a process; `halves` are files of reading models trained on one half of the lexicon each."""
    knowledge = open_knowledge(folder)
    readers: list[Reader] = [open_reader(knowledge)]
    if halves:
        readers = [partial_reader(knowledge, _model(p), _knows(h)) for h, p in enumerate(halves)]
    return Context(knowledge, readers, FindingSpace(knowledge.ontology), Path(out))


def _model(path: str) -> ReadingModel:
    with np.load(path) as arrays:
        return ReadingModel({name: arrays[name] for name in arrays.files})


def _knows(half: int) -> Callable[[str], bool]:
    return lambda expression: half_of(expression) == half


def extract(
    knowledge: Knowledge,
    corpus: Path,
    out: Path,
    *,
    halves: Sequence[Path] = (),
    workers: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[Path]:
    """Write the blocks of `corpus` under `out`; their files in order. Raises InputError where a line is broken."""
    out.mkdir(parents=True, exist_ok=True)
    items = [cut for path in chat_files(corpus) for cut in _cuts(path)]
    context = partial(open_context, str(knowledge.sources.folder), [str(h) for h in halves], str(out))
    fingerprint = f"{knowledge.key} {[(i[0], i[2]) for i in items[-1:]]} {len(items)} {len(halves)}"
    report = run(
        Job("features", items, _work, context, 0, fingerprint, shard=1),
        out / "work",
        workers=workers,
        progress=progress,
    )
    return [out / str(outcome.result) for outcome in report.outcomes() if outcome.result]


def _cuts(path: Path) -> list[tuple[str, int, int]]:
    """A file as (path, from, to) in bytes, cut at line ends."""
    size, at, cuts = path.stat().st_size, 0, []
    with path.open("rb") as stream:
        while at < size:
            stream.seek(min(size, at + _BLOCK_BYTES))
            stream.readline()
            cuts.append((str(path), at, stream.tell()))
            at = stream.tell()
    return cuts


def _as_said(finding: Finding) -> Finding:
    """A finding of a structured case, whose text is its id."""
    return finding.model_copy(update={"id": finding.text})


def _work(context: Context, item: tuple[str, int, int], _seed: int) -> str | None:
    path, start, stop = item
    with Path(path).open("rb") as stream:
        stream.seek(start)
        lines = stream.read(stop - start).splitlines()
    examples = [e for text in lines if text.strip() and (e := context.example(json.loads(text))) is not None]
    if not examples:
        return None
    name = f"{crc32(path.encode()):08x}-{start:012d}.npz"
    write_block(context.folder / name, block_of(examples))
    return name
