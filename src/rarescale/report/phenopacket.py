"""An answer as a GA4GH Phenopacket v2 (JSON), with the ranked candidates as interpretations.

Source: https://phenopacket-schema.readthedocs.io (schema 2.0). Every candidate is one interpretation of progress status
UNSOLVED: a differential is not a diagnosis, and readers (ours among them) take any other status for one. Rank,
probability and the heaviest reasons stand in its summary. What the format has no place for is left out: weights,
uncertain findings, words not understood.
"""

from __future__ import annotations

from typing import Any

from rarescale.record import Candidate, Differential, Finding, State, Understanding, years
from rarescale.report.deidentify import age_bounds, deidentify

ONSET_LABELS = {
    "HP:0030674": "Antenatal onset",
    "HP:0003577": "Congenital onset",
    "HP:0003623": "Neonatal onset",
    "HP:0410280": "Pediatric onset",
    "HP:0003593": "Infantile onset",
    "HP:0011463": "Childhood onset",
    "HP:0003621": "Juvenile onset",
    "HP:0011462": "Young adult onset",
    "HP:0003581": "Adult onset",
    "HP:0003596": "Middle age onset",
    "HP:0003584": "Late onset",
}

_RESOURCES = {
    "HP": ("hp", "Human Phenotype Ontology", "http://purl.obolibrary.org/obo/hp.owl"),
    "OMIM": ("omim", "Online Mendelian Inheritance in Man", "https://www.omim.org"),
    "ORPHA": ("orphanet", "Orphanet", "https://www.orpha.net"),
    "DECIPHER": ("decipher", "DECIPHER", "https://www.deciphergenomics.org"),
    "RSC": ("rsc", "rarescale, acquired and common diseases", "urn:rarescale:diseases"),
    "RSF": ("rsf", "rarescale, exposures and contexts", "urn:rarescale:factors"),
}
"""Prefix of our ids -> id, name and address of the resource."""

_REASONS = 5


def phenopacket(answer: Understanding, *, created: str, deidentified: bool = False, number: int = 1) -> dict[str, Any]:
    """The packet as JSON data; `created` is an ISO 8601 time such as ``2026-01-31T12:00:00Z``.

    `deidentified` leaves out what `deidentify` drops; the patient is then "patient `number`" with an age range.
    """
    age = None if answer.age is None else {"age": {"iso8601duration": duration(answer.age)}}
    if deidentified:
        age = None if answer.age is None else {"ageRange": _range(answer.age)}
        answer = deidentify(answer, number)
    subject: dict[str, Any] = {"id": answer.id}
    if age is not None:
        subject["timeAtLastEncounter"] = age
    if answer.sex is not None:
        subject["sex"] = answer.sex.value
    packet: dict[str, Any] = {
        "id": answer.id,
        "subject": subject,
        "phenotypicFeatures": [_feature(f) for f in answer.findings if f.id],
    }
    candidates = [c for c in answer.differential if c.id] if isinstance(answer, Differential) else []
    if candidates:
        packet["interpretations"] = [_interpretation(c) for c in candidates]
    packet["metaData"] = {
        "created": created,
        "createdBy": f"{answer.engine.name} {answer.engine.version}",
        "resources": _resources(answer, [f.id or "" for f in answer.findings] + [c.id for c in candidates]),
        "phenopacketSchemaVersion": "2.0",
    }
    return packet


def duration(age: float) -> str:
    """An age in years as the plainest ISO 8601 duration that reads back as the same number (see `record.years`)."""
    whole = int(age)
    days = round((age - whole) * 365.25)
    months = round((age - whole) * 12)
    for text in (f"P{whole}Y", f"P{whole}Y{months}M", f"P{whole}Y{days}D"):
        if abs(years(text) - age) < 1e-9:
            return text
    return f"P{age!r}Y" if "e" not in repr(age) else f"P{age:.12f}Y"


def _range(age: float) -> dict[str, Any]:
    start, end = age_bounds(age)
    last = 125 if end is None else end
    return {"start": {"iso8601duration": f"P{start}Y"}, "end": {"iso8601duration": f"P{last}Y"}}


def _feature(finding: Finding) -> dict[str, Any]:
    feature: dict[str, Any] = {"type": {"id": finding.id, "label": finding.label or finding.text}}
    if finding.quote:
        feature["description"] = f"“{finding.quote}”"
    if finding.state is State.ABSENT:
        feature["excluded"] = True
    if finding.onset and finding.onset.startswith("P"):
        feature["onset"] = {"age": {"iso8601duration": finding.onset}}
    elif finding.onset:
        label = ONSET_LABELS.get(finding.onset, finding.onset)
        feature["onset"] = {"ontologyClass": {"id": finding.onset, "label": label}}
    return feature


def _interpretation(c: Candidate) -> dict[str, Any]:
    heaviest = sorted(c.reasons, key=lambda r: -abs(r.weight))[:_REASONS]
    why = "; ".join(f"{r.label or r.finding} {r.weight:+.1f}" for r in heaviest)
    others = f"; also {', '.join(c.ids[1:])}" if len(c.ids) > 1 else ""
    return {
        "id": f"candidate-{c.rank}",
        "progressStatus": "UNSOLVED",
        "diagnosis": {"disease": {"id": c.id, "label": c.name}},
        "summary": f"Candidate of rank {c.rank}, probability {c.probability:.4f}, not a diagnosis{others}. "
        f"Reasons in nats of log odds: {why or 'none'}.",
    }


def _resources(answer: Understanding, ids: list[str]) -> list[dict[str, str]]:
    """The resources that the ids come from, HPO always; versions are those of the knowledge release."""
    prefixes = dict.fromkeys(["HP", *(i.partition(":")[0] for i in ids)])
    release = answer.knowledge.release.removeprefix("HPO ").split(",")[0]
    found = []
    for prefix in prefixes:
        if prefix not in _RESOURCES:
            continue
        name, title, url = _RESOURCES[prefix]
        iri = {"HP": "http://purl.obolibrary.org/obo/HP_", "OMIM": "https://omim.org/entry/"}.get(prefix, f"{url}#")
        version = release if prefix == "HP" else f"{answer.knowledge.release} ({answer.knowledge.hash[:12]})"
        found.append(
            {"id": name, "name": title, "url": url, "version": version, "namespacePrefix": prefix, "iriPrefix": iri}
        )
    return found
