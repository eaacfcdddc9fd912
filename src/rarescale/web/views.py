"""One disease of the differential as it is shown: bars, what is expected, how onset and inheritance fit, references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rarescale.knowledge import CardLine, DiseaseCard, Ontology
from rarescale.record import Candidate, Reason, Sex
from rarescale.report import band
from rarescale.web.picture import Picture

EXPECTED = 4
"""Findings that are usual in a disease and were not asked about, at most."""

USUAL = 0.3
"""Least frequency of a finding that is expected."""

_COUNTS = re.compile(r"(\d+)/(\d+)")

CardOf = Callable[[str], DiseaseCard | None]
"""Looks the card of a disease up by its id."""

NO_CARD = DiseaseCard((), (), (), (), (), (), ())
"""Of a diagnosis that the knowledge does not have."""

ASSUMED = "assumed"
"""The source of annotations of our own that have none."""

_KINDS = {
    "exact": "",
    "unexplained": "not described in this disease",
    "absent": "usual in this disease, but absent",
    "sex": "inheritance",
    "age": "onset",
}


@dataclass(frozen=True)
class Bar:
    """One signed weight. `width` is 0..100 of the half the bar has; `side` is for or against."""

    id: str
    label: str
    side: str
    weight: float
    width: float
    note: str


@dataclass(frozen=True)
class Fit:
    """How a circumstance fits: `verdict` is fits, against or unknown."""

    text: str
    verdict: str


@dataclass(frozen=True)
class View:
    """A candidate with everything around it."""

    candidate: Candidate
    card: DiseaseCard
    band: str
    change: str
    moved: str
    bars: tuple[Bar, ...]
    expected: tuple[CardLine, ...]
    onset: Fit
    inheritance: Fit
    references: tuple[str, ...]
    compared: bool

    @property
    def key(self) -> str:
        """The id as it may stand in an HTML id."""
        return self.candidate.id.replace(":", "_")


def views_of(picture: Picture, ontology: Ontology, card_of: CardOf) -> list[View]:
    """All candidates; their bars have one scale."""
    shown = picture.answer.differential
    scale = max((abs(r.weight) for c in shown for r in c.reasons), default=1.0) or 1.0
    near = related(picture, ontology)
    return [_view(c, card_of(c.id) or NO_CARD, picture, scale, near) for c in shown]


def related(picture: Picture, ontology: Ontology) -> frozenset[str]:
    """Terms about which something is known: those on the bench, above a present and below an absent or unknown one."""
    known: set[str] = set()
    for item in picture.items.values():
        known.add(item.id)
        index = ontology.index(item.id)
        if index is None:
            continue
        if item.mark == "present":
            known |= ontology.ancestor_ids(item.id)
        else:
            known |= {ontology.ids[d] for d in ontology.descendants[index].tolist()}
    return frozenset(known)


def _view(candidate: Candidate, card: DiseaseCard, picture: Picture, scale: float, near: frozenset[str]) -> View:
    change, moved = _change(candidate, picture)
    reasons = sorted(candidate.reasons, key=lambda r: -abs(r.weight))
    return View(
        candidate=candidate,
        card=card,
        band=band(candidate.probability),
        change=change,
        moved=moved,
        bars=(*_learned(candidate, scale), *(_bar(r, scale) for r in reasons)),
        expected=expected(card, near)[:EXPECTED],
        onset=_onset(card, candidate.reasons, picture),
        inheritance=_inheritance(card, candidate.reasons, picture),
        references=tuple(dict.fromkeys(r.source for r in reasons if r.source and r.source != ASSUMED)),
        compared=candidate.id in picture.bench.compared,
    )


def percent(probability: float) -> str:
    """Such as ``41 %`` and ``< 1 %``."""
    return f"{probability * 100:.0f} %" if probability >= 0.01 else "< 1 %"


def expected(card: DiseaseCard, near: frozenset[str]) -> tuple[CardLine, ...]:
    """Usual findings of a disease about which nothing is known yet; the surest frequencies first."""
    lines = [x for x in card.findings if x.probability >= USUAL and x.term not in near]
    return tuple(sorted(lines, key=lambda x: (-sureness(x), x.label)))


def sureness(line: CardLine) -> float:
    """The frequency of a finding, drawn to a half where few patients were counted; 0 where none is stated.

    One patient of one is weaker than "very frequent": counts n/m are taken as (n + 1) / (m + 2) (Laplace).
    """
    if line.frequency == "not stated":
        return 0.0
    counts = _COUNTS.findall(line.frequency)
    if not counts or "%" in line.frequency:
        return line.probability
    return (sum(int(n) for n, _ in counts) + 1) / (sum(int(m) for _, m in counts) + 2)


def _change(candidate: Candidate, picture: Picture) -> tuple[str, str]:
    """What happened to the rank since the step before, in words and as up, down, new or same."""
    before = picture.bench.before
    if not before:
        return "", "same"
    old = next((k for k, d in enumerate(before, 1) if d in candidate.ids), None)
    if old is None:
        return "new in the list", "new"
    if old == candidate.rank:
        return "", "same"
    return (f"up from {old}", "up") if old > candidate.rank else (f"down from {old}", "down")


def _bar(reason: Reason, scale: float) -> Bar:
    return Bar(
        id=reason.finding,
        label=reason.label or reason.finding,
        side=reason.direction,
        weight=reason.weight,
        width=round(100 * abs(reason.weight) / scale, 1),
        note=" · ".join(part for part in (_matched(reason), _times(reason), reason.source) if part),
    )


def _learned(candidate: Candidate, scale: float) -> tuple[Bar, ...]:
    """What a trained model makes of the words, where one is used."""
    if not candidate.learned:
        return ()
    side = "for" if candidate.learned > 0 else "against"
    width = min(100.0, round(100 * abs(candidate.learned) / scale, 1))
    return (Bar("", "Trained model on all that was said", side, candidate.learned, width, ""),)


def _matched(reason: Reason) -> str:
    if reason.kind in ("descendant", "ancestor", "related"):
        relation = {"descendant": "as", "ancestor": "as the wider", "related": "near"}[reason.kind]
        return f"{relation} {reason.matched_label or reason.matched}"
    return _KINDS.get(reason.kind, reason.kind)


def _times(reason: Reason) -> str:
    said = reason.frequency
    if not said or said == "not stated":
        return ""
    return f"in {said}" if said[:1].isdigit() else said.lower()


def _labels(lines: Iterable[CardLine]) -> str:
    return ", ".join(dict.fromkeys(x.label for x in lines if not x.negative))


def _onset(card: DiseaseCard, reasons: Iterable[Reason], picture: Picture) -> Fit:
    known = _labels(x for x in card.course if "onset" in x.label.lower())
    age = picture.answer.age
    if not known:
        return Fit("no onset is annotated", "unknown")
    if any(r.kind == "age" for r in reasons):
        return Fit(f"{known}; this patient is younger", "against")
    return Fit(known, "fits" if age is not None else "unknown")


def _inheritance(card: DiseaseCard, reasons: Iterable[Reason], picture: Picture) -> Fit:
    known = _labels(card.inheritance)
    if not known:
        return Fit("none is annotated", "unknown")
    if any(r.kind == "sex" for r in reasons):
        return Fit(f"{known}; rarely affects female patients", "against")
    return Fit(known, "fits" if "X-linked" in known and picture.answer.sex is Sex.MALE else "unknown")
