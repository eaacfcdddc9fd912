"""Corpus to features, in any number of processes; what was done is not done again.

Each chat is read with a reader that knows one half of the lay lexicon, chosen by the chat's id: half of what a
simulated patient says is then as new to the reader as a real patient's words are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import numpy as np

from rarescale.candidates.features import FindingSpace, word_features
from rarescale.candidates.talk import talk_of
from rarescale.candidates.training.blocks import Example, block_of, write_block
from rarescale.candidates.training.channel import Channel, Said, measured, said_in
from rarescale.candidates.training.checks import SPLITS, chat_files, split_of
from rarescale.formats import parse_input
from rarescale.jobs import Job, Progress, run
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.reading import Model as ReadingModel
from rarescale.reading import Reader, half_of, open_reader, partial_reader
from rarescale.record import Case, Chat, Finding, Note, Reading, Sex, Unreadable, years

WRITERS = ("whole", "turns")
_READ = ("id", "messages", "present", "absent", "sex", "age")
_CHANNEL = "channel.json"
_MEASURED = 600
_BLOCK_BYTES = 3_000_000
"""A block's share of the corpus file; about 800 chats."""


@dataclass
class Context:
    """What a process needs: `readers` one, or one for each half of the lexicon."""

    knowledge: Knowledge
    readers: Sequence[Reader]
    space: FindingSpace
    folder: Path
    channel: Channel | None = None
    every: int = 1

    def example(self, line: dict[str, Any]) -> Example | None:
        """The features of a chat line; None where the knowledge lacks its disease."""
        disease = self.knowledge.diseases.index(line["diagnosis"][0])
        source = parse_input({k: v for k, v in line.items() if k in _READ})
        if disease is None or isinstance(source, Unreadable):
            return None
        talk = talk_of(source, self._understood(line, source), self.knowledge.ontology)
        coded = self.space.features(talk)
        targets = [self.knowledge.diseases.index(d["id"]) for d in line.get("differential", ())]
        writer = line.get("writer")
        return Example(
            list(word_features(talk.messages)),
            list(coded),
            list(coded.values()),
            disease,
            [t for t in targets if t is not None],
            WRITERS.index(writer) if writer in WRITERS else len(WRITERS),
            SPLITS.index(split_of(line)),
        )

    def _understood(self, line: dict[str, Any], source: Case | Chat | Note) -> Reading:
        """A case's findings as they are; of the chats one in `every` is read, the rest goes through the channel."""
        if isinstance(source, Case):
            return Reading(findings=tuple(_as_said(f) for f in source.findings), sex=source.sex, age=source.age)
        mark = crc32(line["id"].encode())
        if self.channel is not None and mark % self.every:
            heard = self.channel.pass_on(said_in(line), self.knowledge.ontology, Random(mark))
            return heard.model_copy(update=_person(line))
        return self.readers[mark // self.every % len(self.readers)].read(source)


def open_context(folder: str, halves: Sequence[str], out: str, every: int = 1) -> Context:
    """The context of a process; `halves` are files of reading models trained on one half of the lexicon each."""
    knowledge = open_knowledge(folder)
    readers: list[Reader] = [open_reader(knowledge)]
    if halves:
        readers = [partial_reader(knowledge, _model(p), _knows(h)) for h, p in enumerate(halves)]
    channel = Channel.load(Path(out) / _CHANNEL) if every > 1 else None
    return Context(knowledge, readers, FindingSpace(knowledge.ontology), Path(out), channel, every)


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
    read_every: int = 1,
    workers: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> list[Path]:
    """Write the blocks of `corpus` under `out`; their files in order. Raises InputError where a line is broken.

    One chat in `read_every` is read, the others' labels go through a `Channel` measured on `_MEASURED` chats.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = chat_files(corpus)
    items = [cut for path in files for cut in _cuts(path)]
    named = str(knowledge.sources.folder), [str(h) for h in halves], str(out)
    if read_every > 1 and not (out / _CHANNEL).exists():
        _measure(open_context(*named), files[0]).save(out / _CHANNEL)
    context = partial(open_context, *named, read_every)
    fingerprint = f"{knowledge.key} {[(i[0], i[2]) for i in items[-1:]]} {len(items)} {len(halves)} {read_every}"
    report = run(
        Job("features", items, _work, context, 0, fingerprint, shard=1),
        out / "work",
        workers=workers,
        progress=progress,
    )
    return [out / str(outcome.result) for outcome in report.outcomes() if outcome.result]


def _measure(context: Context, path: Path) -> Channel:
    """The channel of chats spread over a file."""

    def pairs() -> Iterator[tuple[Said, Reading]]:
        step = max(1, path.stat().st_size // _MEASURED)
        with path.open("rb") as stream:
            for at in range(0, path.stat().st_size - step, step):
                stream.seek(at)
                stream.readline()
                text = stream.readline()
                if text.strip():
                    line = json.loads(text)
                    yield said_in(line), context.readers[at // step % len(context.readers)].read(_chat(line))

    return measured(pairs(), context.knowledge.ontology)


def _chat(line: dict[str, Any]) -> Chat | Note:
    source = parse_input({k: v for k, v in line.items() if k in _READ})
    assert isinstance(source, Chat | Note)
    return source


def _person(line: dict[str, Any]) -> dict[str, Any]:
    """Sex and age of a simulated patient, as the first message tells them."""
    persona = line.get("persona", {})
    age = persona.get("age")
    sex = persona.get("sex")
    return {"sex": None if sex is None else Sex(sex), "age": None if age is None else years(age)}


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
