"""Body systems: the heading under which a finding stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from rarescale.knowledge import Ontology

ROOT = "HP:0000118"
"""Phenotypic abnormality: its children are the body systems."""

OTHER = "Other"

T = TypeVar("T")


class Systems:
    """The heading of each term; of several, the one that comes first in the list of headings."""

    def __init__(self, ontology: Ontology) -> None:
        """Headings are the terms directly below phenotypic abnormality, and those at the top of our factors."""
        self._ontology = ontology
        root = ontology.index(ROOT)
        self._headings: dict[int, str] = {}
        for term in range(len(ontology)):
            parents = ontology.parents[term].tolist()
            if root in parents or (not parents and not ontology.ids[term].startswith("HP:")):
                self._headings[term] = _plain(ontology.labels[term])

    def heading(self, term: str) -> str:
        """Such as ``Nervous system``; "Other" for what stands under none."""
        index = self._ontology.index(term)
        if index is None:
            return OTHER
        above = self._ontology.ancestor_set(index)
        return next((name for term, name in self._headings.items() if term in above), OTHER)

    def grouped(self, items: Iterable[tuple[str, T]]) -> list[tuple[str, list[T]]]:
        """(term id, thing) pairs as headings with their things, in the order in which headings first occur."""
        groups: dict[str, list[T]] = {}
        for term, item in items:
            groups.setdefault(self.heading(term), []).append(item)
        return list(groups.items())


def _plain(label: str) -> str:
    for beginning in ("Abnormality of the ", "Abnormality of ", "Abnormal "):
        label = label.removeprefix(beginning)
    return label[:1].upper() + label[1:]
