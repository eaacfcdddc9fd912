"""Two judges that ask a language model, after AMIE's auto-raters as RareScale used them (prompts 5, 6), in our words.

* Judge A says yes or no to each entry in turn; the rank is that of the first yes.
* Judge B sees the whole list and gives one of five levels, the entry that decided, its position and a reason.

A judgement carries model and prompt versions; judgements of different versions share no table. Equal questions are
asked once, by the cache of the door or by the rounds. The deterministic judge needs no model and stands beside both.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rarescale.evaluation.judge import Level
from rarescale.llm import ModelError, Prompts, Request, Task, asking, load_prompts, persistent

VERSION = 1
"""Version of both prompts."""
LISTED = 5
"""Entries of a list that are judged, as in RareScale."""
MAX_TOKENS = 600

LevelName = Literal["exact match", "extremely relevant", "relevant", "somewhat relevant", "unrelated"]
LEVELS: dict[LevelName, Level] = {
    "exact match": Level.EXACT,
    "extremely relevant": Level.EXTREMELY_RELEVANT,
    "relevant": Level.RELEVANT,
    "somewhat relevant": Level.SOMEWHAT_RELEVANT,
    "unrelated": Level.UNRELATED,
}


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Verdict(_Reply):
    """Judge A's answer to one entry."""

    verdict: Literal["yes", "no"]


class Grade(_Reply):
    """Judge B's answer to one list."""

    level: LevelName
    position: int | None
    entry: Annotated[str, Field(max_length=300)] | None
    why: Annotated[str, Field(max_length=2000)]


@dataclass(frozen=True, slots=True)
class Listed:
    """What is judged: the entries of one list, in order, against the name of the true disease."""

    id: str
    truth: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgedA:
    """`answers` to the entries asked about, in order; `rank` of the first yes, None without one or with a `failure`."""

    answers: tuple[bool, ...]
    rank: int | None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedB:
    """`level` None with a `failure` when the model gave none; `position` from 1, None where nothing decided."""

    level: Level | None
    position: int | None = None
    why: str = ""
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class LlmJudged:
    """Both judgements of one list, by `model` with the prompts `prompts`."""

    id: str
    truth: str
    entries: tuple[str, ...]
    a: JudgedA
    b: JudgedB
    model: str
    prompts: tuple[str, str] = (f"judge-correct@{VERSION}", f"judge-level@{VERSION}")

    def to_data(self) -> dict[str, Any]:
        """As JSON; `llm_judged_from_data` reads it back."""
        level = None if self.b.level is None else self.b.level.words
        return {
            "schema_version": "1",
            "id": self.id,
            "truth": self.truth,
            "entries": list(self.entries),
            "a": {"answers": list(self.a.answers), "rank": self.a.rank, "failure": self.a.failure},
            "b": {"level": level, "position": self.b.position, "why": self.b.why, "failure": self.b.failure},
            "model": self.model,
            "prompts": list(self.prompts),
        }


def llm_judged_from_data(data: Any) -> LlmJudged:
    """The judgement that `LlmJudged.to_data` described. Raises KeyError, TypeError or ValueError for anything else."""
    a, b = data["a"], data["b"]
    level = None if b["level"] is None else Level[str(b["level"]).upper().replace(" ", "_")]
    first, second = data["prompts"]
    return LlmJudged(
        id=str(data["id"]),
        truth=str(data["truth"]),
        entries=tuple(map(str, data["entries"])),
        a=JudgedA(tuple(map(bool, a["answers"])), a["rank"], a["failure"]),
        b=JudgedB(level, b["position"], str(b["why"]), b["failure"]),
        model=str(data["model"]),
        prompts=(str(first), str(second)),
    )


def judging(listed: Listed, model: str) -> Task[LlmJudged]:
    """Both judgements of one list as a task. An empty list is unrelated without asking; failures have names."""
    return persistent(_judging(listed, model))


def _judging(listed: Listed, model: str) -> Task[LlmJudged]:
    entries = tuple(e for e in listed.entries if e.strip())[:LISTED]
    if not entries:
        return LlmJudged(
            listed.id, listed.truth, (), JudgedA((), None), JudgedB(Level.UNRELATED, why="an empty list"), model
        )
    b = yield from _level(entries, listed.truth, model)
    a = yield from _first_yes(entries, listed.truth, model)
    return LlmJudged(listed.id, listed.truth, entries, a, b, model)


def _first_yes(entries: Sequence[str], truth: str, model: str) -> Task[JudgedA]:
    answers: list[bool] = []
    for rank, entry in enumerate(entries, 1):
        try:
            reply = yield from asking(_asked("judge-correct", model, pair={"truth": truth, "entry": entry}), Verdict)
        except ModelError as error:
            # A later yes could have been an earlier one: without this answer there is no rank.
            return JudgedA(tuple(answers), None, error.kind)
        answers.append(reply.value.verdict == "yes")
        if answers[-1]:
            return JudgedA(tuple(answers), rank)
    return JudgedA(tuple(answers), None)


def _level(entries: Sequence[str], truth: str, model: str) -> Task[JudgedB]:
    rows = [{"position": k, "name": name} for k, name in enumerate(entries, 1)]
    try:
        reply = yield from asking(_asked("judge-level", model, lists={"truth": truth, "entries": rows}), Grade)
    except ModelError as error:
        return JudgedB(None, failure=error.kind)
    grade, level = reply.value, LEVELS[reply.value.level]
    position = grade.position
    if level is not Level.UNRELATED and (position is None or not 1 <= position <= len(entries)):
        return JudgedB(None, None, grade.why, "no such position")
    return JudgedB(level, None if level is Level.UNRELATED else position, grade.why)


def _asked(name: str, model: str, **slots: Any) -> Request:
    values = {slot: json.dumps(value, ensure_ascii=False) for slot, value in slots.items()}
    return prompts().get(name, VERSION).render(**values).request(model, max_tokens=MAX_TOKENS)


@cache
def prompts() -> Prompts:
    """The prompts of this room."""
    return load_prompts("rarescale.evaluation")
