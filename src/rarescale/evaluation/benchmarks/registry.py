"""The benchmarks of the field as data: one TOML file each, under `described/`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from rarescale.errors import UsageError
from rarescale.record import Record

Task = Literal["ranking", "questions"]
"""What is asked: a ranked list of diseases per patient, or one of the options of a multiple-choice question."""


class Wanted(Record):
    """One published file. `accept` are the names it may have in the user's folder, the published one first.

    `url` is there only where the file can be had by a plain request; `sha256` only where it is known, which it is not
    where a publisher replaces the file in place.
    """

    name: str
    accept: tuple[str, ...]
    url: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class Figure(Record):
    """A published result; shares are in percent.

    `read` says how we know it: ``seen`` in the source itself, or ``second-hand`` elsewhere.
    """

    system: str
    metric: str
    value: float
    source: str
    read: Literal["seen", "second-hand"]


class Benchmark(Record):
    """What is known of one benchmark; `tasks` lists the ways it can be run, the usual one first.

    `top` is how many diseases an answer lists, `limit` how many cases are drawn where the user says nothing (0 = all).
    `format_verified`: whether the loader was written from the publisher's own file, card or code.
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    loader: str
    subset: str | None = None
    licence: str
    citation: str
    version: str
    home: str
    cases: int | None = None
    get: str
    files: tuple[Wanted, ...]
    format_verified: bool
    format_source: str
    notes: tuple[str, ...] = ()
    top: int = 10
    limit: int = 0
    figures: tuple[Figure, ...] = ()


@cache
def all_benchmarks() -> tuple[Benchmark, ...]:
    """All of them, by name."""
    folder = files("rarescale.evaluation.benchmarks").joinpath("described")
    texts = sorted((f.name, f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith(".toml"))
    return tuple(Benchmark.model_validate({"name": name[:-5], **tomllib.loads(text)}) for name, text in texts)


def benchmark_named(name: str) -> Benchmark:
    """The one of this name. Raises UsageError where there is none."""
    known = {b.name: b for b in all_benchmarks()}
    if name not in known:
        raise UsageError(
            f"benchmark {name!r} is not known; expected one of {', '.join(known)}. See `rarescale benchmarks list`."
        )
    return known[name]
