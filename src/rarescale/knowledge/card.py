"""Cards: what the knowledge says of one disease or one finding, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rarescale.knowledge.base import Knowledge
from rarescale.knowledge.diseases import Annotation
from rarescale.record import DiseaseId, TermId


@dataclass(frozen=True, slots=True)
class CardLine:
    """One finding of a disease: mean `probability` over its rows (0..1), in `frequency` the rows' own words."""

    term: TermId
    label: str
    probability: float
    frequency: str
    negative: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiseaseCard:
    """A disease: findings by falling frequency, then what is said not to occur; onset, inheritance, course."""

    ids: tuple[DiseaseId, ...]
    names: tuple[str, ...]
    findings: tuple[CardLine, ...]
    excluded: tuple[CardLine, ...]
    inheritance: tuple[CardLine, ...]
    course: tuple[CardLine, ...]
    other: tuple[CardLine, ...]


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A term with its names, neighbours, and the number of diseases annotated with it or below it."""

    id: TermId
    label: str
    definition: str
    names: tuple[tuple[str, str], ...]
    parents: tuple[tuple[TermId, str], ...]
    diseases: int


def disease_card(knowledge: Knowledge, disease: str) -> DiseaseCard | None:
    """The card of the disease with this id; None where there is none."""
    index = knowledge.diseases.index(disease)
    if index is None:
        return None
    lines: dict[str, list[CardLine]] = {key: [] for key in ("P", "I", "C", "X", "H", "M")}
    for (aspect, negative, _), rows in groupby(sorted(knowledge.diseases.annotations(index), key=_place), key=_place):
        line = _line(knowledge, list(rows))
        lines["X" if negative and aspect == "P" else aspect].append(line)
    ordered = {k: tuple(sorted(v, key=lambda x: (-x.probability, x.label))) for k, v in lines.items()}
    return DiseaseCard(
        ids=knowledge.diseases.ids(index),
        names=knowledge.diseases.names(index),
        findings=ordered["P"],
        excluded=ordered["X"],
        inheritance=ordered["I"],
        course=ordered["C"],
        other=ordered["H"] + ordered["M"],
    )


def _place(row: Annotation) -> tuple[str, bool, int]:
    return row.aspect, row.negative, row.term


def _line(knowledge: Knowledge, rows: list[Annotation]) -> CardLine:
    term = rows[0].term
    return CardLine(
        term=knowledge.ontology.ids[term],
        label=knowledge.ontology.labels[term],
        probability=sum(r.probability for r in rows) / len(rows),
        frequency="; ".join(dict.fromkeys(r.frequency for r in rows)),
        negative=rows[0].negative,
        sources=tuple(dict.fromkeys(r.reference for r in rows)),
    )


def finding_card(knowledge: Knowledge, term: str) -> FindingCard | None:
    """The card of the term with this id (old ids are understood); None where there is none."""
    ontology = knowledge.ontology
    index = ontology.index(term)
    if index is None:
        return None
    rows = knowledge.diseases.rows
    below = ontology.descendants[index]
    annotated = {int(d) for d in knowledge.diseases.row_disease[np.isin(rows["term"], below) & ~rows["negative"]]}
    return FindingCard(
        id=ontology.ids[index],
        label=ontology.labels[index],
        definition=ontology.definitions[index],
        names=tuple((n.text, n.kind) for n in ontology.names() if n.term == ontology.ids[index]),
        parents=tuple((ontology.ids[p], ontology.labels[p]) for p in ontology.parents[index]),
        diseases=len(annotated),
    )
