"""What the results of a run hang on, beside its inputs and the knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rarescale.diagnose import Among
from rarescale.errors import UsageError
from rarescale.evaluation.runs.engine import EngineOptions
from rarescale.evaluation.runs.own_paper import Mode, mode_named
from rarescale.evaluation.runs.provenance import hashed
from rarescale.evaluation.score import read_mapping
from rarescale.knowledge import Knowledge

KNOWLEDGE = "knowledge"
"""In place of a mapping file: ids that the knowledge has merged are one disease. It forgives the engine its merges."""


@dataclass(frozen=True)
class RunSettings:
    """`mapping` are files that say which ids are one disease, or `KNOWLEDGE`; `by` are keys of inputs to group by."""

    engine: str = "default"
    among: Among = "all"
    top: int = 10
    seed: int = 0
    leave_own_paper_out: Mode | None = None
    mapping: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    def options(self) -> EngineOptions:
        """What the engine is told. Raises UsageError for a value that makes no sense."""
        if self.top < 1 or self.among not in ("all", "rare"):
            raise UsageError(f"top is {self.top}, among {self.among!r}; expected 1 or more, and 'all' or 'rare'")
        return EngineOptions(self.among, self.top, self.seed, mode_named(self.leave_own_paper_out))

    def same(self, knowledge: Knowledge) -> Iterator[tuple[str, str]]:
        """The pairs of ids that are one disease. Raises InputError for a file that cannot be read."""
        for path in self.mapping:
            if path != KNOWLEDGE:
                yield from read_mapping(path)
                continue
            for ids in map(knowledge.diseases.ids, range(len(knowledge.diseases))):
                yield from ((ids[0], other) for other in ids[1:])

    def mapping_hashes(self, knowledge: Knowledge) -> list[dict[str, Any]]:
        """Path and hash of each mapping."""
        return [
            {"path": path, "sha256": knowledge.release.hash} if path == KNOWLEDGE else hashed([path])[0]
            for path in self.mapping
        ]
