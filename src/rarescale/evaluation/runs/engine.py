"""What a run measures: anything that answers inputs, found by its name.

An engine is made by a factory ``(knowledge, options) -> engine``. Factories are known by where they stand
(``module:function``), so that other processes find them and nothing heavy is imported before it is asked for. An engine
of one's own needs no registration: ``--engine my_package.my_module:my_factory``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

from rarescale.diagnose import Among
from rarescale.errors import UsageError
from rarescale.evaluation.runs.own_paper import Mode
from rarescale.knowledge import Knowledge
from rarescale.record import Differential, Failure, Input


class Engine(Protocol):
    """Answers cases, chats and notes.

    They name no truth and, but for engines with a true `reads_labels`, no labels; of further keys they keep
    `pmids` alone, and that only where own papers are to be left out. An engine that cannot leave them out refuses
    such options when it is made.
    """

    name: str
    version: str

    def answers(self, inputs: Sequence[Input]) -> Iterable[Differential | Failure]:
        """One answer per input, in order and with its id; lazily, if it wants each case to be timed by itself.

        An error raised on the way costs the case it belongs to, or is asked about again one by one.
        """
        ...


@runtime_checkable
class Metered(Protocol):
    """An engine that says what it spent: tokens, dollars, calls; totals since it was made."""

    @property
    def usage(self) -> Mapping[str, float]:
        """See above."""
        ...


@dataclass(frozen=True)
class EngineOptions:
    """What a run asks of its engine."""

    among: Among = "all"
    top: int = 10
    seed: int = 0
    leave_own_paper_out: Mode | None = None


Factory = Callable[[Knowledge, EngineOptions], Engine]

_EXPERTS = "rarescale.evaluation.runs.experts"
_factories = {name: f"{_EXPERTS}:{name}_engine" for name in ("default", "expert", "qmr", "labels")}


def register_engine(name: str, factory: str) -> None:
    """Make `name` stand for the factory at ``module:function``. Raises UsageError for a name that is taken."""
    if _factories.setdefault(name, factory) != factory:
        raise UsageError(f"the engine {name!r} is {_factories[name]} already; choose another name for {factory}")


def engine_names() -> list[str]:
    """The registered names."""
    return sorted(_factories)


def factory_place(name: str) -> str:
    """Where the factory of an engine stands; `name` is registered or such a place itself. Raises UsageError."""
    place = _factories.get(name, name)
    if ":" not in place:
        raise UsageError(
            f"engine {name!r} is not known; expected one of {', '.join(engine_names())}, or a module:function"
        )
    return place


def open_engine(place: str, knowledge: Knowledge, options: EngineOptions) -> Engine:
    """Make the engine whose factory stands at `place`. Raises UsageError where nothing can be found there."""
    module, _, function = place.partition(":")
    try:
        factory = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"engine {place}: {error}; expected module:function of a factory that can be imported"
        ) from error
    return cast("Factory", factory)(knowledge, options)
