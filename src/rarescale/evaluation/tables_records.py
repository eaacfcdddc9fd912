"""Tables as data: published figures and ours, with intervals, tests and notes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rarescale.evaluation.llm_judge_agreement import Agreement
from rarescale.evaluation.significance import PairedTest

TABLES_VERSION = "1"
EVERYTHING = ""
"""The set of a table that knows one set of cases only."""

Origin = Literal["published", "ours"]


@dataclass(frozen=True)
class Cell:
    """A figure, percent or plain; None = undefined. `interval` in the same unit."""

    value: float | None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    """One line: `cells` by (set, measure). `n` are the cases of each set, `source` where it comes from."""

    label: str
    origin: Origin
    cells: dict[tuple[str, str], Cell]
    n: dict[str, int] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class Test:
    """One comparison of an arm with the arm without candidates."""

    label: str
    set: str
    measure: str
    test: PairedTest
    p_holm: float | None


@dataclass(frozen=True)
class Table:
    """One table of the paper. `notes` say what is missing or differs."""

    number: str
    title: str
    measures: tuple[str, ...]
    rows: tuple[Row, ...]
    tests: tuple[Test, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All tables, and how far judges agree."""

    tables: tuple[Table, ...]
    agreements: tuple[tuple[str, tuple[Agreement, ...]], ...]
    version: str = TABLES_VERSION

    def to_data(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "schema_version": "1",
            "tables_version": self.version,
            "tables": [_table_data(t) for t in self.tables],
            "agreement": [{"system": label, "judges": [asdict(a) for a in found]} for label, found in self.agreements],
        }


def _table_data(table: Table) -> dict[str, Any]:
    def row(r: Row) -> dict[str, Any]:
        sets: dict[str, dict[str, Any]] = {}
        for (of, measure), cell in r.cells.items():
            sets.setdefault(of, {})[measure] = {"value": cell.value, "interval": cell.interval}
        return {"label": r.label, "origin": r.origin, "n": r.n, "sets": sets, "source": r.source}

    return {
        "number": table.number,
        "title": table.title,
        "rows": [row(r) for r in table.rows],
        "tests": [asdict(t) for t in table.tests],
        "notes": list(table.notes),
    }
