"""From a line of a corpus to what a language model reads and what it shall answer; text and token ids, no torch.

The prompt holds what was said, never the findings that a line carries beside it. The answer is the expert's list, one
name a line (RareScale, section 3.3: at most five names, ordered by score, scores left out). The loss counts the answer
alone, its end mark included.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarescale.candidates.causal_lm.settings import LmSettings
from rarescale.candidates.contract import Talk
from rarescale.candidates.training.checks import SPLITS, Array, lines_of, split_of
from rarescale.errors import InputError
from rarescale.record import years

Encode = Callable[[str], list[int]]

PROMPT_VERSION = 1
"""Goes up whenever a model trained before would read another prompt now."""

_HEAD = "A conversation between a patient and a doctor.\n\n"
_TAIL = "\n\nDiseases that explain it, likeliest first, one a line:\n"
_GAP = "\n[...]\n"
_SPEAKERS = {"system": "", "clinician": "Doctor: ", "patient": "Patient: "}
IGNORED = -100
"""The label of tokens that the loss leaves out."""


@dataclass(frozen=True)
class Sample:
    """One chat: what was said, the names to answer with and their ids in order, the seed disease's ids."""

    id: str
    said: str
    names: tuple[str, ...]
    ids: tuple[str, ...]
    truth: tuple[str, ...]
    writer: str


def said_in_line(line: Mapping[str, Any], turns: str) -> str:
    """What was said in a chat line. Only roles and texts of its messages, and for "patient" sex and age, are used."""
    if turns == "all":
        return _told((m["role"], m["content"]) for m in line["messages"])
    own = [m["content"] for m in line["messages"] if m["role"] == "patient"]
    persona = line.get("persona", {})
    sex, age = persona.get("sex"), persona.get("age")
    return _patient(own, sex, None if age is None else years(age))


def said_in_talk(talk: Talk, turns: str) -> str:
    """What was said, as `said_in_line` tells it; a note has no turns. Empty where nothing was said."""
    if turns == "all" and talk.turns:
        return _told(talk.turns)
    return _patient(talk.messages, None if talk.sex is None else talk.sex.value, talk.age) if talk.messages else ""


def sample_of(line: Mapping[str, Any], settings: LmSettings) -> Sample | None:
    """The sample of a chat line; None where it has no messages or no differential to learn."""
    if not line.get("messages"):
        return None
    listed: dict[str, str] = {}
    for entry in line.get("differential", ()):
        if name := one_line(entry["name"]):
            listed.setdefault(name, entry["id"])
    kept = list(listed.items())[: settings.names]
    if not kept:
        return None
    names, ids = tuple(n for n, _ in kept), tuple(i for _, i in kept)
    truth, writer = tuple(line["diagnosis"]), str(line.get("writer", "unknown"))
    return Sample(str(line["id"]), said_in_line(line, settings.turns), names, ids, truth, writer)


def read_samples(
    corpora: Sequence[Path], settings: LmSettings, again: Sequence[Array] | None = None
) -> tuple[dict[str, list[Sample]], Counter[str]]:
    """The samples of `corpora` by split, and how many lines were left out, by reason.

    `again` says of each chat of each corpus whether another corpus judges by its case, so that it is left out. Raises
    InputError where a line is broken.
    """
    splits: dict[str, list[Sample]] = {split: [] for split in SPLITS}
    left_out: Counter[str] = Counter()
    for number, corpus in enumerate(corpora):
        for place, line in enumerate(lines_of(corpus)):
            try:
                sample = sample_of(line, settings)
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(
                    f"{corpus} chat {line['id']}: {type(error).__name__} {error}; expected a chat line of"
                    " `rarescale simulate chats`; write the corpus again"
                ) from error
            if sample is None:
                left_out["no conversation or no differential"] += 1
            elif again is not None and again[number][place]:
                left_out["the case is in the validation or test split of another corpus"] += 1
            else:
                splits[split_of(line)].append(sample)
    return splits, left_out


@dataclass(frozen=True)
class Coder:
    """Texts to token ids. `encode` adds no special tokens; `begin` is None where the model has no such token."""

    encode: Encode
    begin: int | None
    end: int
    max_length: int
    reply_tokens: int

    def prompt(self, said: str) -> list[int]:
        """Ids of the prompt, at most `max_length - reply_tokens`: what is too long loses its middle.

        The same for training and for use, since the room for the answer is always `reply_tokens`.
        """
        head, tail = self.encode(_HEAD), self.encode(_TAIL)
        if self.begin is not None:
            head = [self.begin, *head]
        room = self.max_length - self.reply_tokens - len(head) - len(tail)
        return head + without_middle(self.encode(said), room, self.encode(_GAP)) + tail

    def answer(self, names: Sequence[str]) -> list[int]:
        """Ids of the names, one a line, and the end; names that do not fit whole into `reply_tokens` are left out."""
        for count in range(len(names), 0, -1):
            ids = [*self.encode("\n".join(names[:count])), self.end]
            if len(ids) <= self.reply_tokens:
                return ids
        return [self.end]

    def example(self, sample: Sample) -> dict[str, list[int]]:
        """`input_ids` and `labels` of equal length; labels are IGNORED over the prompt."""
        prompt, answer = self.prompt(sample.said), self.answer(sample.names)
        return {"input_ids": prompt + answer, "labels": [IGNORED] * len(prompt) + answer}


def without_middle(ids: list[int], room: int, gap: list[int]) -> list[int]:
    """At most `room` ids: where there are more, the first and the last with `gap` between them.

    A conversation tells the complaint at its start and the last questions at its end.
    """
    if len(ids) <= room:
        return ids
    if room <= len(gap):
        return ids[: max(room, 0)]
    kept = room - len(gap)
    first = (kept + 1) // 2
    return ids[:first] + gap + ids[len(ids) - (kept - first) :]


def one_line(text: str) -> str:
    """`text` with single spaces for runs of white space, line ends included."""
    return re.sub(r"\s+", " ", text).strip()


def _told(messages: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{_SPEAKERS[role]}{one_line(text)}" for role, text in messages)


def _patient(messages: Sequence[str], sex: str | None, age: float | None) -> str:
    known = [_aged(age)] if age is not None else []
    known += [sex.lower()] if sex in ("FEMALE", "MALE") else []
    head = [f"{', '.join(known)}."] if known else []
    return "\n".join([*head, *(f"Patient: {one_line(m)}" for m in messages)])


def _aged(age: float) -> str:
    """Age in words; under two years in months, as one says it."""
    return f"{int(age)} years old" if age >= 2 else f"{int(age * 12)} months old"
