"""Two diseases side by side: what each finding says for either, and what would tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

from rarescale.knowledge import CardLine, DiseaseCard, Ontology
from rarescale.record import Candidate
from rarescale.web.picture import Picture
from rarescale.web.views import USUAL, View, related, sureness

APART = 6
"""Findings that would tell the two apart, at most, for each."""


@dataclass(frozen=True)
class Row:
    """One finding; weights in nats, 0 where the disease has no reason with it. `lead` is the disease it favours."""

    label: str
    left: float
    right: float
    lead: str


@dataclass(frozen=True)
class Comparison:
    """Findings by how much they separate; then what is usual in the one and not described in the other."""

    left: View
    right: View
    rows: tuple[Row, ...]
    left_only: tuple[CardLine, ...]
    right_only: tuple[CardLine, ...]


def comparison(picture: Picture, ontology: Ontology, views: list[View]) -> Comparison | None:
    """The two diseases marked for comparison, if both are among the `views`."""
    chosen = [v for v in views if v.candidate.id in picture.bench.compared]
    if len(chosen) != 2:
        return None
    left, right = chosen
    near = related(picture, ontology)
    return Comparison(
        left,
        right,
        _rows(left.candidate, right.candidate),
        _only(ontology, left.card, right.card, near),
        _only(ontology, right.card, left.card, near),
    )


def _rows(left: Candidate, right: Candidate) -> tuple[Row, ...]:
    names = {r.finding: r.label or r.finding for c in (left, right) for r in c.reasons}
    one, two = ({r.finding: r.weight for r in c.reasons} for c in (left, right))
    rows = []
    for term, label in names.items():
        a, b = one.get(term, 0.0), two.get(term, 0.0)
        rows.append(Row(label, a, b, "neither" if abs(a - b) < 0.1 else left.name if a > b else right.name))
    return tuple(sorted(rows, key=lambda r: -abs(r.left - r.right)))


def _only(ontology: Ontology, card: DiseaseCard, other: DiseaseCard, near: frozenset[str]) -> tuple[CardLine, ...]:
    """Usual in the disease of `card`, nothing at or below it in `other`, and not asked about yet."""
    theirs = frozenset[str]().union(*(ontology.ancestor_ids(x.term) for x in other.findings))
    lines = [x for x in card.findings if x.probability >= USUAL and x.term not in near and x.term not in theirs]
    return tuple(sorted(lines, key=lambda x: (-sureness(x), x.label))[:APART])
