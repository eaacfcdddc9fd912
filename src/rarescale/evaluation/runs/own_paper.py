"""Annotations that were made from the patient's own paper, and which of them a test leaves out.

A published patient whose paper was annotated is remembered rather than diagnosed. Two ways to undo that, both without
looking at the diagnosis: the rows are taken from every disease that cites the paper, not from the true one alone.

* lenient: rows whose only references are papers of the case. A row that cites other papers too stays as it is.
* strict: every row that cites a paper of the case, whatever else it cites. A frequency such as 7/12 that pools several
  papers cannot be divided into its papers, so it goes as a whole.

Counts of one finding that stand in rows of their own, one per paper, are pooled by the expert, so that leaving out a
row takes exactly its patients away. Rows that cite a database entry (OMIM, Orphanet) stay in both.

What remains is a lower bound of how well a new patient would do: a finding is mostly annotated from one paper although
others report it too, so its row takes more away than the paper taught. With all rows it is an upper bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from rarescale.errors import UsageError
from rarescale.knowledge import Knowledge

Mode = Literal["lenient", "strict"]
MODES: tuple[Mode, ...] = ("lenient", "strict")


def mode_named(name: str | None) -> Mode | None:
    """The mode of that name, None for None. Raises UsageError for another."""
    for mode in MODES:
        if name == mode:
            return mode
    if name is not None:
        raise UsageError(f"own papers cannot be left out {name!r}; expected one of {', '.join(MODES)}")
    return None


class LeftOut(NamedTuple):
    """What a disease loses: `rows` of its `of` rows; `nothing_left` where it had findings and has none any more."""

    rows: int
    of: int
    nothing_left: bool


def papers_of(extra: Any) -> tuple[str, ...]:
    """The PMIDs under the key `pmids` of an input, sorted, each once, as ``PMID:1``; what is no PMID is ignored."""
    given = extra.get("pmids") if hasattr(extra, "get") else None
    words = [given] if isinstance(given, str | int) else given if isinstance(given, list | tuple) else []
    numbers = {str(w).strip().upper().removeprefix("PMID:").strip() for w in words}
    return tuple(f"PMID:{n}" for n in sorted(numbers) if n.isdigit())


class OwnPapers:
    """The annotation rows of one knowledge by the papers they cite."""

    def __init__(self, knowledge: Knowledge) -> None:
        """The index is made at the first question."""
        self._knowledge = knowledge

    @cached_property
    def _cited(self) -> list[frozenset[str]]:
        """The references of each distinct reference text."""
        texts = self._knowledge.diseases.references
        return [frozenset(p.strip().upper() for p in str(text).split(";")) for text in texts.tolist()]

    @cached_property
    def _by_paper(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, papers in enumerate(self._cited):
            for paper in papers:
                found[paper].append(number)
        return dict(found)

    @cached_property
    def _rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows sorted by the number of their reference text, and where each number begins."""
        numbers = self._knowledge.diseases.rows["reference"]
        counts = np.bincount(numbers, minlength=len(self._cited))
        return np.argsort(numbers, kind="stable"), np.concatenate([[0], np.cumsum(counts)])

    def rows(self, papers: Sequence[str], mode: Mode) -> np.ndarray:
        """The ascending numbers of the rows that go when `papers` are left out; int64."""
        own = set(papers)
        texts = {n for paper in papers for n in self._by_paper.get(paper, ())}
        if mode == "lenient":
            texts = {n for n in texts if self._cited[n] <= own}
        order, start = self._rows
        parts = [order[start[n] : start[n + 1]] for n in texts]
        return np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.int64)

    def cited(self, papers: Sequence[str], diseases: Iterable[int]) -> bool:
        """Whether a row of one of the `diseases` cites one of the `papers`."""
        owners = self._knowledge.diseases.row_disease[self.rows(papers, "strict")]
        return bool(np.isin(owners, list(diseases)).any())

    def emptied(self, rows: np.ndarray) -> np.ndarray:
        """The diseases, int32, that have findings, and none without `rows`."""
        diseases = self._knowledge.diseases
        affirmed = ~diseases.rows["negative"] & self._knowledge.ontology.is_finding[diseases.rows["term"]]
        concerned = np.unique(diseases.row_disease[rows[affirmed[rows]]])
        lost = np.bincount(diseases.row_disease[rows[affirmed[rows]]], minlength=len(diseases))
        offsets = diseases.row_offsets
        return np.array([d for d in concerned if lost[d] == affirmed[offsets[d] : offsets[d + 1]].sum()], np.int32)

    def left_out(self, papers: Sequence[str], diseases: Sequence[int], mode: Mode) -> LeftOut:
        """What the `diseases`, together one truth, lose."""
        rows = self.rows(papers, mode)
        owners = self._knowledge.diseases.row_disease[rows]
        lengths = np.diff(self._knowledge.diseases.row_offsets)
        emptied = self.emptied(rows) if len(rows) else np.zeros(0, np.int32)
        lost = int(np.isin(owners, diseases).sum())
        return LeftOut(
            lost, int(lengths[list(diseases)].sum()), bool(diseases) and set(diseases) <= set(emptied.tolist())
        )
