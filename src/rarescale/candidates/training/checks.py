"""Looks at a corpus before anything is fitted: too few cases, and leakage between the splits, stop the run."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from rarescale.errors import InputError

SPLITS = ("train", "val", "test")

MOST_UNTRAINED = 0.02
"""Share of diseases that may have all their few different cases in validation and test; they count as missed there."""


@dataclass
class CorpusFacts:
    """What is in a corpus: chats by split and by writer, cases by disease of the training split."""

    splits: Counter[str] = field(default_factory=Counter)
    writers: Counter[str] = field(default_factory=Counter)
    cases: Counter[str] = field(default_factory=Counter)

    @property
    def chats(self) -> int:
        """Number of chats."""
        return sum(self.splits.values())


def chat_files(corpus: Path) -> list[Path]:
    """The chat files of a corpus folder, or the file itself. Raises InputError where there is none."""
    files = sorted(corpus.glob("*.jsonl")) if corpus.is_dir() else [corpus] if corpus.is_file() else []
    if not files:
        raise InputError(f"{corpus}: no *.jsonl here; expected a folder written by `rarescale simulate chats`")
    return files


def lines_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number from 1 and object of each line. Raises InputError for a line that is no chat with a truth."""
    with path.open(encoding="utf-8") as stream:
        for number, text in enumerate(stream, 1):
            if not text.strip():
                continue
            try:
                line = json.loads(text)
                line["diagnosis"][0], line["id"], line["messages" if "messages" in line else "present"]
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise InputError(
                    f"{path} line {number}: {type(error).__name__} {error}; expected a chat line or a case line with a"
                    " diagnosis; write the corpus again"
                ) from error
            yield number, line


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
    seen: dict[str, dict[bytes, str]] = {kind: {} for kind in ("id", "case", "chat", "seed")}
    leaks: dict[str, list[str]] = defaultdict(list)
    judged: set[str] = set()
    for path in chat_files(corpus):
        for _, line in lines_of(path):
            split = split_of(line)
            facts.splits[split] += 1
            facts.writers[line.get("writer", "unknown")] += 1
            disease = line["diagnosis"][0]
            if split == "train":
                facts.cases[disease] += 1
            else:
                judged.add(disease)
            for kind, key in _marks(line).items():
                before = seen[kind].setdefault(key, split)
                if before != split:
                    leaks[kind].append(f"{line['id']} ({before} and {split})")
    _complain(corpus, facts, leaks, judged, least_cases)
    return facts


def repeated_cases(corpora: Sequence[Path]) -> list[list[bool]]:
    """For each corpus, for each chat in order, whether it is a training chat of a case that another corpus judges by.

    RareScale removes "any training example whose structured case is identical to one in val/test"; within a corpus the
    simulation sees to it, between corpora this does.
    """
    judged: set[bytes] = set()
    for corpus in corpora:
        for path in chat_files(corpus):
            for _, line in lines_of(path):
                if split_of(line) != "train" and "case" in (marks := _marks(line)):
                    judged.add(marks["case"])
    return [
        [
            split_of(line) == "train" and _marks(line).get("case") in judged
            for path in chat_files(corpus)
            for _, line in lines_of(path)
        ]
        for corpus in corpora
    ]


def _marks(line: dict[str, Any]) -> dict[str, bytes]:
    """What must not be in two splits, as digests."""
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
    return {kind: sha256(text.encode()).digest()[:12] for kind, text in marks.items()}


def _complain(corpus: Path, facts: CorpusFacts, leaks: dict[str, list[str]], judged: set[str], least: int) -> None:
    problems = [
        f"{len(ids)} chats share their {kind} between splits, such as {', '.join(ids[:3])}"
        for kind, ids in leaks.items()
    ]
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
