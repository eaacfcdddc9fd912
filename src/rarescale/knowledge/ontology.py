"""The terms of HPO and how they stand to each other, read from compiled arrays."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from rarescale.knowledge.arrayfile import Arrays, unpack_strings
from rarescale.knowledge.compile import PHENOTYPE_ROOT
from rarescale.knowledge.curated import ANSWERABLE, VOICES
from rarescale.knowledge.obo import SYNONYM_KINDS
from rarescale.record import TermId

FACTOR_PREFIX = "RSF:"


class TermName(NamedTuple):
    """One name of a term; `kind` is one of `SYNONYM_KINDS`."""

    term: TermId
    text: str
    kind: str


class LayName(NamedTuple):
    """A lay expression; `voice` is one of `VOICES`."""

    term: TermId
    text: str
    voice: str


class Relation:
    """A CSR relation between indices: `relation[i]` is an ascending int32 array of what `i` is related to."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        """Read `<name>.offsets` and `<name>.items`."""
        self.offsets, self.items = arrays[f"{name}.offsets"], arrays[f"{name}.items"]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        """Row `index`, int32 (k,)."""
        return self.items[self.offsets[index] : self.offsets[index + 1]]


class Ontology:
    """Current terms by index 0..n-1, ordered by id. Old ids are understood by `index`."""

    def __init__(self, arrays: Arrays) -> None:
        """`arrays` as laid out by `compile_knowledge`."""
        self._arrays = arrays
        self.labels = unpack_strings("term.labels", arrays)
        self.definitions = unpack_strings("term.definitions", arrays)
        self.parents = Relation(arrays, "term.parents")
        self.ancestors = Relation(arrays, "term.ancestors")
        self.descendants = Relation(arrays, "term.descendants")
        self._ancestor_sets: dict[int, frozenset[int]] = {}

    def __len__(self) -> int:
        """Number of current terms."""
        return len(self.ids)

    @cached_property
    def ids(self) -> list[TermId]:
        """All current ids, by index."""
        return [TermId(i) for i in unpack_strings("term.ids", self._arrays).tolist()]

    @cached_property
    def _current(self) -> dict[str, int]:
        return {i: k for k, i in enumerate(self.ids)}

    @cached_property
    def _moved(self) -> dict[str, int]:
        old = unpack_strings("moved.old", self._arrays).tolist()
        return dict(zip(old, self._arrays["moved.term"].tolist(), strict=True))

    @cached_property
    def gone(self) -> dict[str, tuple[str, list[str]]]:
        """Obsolete ids without a successor -> (their label, the ids HPO suggests to consider)."""
        ids = unpack_strings("gone.id", self._arrays).tolist()
        hints = (h.split("\t") for h in unpack_strings("gone.hint", self._arrays).tolist())
        return {i: (label, ids.split()) for i, (label, ids) in zip(ids, hints, strict=True)}

    def index(self, term: str) -> int | None:
        """Index of a current, alternative or replaced id; None for any other text."""
        found = self._current.get(term)
        return self._moved.get(term) if found is None else found

    def is_current(self, term: str) -> bool:
        """Whether the id is that of a current term, not of a merged or obsolete one."""
        return term in self._current

    def label(self, term: str) -> str:
        """The label of a term id. Raises KeyError for an id that means no term."""
        index = self.index(term)
        if index is None:
            raise KeyError(term)
        return self.labels[index]

    def ancestor_set(self, index: int) -> frozenset[int]:
        """Indices of a term's ancestors, itself included; kept, since the same terms come again and again."""
        known = self._ancestor_sets.get(index)
        if known is None:
            known = self._ancestor_sets[index] = frozenset(self.ancestors[index].tolist())
        return known

    def ancestor_ids(self, term: str) -> frozenset[TermId]:
        """Ids of the term's ancestors, itself included; empty for an unknown id."""
        index = self.index(term)
        return frozenset() if index is None else frozenset(self.ids[a] for a in self.ancestor_set(index))

    @cached_property
    def is_finding(self) -> np.ndarray:
        """bool (n,): whether a term is a finding: a phenotypic abnormality (below HP:0000118) or a factor (RSF).

        Others tell of inheritance, onset, frequency, modifiers, blood groups or past history.
        """
        mask = np.array([i.startswith(FACTOR_PREFIX) for i in self.ids])
        root = self.index(PHENOTYPE_ROOT)
        if root is not None:
            mask[self.descendants[root]] = True
            mask[root] = False
        return mask

    def lay(self, *, reserved: bool = False) -> Iterator[LayName]:
        """Expressions in which people speak of findings; `reserved` ones only if asked for.

        A tenth is reserved, so that what reading makes of unseen expressions can be measured.
        """
        texts = unpack_strings("lay.text", self._arrays).tolist()
        terms, voices = self._arrays["lay.term"].tolist(), self._arrays["lay.voice"].tolist()
        kept = self._arrays["lay.reserved"].tolist()
        for text, term, voice, is_reserved in zip(texts, terms, voices, kept, strict=True):
            if reserved or not is_reserved:
                yield LayName(self.ids[term], text, VOICES[voice])

    def answerable(self, index: int) -> str:
        """Whether a patient can know a term: one of `ANSWERABLE`."""
        return ANSWERABLE[self._arrays["term.answerable"][index]]

    def names(self, *, findings_only: bool = False) -> Iterator[TermName]:
        """Every name of every term, label first within a term."""
        texts = unpack_strings("name.text", self._arrays).tolist()
        terms, kinds = self._arrays["name.term"].tolist(), self._arrays["name.kind"].tolist()
        for text, term, kind in zip(texts, terms, kinds, strict=True):
            if not findings_only or self.is_finding[term]:
                yield TermName(self.ids[term], text, SYNONYM_KINDS[kind])
