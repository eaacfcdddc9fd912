"""What a loader is given and what it makes of the published files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from rarescale.evaluation.benchmarks.names import DiseaseOf
from rarescale.evaluation.benchmarks.registry import Benchmark
from rarescale.record import Input

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """One multiple-choice question: `options` by letter, `answer` the right letter, `topic` to group by."""

    id: str
    origin: str
    stem: str
    options: Mapping[str, str]
    answer: str
    topic: str | None = None


@dataclass(frozen=True)
class ClosedList:
    """A benchmark's own list of diseases: `options` name -> our ids (a stand-in where none is known), and of each case
    the true name and the benchmark's own differential, likeliest first."""

    options: Mapping[str, tuple[str, ...]]
    truth: Mapping[str, str]
    gold: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Loaded:
    """The records of a benchmark; `published` is the number in its files, before any were drawn."""

    published: int
    cases: tuple[Input, ...] = ()
    questions: tuple[Question, ...] = ()
    closed: ClosedList | None = None
    by: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())


class Draw(Protocol):
    """Some or all of the rows, in their order."""

    def __call__(self, rows: Sequence[T], /) -> list[T]:
        """See above."""
        ...


@dataclass(frozen=True)
class Source:
    """Files by their published name, the way to disease ids, and the draw of records.

    A loader checks the shape of all records that are cheap to check, then draws, then makes the rest of them.
    """

    benchmark: Benchmark
    files: Mapping[str, Path]
    disease: DiseaseOf
    draw: Draw

    @property
    def file(self) -> Path:
        """The only file, where there is one."""
        (path,) = self.files.values()
        return path


Loader = Callable[[Source], Loaded]
