"""One look over the whole knowledge that lists every problem with its place, level and remedy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rarescale.knowledge.base import Knowledge
from rarescale.knowledge.check_tables import check_flags, check_lay, related
from rarescale.knowledge.issues import Issue
from rarescale.knowledge.resolve import normal_words

LEAST_FINDINGS = 12
"""A profile of our own with fewer findings than this is thin."""


def check(knowledge: Knowledge) -> list[Issue]:
    """All problems of the compiled knowledge, errors first."""
    found = [*_dates(knowledge), *_terms(knowledge), *_rows(knowledge), *_contradictions(knowledge)]
    found += [*_lay(knowledge), *_curated(knowledge), *check_lay(knowledge), *check_flags(knowledge)]
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


def _lay(knowledge: Knowledge) -> Iterator[Issue]:
    """Expressions that say the same for terms that have nothing to do with each other, or are another term's name."""
    ontology, where = knowledge.ontology, "lay.tsv"
    if lost := int(knowledge.arrays["lay.unknown_terms"][0]):
        yield Issue("warning", "lay-unknown-term", where, f"{lost} expressions name unknown terms", "correct their ids")
    names: dict[str, set[str]] = {}
    for name in ontology.names(findings_only=True):
        names.setdefault(normal_words(name.text), set()).add(name.term)
    owners: dict[str, set[str]] = {}
    for lay in ontology.lay(reserved=True):
        key = normal_words(lay.text)
        owners.setdefault(key, set()).add(lay.term)
        others = {o for o in names.get(key, set()) if not related(knowledge, o, lay.term)}
        if others and lay.voice != "trap":
            what = f"{lay.text!r} of {lay.term} is the name of {', '.join(sorted(others))}"
            yield Issue("warning", "lay-is-a-name", where, what, "give the expression to that term or drop it")
    for key, terms in owners.items():
        first, *rest = sorted(terms)
        if unrelated := [t for t in rest if not related(knowledge, first, t)]:
            what = f"{key!r} is said of {first} and of {', '.join(unrelated)}"
            yield Issue("warning", "lay-shared", where, what, "keep it for one of them")


def _curated(knowledge: Knowledge) -> Iterator[Issue]:
    """Our own diseases: too few findings, the same picture as a neighbour's, and factors nobody uses."""
    diseases, ontology = knowledge.diseases, knowledge.ontology
    pictures: dict[frozenset[int], str] = {}
    used: set[int] = set()
    for index in np.flatnonzero(diseases.rarities).tolist():
        own = next(i for i in diseases.ids(index) if i.startswith("RSC:"))
        rows = [a for a in diseases.annotations(index) if a.evidence == "ASM"]
        present = frozenset(a.term for a in rows if not a.negative)
        used |= {a.term for a in rows}
        if len(present) < LEAST_FINDINGS:
            yield Issue("warning", "thin-profile", own, f"{len(present)} findings", f"give at least {LEAST_FINDINGS}")
        if (twin := pictures.setdefault(present, own)) != own:
            yield Issue(
                "error", "same-picture", own, f"has exactly the findings of {twin}", "tell what sets them apart"
            )
        both = present & {a.term for a in rows if a.negative}
        if both:
            label = ontology.labels[min(both)]
            yield Issue("error", "present-and-absent", own, f"{label} is listed and excluded", "decide for one")
    for term in range(len(ontology)):
        unused = ontology.ids[term].startswith("RSF:") and not used.intersection(ontology.descendants[term].tolist())
        if unused and used:
            yield Issue("warning", "unused-factor", ontology.ids[term], ontology.labels[term], "use it or drop it")


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
