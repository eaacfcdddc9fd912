"""Looks at a corpus before anything is fitted: too few cases, and leakage between the splits, stop the run."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from rarescale.errors import InputError

SPLITS = ("train", "val", "test")
_KINDS = ("id", "case", "chat", "seed")

MOST_UNTRAINED = 0.02
"""Share of diseases that may have all their few different cases in validation and test; they count as missed there."""

Array = np.ndarray


@dataclass
class CorpusFacts:
    """What is in a corpus: chats by split and by writer, cases by disease of the training split.

    And in order of the chats, with 36 bytes for each: digests by kind of what must not be in two splits (0 = it has
    none), and the place of its split in `splits`.
    """

    splits: Counter[str] = field(default_factory=Counter)
    writers: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)
    marks: dict[str, array[int]] = field(default_factory=lambda: {kind: array("Q") for kind in _KINDS})
    split: array[int] = field(default_factory=lambda: array("I"))

    @property
    def chats(self) -> int:
        """Number of chats."""
        return len(self.split)

    def split_names(self) -> Array:
        """The split of each chat, (n,) of str."""
        return np.array([*self.splits, ""])[np.frombuffer(self.split, np.uint32)]


def chat_files(corpus: Path) -> list[Path]:
    """The chat files of a corpus folder, or the file itself. Raises InputError where there is none."""
    files = sorted(corpus.glob("*.jsonl")) if corpus.is_dir() else [corpus] if corpus.is_file() else []
    if not files:
        raise InputError(f"{corpus}: no *.jsonl here; expected a folder written by `rarescale simulate chats`")
    return files


def lines_of(corpus: Path) -> Iterator[dict[str, Any]]:
    """The lines of all files of a corpus as objects. Raises InputError for a line that is no chat with a truth."""
    for path in chat_files(corpus):
        with path.open(encoding="utf-8") as stream:
            for number, text in enumerate(stream, 1):
                if not text.strip():
                    continue
                try:
                    line = json.loads(text)
                    line["diagnosis"][0], line["id"], line["messages" if "messages" in line else "present"]
                except (ValueError, KeyError, IndexError, TypeError) as error:
                    raise InputError(
                        f"{path} line {number}: {type(error).__name__} {error}; expected a chat line or a case line"
                        " with a diagnosis; write the corpus again"
                    ) from error
                yield line


def split_of(line: Mapping[str, Any]) -> str:
    """The split of a line. Those that name none are shared out by what they say: a tenth each for val and test."""
    if "split" in line:
        return str(line["split"])
    said = [m["content"] for m in line.get("messages", ())]
    content = (line["diagnosis"][0], sorted(line.get("present", ())), sorted(line.get("absent", ())), said)
    return {0: "val", 1: "test"}.get(crc32(json.dumps(content).encode()) % 10, "train")


def check_corpus(corpus: Path, *, least_cases: int = 1) -> CorpusFacts:
    """The facts of a corpus whose splits share nothing.

    Raises InputError that lists, by kind, what two splits share: an id, a structured case, a chat's text, a seed; and
    diseases with fewer than `least_cases` training chats, or in validation or test alone.
    """
    facts = CorpusFacts()
    place: dict[str, int] = {}
    judged: set[str] = set()
    for line in lines_of(corpus):
        split, disease = split_of(line), line["diagnosis"][0]
        facts.splits[split] += 1
        facts.writers[line.get("writer", "unknown")] += 1
        if split == "train":
            facts.cases[disease] += 1
        else:
            judged.add(disease)
        facts.split.append(place.setdefault(split, len(place)))
        marks = _marks(line)
        for kind in _KINDS:
            facts.marks[kind].append(marks.get(kind, 0))
    _complain(corpus, facts, judged, least_cases)
    return facts


def repeated_cases(corpora: Sequence[CorpusFacts]) -> list[Array]:
    """For each corpus, for each chat in order, whether it is a training chat of a case that another corpus judges by.

    RareScale removes "any training example whose structured case is identical to one in val/test"; within a corpus the
    simulation sees to it, between corpora this does.
    """
    cases = [np.frombuffer(facts.marks["case"], np.uint64) for facts in corpora]
    trains = [facts.split_names() == "train" for facts in corpora]
    judged = np.concatenate([case[~train & (case > 0)] for case, train in zip(cases, trains, strict=True)])
    return [train & np.isin(case, judged) for case, train in zip(cases, trains, strict=True)]


def _marks(line: dict[str, Any]) -> dict[str, int]:
    """What must not be in two splits, as digests of 64 bits: of a million chats two agree by chance once in 10^8."""
    labels = sorted(  # of a chat
        f"{f.get('id') or f.get('label')}{'+' if f.get('present', True) else '-'}"
        for m in line.get("messages", ())
        for f in m.get("findings", ())
    )
    labels += [f"{i}{sign}" for kind, sign in (("present", "+"), ("absent", "-")) for i in sorted(line.get(kind, ()))]
    marks = {"id": line["id"], "case": f"{line['diagnosis'][0]} {labels}"}
    if "messages" in line:
        marks["chat"] = "\n".join(m["content"] for m in line["messages"] if m["role"] != "system")
    if "seed" in line:
        marks["seed"] = str(line["seed"])
    if not labels:
        del marks["case"]
    return {kind: int.from_bytes(sha256(text.encode()).digest()[:8], "little") for kind, text in marks.items()}


def _leaks(corpus: Path, facts: CorpusFacts) -> Iterator[str]:
    """What chats share with an earlier one of another split, by kind, each with the first three of them."""
    splits = facts.split_names()
    for kind, marks in facts.marks.items():
        digests = np.frombuffer(marks, np.uint64)
        there = np.flatnonzero(digests)
        _, first, place = np.unique(digests[there], return_index=True, return_inverse=True)
        before = splits[there[first[place]]]
        rows = np.flatnonzero(before != splits[there])
        if len(rows):
            named = {int(there[row]): f"({before[row]} and {splits[there[row]]})" for row in rows[:3]}
            told = [f"{line['id']} {named[k]}" for k, line in enumerate(lines_of(corpus)) if k in named]
            yield f"{len(rows)} chats share their {kind} between splits, such as {', '.join(told)}"


def _complain(corpus: Path, facts: CorpusFacts, judged: set[str], least: int) -> None:
    problems = list(_leaks(corpus, facts))
    if few := sorted(d for d, n in facts.cases.items() if n < least):
        problems.append(f"{len(few)} diseases have fewer than {least} training chats, such as {', '.join(few[:3])}")
    unknown = sorted(judged - set(facts.cases))
    if len(unknown) > MOST_UNTRAINED * len(facts.cases):
        problems.append(
            f"{len(unknown)} diseases are in validation or test but not in training, such as {', '.join(unknown[:3])}"
        )
    if strange := sorted(set(facts.splits) - set(SPLITS)):
        problems.append(f"unknown splits {', '.join(strange)}; expected {', '.join(SPLITS)}")
    if not facts.splits["train"]:
        problems.append("no training chat")
    if problems:
        raise InputError(f"{corpus}: not fit to train on: {'; '.join(problems)}. Simulate the corpus anew.")
