"""The expressions that windows of words are compared with: their vectors, and how near a window comes to each term.

The vectors are computed once for a knowledge and an embedder and kept in the cache folder, never shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from rarescale.knowledge import Knowledge, Ontology, Progress, no_progress
from rarescale.reading.embed.encoder import Array, Embedder

CHUNK = 512
"""Expressions embedded between two reports of progress."""

_VERSION = "1"
_SPOKEN_KINDS = frozenset(("label", "exact", "layperson", "narrow"))
_ABOUT = "Abnormality of "


class Expression(NamedTuple):
    """One way to tell one term."""

    term: str
    text: str


def expressions_of(ontology: Ontology, lay: Iterable[Expression]) -> list[Expression]:
    """`lay` expressions and the names of what a patient can know or be told; sorted, each once.

    Terms that stand for an organ system or a group of factors are left out: their words fit anything.
    """
    found = {e._replace(text=_plain(e.text)): None for e in lay if _teachable(ontology, e.term)}
    spoken = {e.term for e in found}
    for name in ontology.names(findings_only=True):
        index = ontology.index(name.term)
        known = index is not None and (name.term in spoken or ontology.answerable(index) in ("symptom", "told"))
        if known and name.kind in _SPOKEN_KINDS and _teachable(ontology, name.term):
            found[Expression(name.term, _plain(name.text))] = None
    return sorted(found)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _teachable(ontology: Ontology, term: str) -> bool:
    index = ontology.index(term)
    if index is None or not ontology.is_finding[index]:
        return False
    return bool(len(ontology.parents[index])) and _ABOUT not in ontology.labels[index]


def open_space(
    knowledge: Knowledge, embedder: Embedder, lay: Iterable[Expression], *, progress: Progress = no_progress
) -> Space:
    """The space of the expressions of `knowledge`, computed at the first use and then memory-mapped."""

    def build() -> dict[str, Array]:
        return embed_expressions(expressions_of(knowledge.ontology, lay), embedder, progress)

    return Space(knowledge.derived("expressions", f"{_VERSION}-{embedder.identity}", build))


def embed_expressions(
    expressions: list[Expression], embedder: Embedder, progress: Progress = no_progress
) -> dict[str, Array]:
    """The arrays of a `Space`, of `expressions` sorted by term.

    ``vectors`` float16 (e, d) of length one; ``starts`` int32 (t,), the first row of each term; ``terms`` uint8, the
    ids of the terms as UTF-8 lines.
    """
    order = sorted(range(len(expressions)), key=lambda k: len(expressions[k].text))
    parts: list[Array] = []
    for first in range(0, len(order), CHUNK):
        progress("expressions into vectors", first / len(order))
        parts.append(embedder.vectors([expressions[k].text for k in order[first : first + CHUNK]]))
    progress("expressions into vectors", 1.0)
    by_length = np.concatenate(parts)
    vectors = np.empty(by_length.shape, np.float16)
    vectors[order] = by_length
    firsts = {e.term: row for row, e in reversed(list(enumerate(expressions)))}
    terms = sorted(firsts)
    return {
        "vectors": vectors,
        "starts": np.array([firsts[term] for term in terms], np.int32),
        "terms": np.frombuffer("\n".join(terms).encode(), np.uint8),
    }


class Space:
    """How near vectors come to terms. Read-only, so one serves any number of threads."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """`arrays` as `embed_expressions` gives them."""
        self._vectors = arrays["vectors"]
        starts = np.asarray(arrays["starts"], np.int64)
        self._rows = np.append(starts, len(self._vectors)).tolist()
        centres = np.add.reduceat(self._vectors.astype(np.float32), starts, axis=0)
        self._centres = np.ascontiguousarray((centres / np.linalg.norm(centres, axis=1, keepdims=True)).T)
        self.terms: list[str] = arrays["terms"].tobytes().decode().split("\n")

    def central(self, vectors: Array) -> Array:
        """Cosine of each vector to the mean of the expressions of each term, float32 (v, t)."""
        central: Array = vectors @ self._centres
        return central

    def nearest(self, vector: Array, term: int) -> float:
        """Cosine of one vector to the nearest expression of the term in place `term`."""
        own = self._vectors[self._rows[term] : self._rows[term + 1]].astype(np.float32)
        return float((own @ vector).max())
