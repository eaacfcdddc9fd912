"""What each process of a run does: ask the engine about a batch of cases, time it, keep answers and failures.

The engine is asked through a wall: it never sees the truth (`hidden`), and what it raises costs one case at most.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rarescale.errors import RareScaleError
from rarescale.evaluation.runs.engine import Engine, EngineOptions, Metered, open_engine
from rarescale.jobs import WithTexts
from rarescale.knowledge import open_knowledge
from rarescale.record import Case, Chat, Differential, Failure, Input, Note, Problem, Unreadable

BATCH = 32
"""Cases in a batch: what is lost at most when a run is stopped."""

KINDS: Mapping[str, type[Case] | type[Chat] | type[Note] | type[Unreadable]] = {
    kind.__name__.lower(): kind for kind in (Case, Chat, Note, Unreadable)
}

_ENGINE_ERRORS = (
    RareScaleError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What an engine may raise about a case. A plug-in's bug is a failed case here, with its reason in the report."""


@dataclass(frozen=True)
class Answer:
    """What an engine said about one case, and in how many seconds."""

    said: Differential | Failure
    seconds: float


def hidden(source: Input, papers: bool) -> Input:
    """`source` without its truth; of further keys `pmids` stays where `papers` asks for it."""
    if isinstance(source, Unreadable):
        return source
    kept = {"pmids": source.extra["pmids"]} if papers and "pmids" in source.extra else {}
    return source.model_copy(update={"diagnosis": (), "diagnosis_name": None, "extra": kept})


class Sent:
    """An input on its way to the process that asks about it: as JSON only where it does travel, and opened there only
    when it is its turn."""

    def __init__(self, source: Input) -> None:
        """Nothing is written yet."""
        self._source: Input | None = source
        self._kind = type(source).__name__.lower()

    @cached_property
    def text(self) -> str:
        """The input as JSON."""
        return "" if self._source is None else self._source.model_dump_json()

    def open(self) -> Input:
        """The input."""
        return self._source if self._source is not None else KINDS[self._kind].model_validate_json(self.text)

    def __getstate__(self) -> dict[str, Any]:
        """Kind and JSON."""
        return {"_source": None, "_kind": self._kind, "text": self.text}


def context(place: str, folder: str, options: EngineOptions) -> Engine:
    """The engine of a process."""
    return open_engine(place, open_knowledge(folder), options)


def work(engine: Engine, batch: Sequence[Sent], _seed: int) -> WithTexts:
    """The answers to a batch as texts, and of each what scoring needs."""
    inputs = [item.open() for item in batch]
    if not getattr(engine, "reads_labels", False):
        inputs = [_without_labels(source) for source in inputs]
    before = dict(engine.usage) if isinstance(engine, Metered) else {}
    cpu = time.process_time()
    answers = asked(engine, inputs)
    cpu = time.process_time() - cpu
    after = dict(engine.usage) if isinstance(engine, Metered) else {}
    spent = {name: value - before.get(name, 0.0) for name, value in after.items()}
    return WithTexts(
        {"cases": [digest(a) for a in answers], "usage": spent, "cpu": cpu},
        [a.said.model_dump_json(by_alias=True) for a in answers],
    )


def asked(engine: Engine, inputs: Sequence[Input]) -> list[Answer]:
    """One answer per input. What could not be read is not asked about."""
    answers = iter(_asked(engine, [source for source in inputs if not isinstance(source, Unreadable)]))
    return [
        Answer(Failure(id=source.id, error=Problem(kind=source.kind, message=source.message)), 0.0)
        if isinstance(source, Unreadable)
        else next(answers)
        for source in inputs
    ]


def _asked(engine: Engine, inputs: Sequence[Input]) -> list[Answer]:
    """Where an engine breaks off, it is asked about the rest one by one."""
    answers = [found for found in _until_error(engine, inputs) if isinstance(found, Answer)]
    for source in inputs[len(answers) :]:
        one = next(iter(_until_error(engine, [source])))
        answers.append(one if isinstance(one, Answer) else Answer(_failure(source, one), 0.0))
    return answers


def _until_error(engine: Engine, inputs: Sequence[Input]) -> Iterator[Answer | Exception]:
    """Answers as they come, each with its time; the error that ended them last, if one did."""
    start = time.perf_counter()
    count = 0
    try:
        answers = engine.answers(inputs)
        share = (time.perf_counter() - start) / max(1, len(inputs)) if isinstance(answers, Sequence) else 0.0
        start += share * len(inputs)
        for source, said in zip(inputs, answers, strict=True):
            if not isinstance(said, Differential | Failure) or said.id != source.id:
                raise ValueError(f"the engine's answer is not one to the case {source.id!r}")
            now = time.perf_counter()
            yield Answer(said, now - start + share)
            start, count = now, count + 1
    except _ENGINE_ERRORS as error:
        if count < len(inputs):
            yield error


def _failure(source: Input, error: Exception) -> Failure:
    kind = error.kind if isinstance(error, RareScaleError) else "engine"
    text = str(error) if isinstance(error, RareScaleError) else f"{type(error).__name__}: {error}"
    return Failure(id=source.id, error=Problem(kind=kind, message=text))


def _without_labels(source: Input) -> Input:
    if not isinstance(source, Chat) or not any(m.labels for m in source.messages):
        return source
    return source.model_copy(update={"messages": tuple(m.model_copy(update={"labels": ()}) for m in source.messages)})


def digest(answer: Answer) -> dict[str, Any]:
    """Of an answer what scoring needs: ids and scores of the entries, and of the first ones what they claim."""
    said = answer.said
    if isinstance(said, Failure):
        return {"error": f"{said.error.kind}: {said.error.message}", "seconds": answer.seconds}
    entries = said.differential
    first = entries[0] if entries else None
    return {
        "differential": [{"score": c.score, "id": c.id, "ids": c.ids} for c in entries],
        "top": first
        and {
            "id": first.id,
            "name": first.name,
            "probability": first.probability,
            "classes": [c.rarity for c in entries if c.score >= first.score],
        },
        "seconds": answer.seconds,
    }
