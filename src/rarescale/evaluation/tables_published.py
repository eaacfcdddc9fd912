"""The figures that RareScale printed, each with the table it stands in; facts, restated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Published(NamedTuple):
    """One figure: percent for top-k and levels, a plain number for the rest. `n` is the number of cases it rests on."""

    table: str
    row: str
    set: str
    measure: str
    value: float
    n: int | None
    source: str


@cache
def published() -> Sequence[Published]:
    """All rows of ``published.tsv`` in their order."""
    text = files("rarescale.evaluation").joinpath("published.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return tuple(
        Published(table, row, of, measure, float(value), int(n) if n else None, source)
        for table, row, of, measure, value, n, source in rows
    )


def of_table(table: str) -> list[Published]:
    """The figures of one table."""
    return [p for p in published() if p.table == table]
