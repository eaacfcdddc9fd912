"""The published table of corpus statistics (RareScale, Table 5): chats, findings and messages by writer and split."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_MEASURES = ("findings", "present", "absent", "messages", "words")


@dataclass
class Tally:
    """Running sums by (writer, split); two tallies can be merged. Deviations are of the sample (n - 1)."""

    sums: dict[str, list[float]] = field(default_factory=dict)

    @property
    def chats(self) -> int:
        """All chats."""
        return int(sum(row[0] for row in self.sums.values()))

    def add(self, line: Mapping[str, Any]) -> None:
        """Count a chat line."""
        labels = [f for m in line["messages"] for f in m.get("findings") or ()]
        present = sum(bool(f["present"]) for f in labels)
        words = sum(len(m["content"].split()) for m in line["messages"] if m["role"] == "patient")
        values = (len(labels), present, len(labels) - present, len(line["messages"]), words)
        self.merge({f"{line['writer']}\t{line['split']}": [1, *(x for v in values for x in (v, v * v))]})

    def merge(self, state: Mapping[str, list[float]]) -> None:
        """Add the sums of another tally."""
        for key, row in state.items():
            mine = self.sums.setdefault(key, [0.0] * len(row))
            for k, value in enumerate(row):
                mine[k] += value

    def state(self) -> dict[str, list[float]]:
        """The sums, for JSON."""
        return self.sums

    def rows(self) -> list[dict[str, Any]]:
        """One row for each writer and split, and one for all: mean and deviation of each measure."""
        everything = Tally()
        for row in self.sums.values():
            everything.merge({"all\tall": row})
        return [_row(key, row) for key, row in sorted(self.sums.items())] + [
            _row(key, row) for key, row in everything.sums.items()
        ]


def _row(key: str, sums: list[float]) -> dict[str, Any]:
    writer, split = key.split("\t")
    n = sums[0]
    row: dict[str, Any] = {"writer": writer, "split": split, "chats": int(n)}
    for k, name in enumerate(_MEASURES):
        total, squares = sums[1 + 2 * k], sums[2 + 2 * k]
        mean = total / n
        deviation = math.sqrt(max(0.0, squares - n * mean * mean) / (n - 1)) if n > 1 else None
        row[name] = {"mean": round(mean, 2), "sd": None if deviation is None else round(deviation, 2)}
    return row
