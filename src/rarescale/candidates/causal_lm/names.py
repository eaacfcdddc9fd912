"""The diseases that a fine-tuned model knows, and the way from the names it writes to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from rarescale.candidates.causal_lm.data import Sample
from rarescale.errors import KnowledgeError
from rarescale.jobs import write_text
from rarescale.knowledge import Knowledge, Lookup

_COLUMNS = "disease\tname\tchats"


@dataclass(frozen=True)
class Target:
    """A disease as the training answers name it, and in how many of them it stands."""

    id: str
    name: str
    chats: int


def targets_of(samples: Iterable[Sample]) -> list[Target]:
    """The diseases in the answers of `samples`, by id."""
    counts = Counter(pair for sample in samples for pair in zip(sample.ids, sample.names, strict=True))
    return [Target(id, name, chats) for (id, name), chats in sorted(counts.items())]


def save_targets(path: Path, targets: Iterable[Target]) -> None:
    """Write as a table."""
    rows = (f"{t.id}\t{t.name}\t{t.chats}" for t in targets)
    write_text(path, "\n".join([_COLUMNS, *rows]) + "\n")


def load_targets(path: Path) -> list[Target]:
    """What `save_targets` wrote. Raises OSError, or KnowledgeError for another table."""
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    try:
        if head != _COLUMNS:
            raise ValueError(f"columns {head!r}")
        split = (row.split("\t") for row in rows)
        return [Target(id, name, int(chats)) for id, name, chats in split]
    except ValueError as error:
        raise KnowledgeError(
            f"{path}: {error}; expected the table that training writes, columns {_COLUMNS.split()}; train again"
        ) from error


class TrainedNames:
    """Finds diseases of one knowledge by the names that a trained model writes.

    The names of the training answers come first, since the model learned those and a few are ambiguous elsewhere. All
    other names go through the knowledge's look-up. What means no single disease stays unresolved.
    """

    def __init__(self, knowledge: Knowledge, targets: Sequence[Target]) -> None:
        """Targets that `knowledge` lacks are left out. Raises KnowledgeError where it lacks them all."""
        self.knowledge = knowledge
        self._lookup = Lookup(knowledge)
        known = [(knowledge.diseases.index(t.id), t) for t in targets]
        self._targets = [(index, t) for index, t in known if index is not None]
        if not self._targets:
            raise KnowledgeError(
                f"none of the {len(targets)} diseases of the language model is in release {knowledge.release.release};"
                " expected the knowledge that it was trained with"
            )

    @cached_property
    def prior(self) -> np.ndarray:
        """How often each disease of the knowledge stands in training answers, as shares, float64 (g,); sum 1."""
        counts = np.zeros(len(self.knowledge.diseases))
        for index, target in self._targets:
            counts[index] += target.chats
        shares: np.ndarray = counts / counts.sum()
        return shares

    def disease(self, name: str) -> int | None:
        """The disease that `name` means; None where it means none, a family or several."""
        trained = self._by_target.get(name, set())
        if len(trained) == 1:
            return next(iter(trained))
        # Several entries of one disease: the one the model was trained on, else the first.
        found = sorted(self._lookup.by_name(name), key=lambda index: (self.prior[index] == 0, index))
        return found[0] if found else None

    @cached_property
    def _by_target(self) -> dict[str, set[int]]:
        table: dict[str, set[int]] = defaultdict(set)
        for index, target in self._targets:
            table[target.name].add(index)
        return dict(table)
