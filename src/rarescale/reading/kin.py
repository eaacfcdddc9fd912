"""Which terms are kin: the same, or one a parent of the other. A guess that misses by one step is not far off."""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.knowledge import Ontology


def are_kin(a: str, b: str, ontology: Ontology) -> bool:
    """Whether two terms are kin; False where `ontology` lacks one."""
    first, second = ontology.index(a), ontology.index(b)
    if first is None or second is None:
        return False
    return first == second or first in ontology.parents[second] or second in ontology.parents[first]


def kin_among(terms: Sequence[str], ontology: Ontology) -> dict[int, frozenset[int]]:
    """For each of `terms`, by place, that is a finding of `ontology`: the places of its kin, its own among them."""
    place = {index: row for row, term in enumerate(terms) if (index := finding_index(term, ontology)) is not None}
    kin: dict[int, set[int]] = {row: {row} for row in place.values()}
    for index, row in place.items():
        for parent in ontology.parents[index].tolist():
            if parent in place:
                kin[row].add(place[parent])
                kin[place[parent]].add(row)
    return {row: frozenset(rows) for row, rows in kin.items()}


def finding_index(term: str, ontology: Ontology) -> int | None:
    """The index of `term`; None where `ontology` lacks it or it is no finding there."""
    index = ontology.index(term)
    return index if index is not None and ontology.is_finding[index] else None
