"""GA4GH Phenopacket v2, Family and Cohort to `Case`; version 1 is refused with the way to convert it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rarescale.errors import InputError
from rarescale.formats.caselines import id_text
from rarescale.formats.demographics import Warned, age_of, onset_of, sex_of
from rarescale.formats.detect import version_of
from rarescale.formats.explain import validated
from rarescale.formats.places import Place, cut, refusal
from rarescale.formats.wire_phenopacket import (
    Age,
    Individual,
    OntologyClass,
    Phenopacket,
    PhenotypicFeature,
    TimeElement,
)
from rarescale.record import Case, DiseaseId, Finding, State

_UNSOLVED = ("UNSOLVED", 4)
"""InterpretationProgressStatus by name and number: the work-up found no diagnosis, so what it names is not one."""
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Packet:
    """A phenopacket that stood alone or in a Family or Cohort, with the warnings this brings."""

    content: Any
    place: Place
    warnings: Warned = ()
    nested: bool = False


def packets_of(value: Mapping[str, Any], kind: str, place: Place) -> Iterator[Packet]:
    """The packets in a message: itself, the proband of a Family, each member of a Cohort."""
    name = cut(id_text(value.get("id")) or place.default_id, 100) if kind != "phenopacket" else ""
    if kind == "family":
        others = len(value.get("relatives") or ()) if isinstance(value.get("relatives"), list) else 0
        yield Packet(
            value["proband"], place, (f"family {name}: the proband is used; relatives not used: {others}",), True
        )
    elif kind == "cohort":
        for number, member in enumerate(value["members"], 1):
            yield Packet(member, place.at(place.line, number), (f"member {number} of cohort {name}",), True)
    else:
        yield Packet(value, place)


def version_1(place: Place) -> InputError:
    """The refusal of a version 1 phenopacket."""
    return refusal(
        "phenopacket-v1",
        place.origin,
        found="a phenopacket of version 1",
        expected="a GA4GH Phenopacket of version 2",
        next_step="Convert it: java -jar phenopacket-tools-cli.jar convert --convert-variants < old.json > new.json",
    )


def case_of_packet(packet: Packet) -> Case:
    """The case of a version 2 phenopacket. Raises InputError (kind ``shape``) where a key holds the wrong type."""
    place = packet.place
    read = validated(Phenopacket, packet.content, place.origin)
    warnings = [*packet.warnings, *_version_warnings(packet)]
    findings = tuple(_findings(read.phenotypic_features or [], warnings))
    if not findings:
        warnings.append("the phenopacket lists no phenotypic features")
    subject = read.subject
    if subject is None:
        warnings.append("the phenopacket has no subject; sex and age are unknown")
        subject = Individual()
    sex, sex_warnings = sex_of(subject.sex, numbered=True)
    age, age_warnings = _age(subject)
    diseases = _diseases(read)
    return Case(
        id=id_text(read.id) or id_text(subject.id) or place.default_id,
        origin=place.origin,
        diagnosis=tuple(DiseaseId(d) for d in diseases),
        diagnosis_name=next(iter(diseases.values()), None) or None,
        warnings=(*warnings, *sex_warnings, *age_warnings),
        extra=_extra(read),
        sex=sex,
        age=age,
        findings=findings,
    )


def _version_warnings(packet: Packet) -> Warned:
    version = version_of(packet.content)
    if version is None:
        return () if packet.nested else ("the phenopacket states no phenopacketSchemaVersion; read as version 2",)
    if version.strip().lstrip("v").split(".")[0] == "2":
        return ()
    return (f"phenopacket schema version {cut(version)!r} is unknown; read as version 2",)


def _findings(features: list[PhenotypicFeature], warnings: list[str]) -> Iterator[Finding]:
    for number, feature in enumerate(features):
        term = feature.type or OntologyClass()
        text = (term.id or term.label or "").strip()
        if not text:
            warnings.append(f"phenotypicFeatures[{number}] has no type; left out")
            continue
        onset, more = onset_of(_onset_text(feature.onset), f"phenotypicFeatures[{number}]")
        warnings.extend(more)
        state = State.ABSENT if feature.excluded else State.PRESENT
        yield Finding(text=text, label=term.label or "", state=state, onset=onset)


def _onset_text(onset: TimeElement | None) -> str | None:
    """The age, the start of an age range, or the onset term; other ways to say it are left out."""
    if onset is None:
        return None
    age_range = onset.age_range.start if onset.age_range else None
    term = onset.ontology_class.id if onset.ontology_class else None
    return _duration(onset.age) or _duration(age_range) or term


def _duration(age: Age | str | None) -> str | None:
    return age.iso8601duration if isinstance(age, Age) else age


def _age(subject: Individual) -> tuple[float | None, Warned]:
    """Age in years at the last encounter. Of an age range the end: the patient was at most that old."""
    seen = subject.time_at_last_encounter
    if seen is None:
        if subject.date_of_birth:
            return None, ("age: a date of birth without timeAtLastEncounter gives no age",)
        return None, ()
    if duration := _duration(seen.age):
        return age_of(duration)
    if seen.age_range is not None:
        return _age_of_range(_duration(seen.age_range.start), _duration(seen.age_range.end))
    if seen.timestamp:
        return _age_of_dates(subject.date_of_birth, seen.timestamp)
    if seen.ontology_class is not None and seen.ontology_class.id:
        term = f"{cut(seen.ontology_class.id)} ({cut(seen.ontology_class.label or 'no label')})"
        return None, (f"age: the term {term} gives no age in years; age left unknown",)
    if seen.gestational_age is not None:
        return None, ("age: a gestational age gives no age in years; age left unknown",)
    return None, ()


def _age_of_range(start: str | None, end: str | None) -> tuple[float | None, Warned]:
    age, warnings = age_of(end or start)
    if age is None:
        return age, warnings
    return age, (
        f"age: from the range {start or 'unknown'} to {end or 'unknown'} its {'end' if end else 'start'} is used",
    )


def _age_of_dates(born: str | None, seen: str) -> tuple[float | None, Warned]:
    if not born:
        return None, ("age: timeAtLastEncounter is a date and there is no dateOfBirth; age left unknown",)
    try:
        days = (date.fromisoformat(seen[:10]) - date.fromisoformat(born[:10])).days
    except ValueError:
        return None, (f"age: {cut(born)!r} and {cut(seen)!r} are not both dates such as 1990-05-17; age left unknown",)
    if days < 0:
        return None, (f"age: the last encounter {seen[:10]} lies before the birth {born[:10]}; age left unknown",)
    age, warnings = age_of(f"P{days}D")
    return (None if age is None else days / _DAYS_PER_YEAR), warnings


def _diseases(packet: Phenopacket) -> dict[str, str]:
    """Id to label of the diseases the packet states: its list without excluded ones, then its interpretations."""
    terms = [d.term for d in packet.diseases or () if not d.excluded]
    solved = [i for i in packet.interpretations or () if i.progress_status not in _UNSOLVED]
    terms += [i.diagnosis.disease for i in solved if i.diagnosis]
    found: dict[str, str] = {}
    for term in terms:
        if term and term.id and term.id.strip():
            found.setdefault(term.id.strip(), term.label or "")
    return found


def _extra(packet: Phenopacket) -> dict[str, Any]:
    """What is kept without being read: measurements, and the papers among the external references."""
    extra: dict[str, Any] = {"measurements": packet.measurements} if packet.measurements else {}
    meta = packet.meta_data or {}
    references = meta.get("externalReferences", meta.get("external_references"))
    ids = [r.get("id") for r in references if isinstance(r, Mapping)] if isinstance(references, list) else []
    pmids = [i for i in ids if isinstance(i, str) and i.startswith("PMID:")]
    return {**extra, "pmids": pmids} if pmids else extra
