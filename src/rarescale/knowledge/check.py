"""One look over the whole knowledge that lists every problem with its place, level and remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rarescale.knowledge.base import Knowledge


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem. `error`: results can be wrong; `warning`: the source is odd, results stand."""

    level: Literal["error", "warning"]
    code: str
    where: str
    what: str
    remedy: str


def check(knowledge: Knowledge) -> list[Issue]:
    """All problems of the compiled knowledge, errors first."""
    found = [*_dates(knowledge), *_terms(knowledge), *_rows(knowledge), *_contradictions(knowledge)]
    return sorted(found, key=lambda i: (i.level, i.code, i.where))


def _dates(knowledge: Knowledge) -> Iterator[Issue]:
    if "annotations" in knowledge.release.release:
        yield Issue(
            "warning",
            "release-mismatch",
            str(knowledge.sources.folder),
            knowledge.release.release,
            "use both files of one release",
        )


def _terms(knowledge: Knowledge) -> Iterator[Issue]:
    ontology = knowledge.ontology
    labels: dict[str, int] = {}
    for index in range(len(ontology)):
        where, label = ontology.ids[index], ontology.labels[index]
        if not label:
            yield Issue("error", "no-label", where, "the term has no name", "use an unaltered hp.obo")
        elif (other := labels.setdefault(label.lower(), index)) != index:
            yield Issue(
                "warning", "same-label", where, f"{label!r} also names {ontology.ids[other]}", "report it to HPO"
            )
        if any(index in ontology.ancestors[int(p)] for p in ontology.parents[index]):
            yield Issue("error", "cycle", where, "the term is its own ancestor", "use an unaltered hp.obo")


def _rows(knowledge: Knowledge) -> Iterator[Issue]:
    where = str(knowledge.sources.annotations)
    if lost := int(knowledge.arrays["rows.unknown_terms"][0]):
        yield Issue(
            "warning",
            "unknown-term",
            where,
            f"{lost} rows name terms that {knowledge.sources.ontology.name} lacks",
            "use both files of one release",
        )
    probability = knowledge.diseases.rows["probability"]
    if bad := int(np.sum(~((probability >= 0) & (probability <= 1)))):
        yield Issue(
            "error",
            "frequency-range",
            where,
            f"{bad} frequencies are not within 0..1",
            "delete the cache folder and start again",
        )


def _contradictions(knowledge: Knowledge) -> Iterator[Issue]:
    """A finding that one and the same source lists for a disease and also excludes."""
    rows, diseases = knowledge.diseases.rows, knowledge.diseases
    key = rows["source"].astype(np.int64) * len(knowledge.ontology) + rows["term"]
    phenotype = rows["aspect"] == 0
    both = np.intersect1d(
        key[phenotype & rows["negative"]], key[phenotype & ~rows["negative"] & (rows["probability"] >= 0.5)]
    )
    for k in both[:50]:
        source, term = divmod(int(k), len(knowledge.ontology))
        yield Issue(
            "warning",
            "listed-and-excluded",
            diseases.source_ids[source],
            f"{knowledge.ontology.ids[term]} ({knowledge.ontology.labels[term]}) is both listed and excluded",
            "both rows are kept and pooled",
        )
