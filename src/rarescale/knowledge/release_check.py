"""Whether hp.obo and phenotype.hpoa, as they came, are one whole release."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rarescale.errors import KnowledgeError
from rarescale.knowledge.hpoa import AnnotationRow, read_hpoa
from rarescale.knowledge.obo import TermRow, read_obo
from rarescale.knowledge.sources import ANNOTATION_FILE, ONTOLOGY_FILE

FARTHEST_APART = 62
"""Days between the dates of both files; they are published together, now and then a few weeks apart."""
MOST_UNKNOWN = 0.01
"""Share of annotations of terms that the ontology lacks; both files of one release have none."""
LEAST_OF_ANNOUNCED = 0.99
"""Share of the diseases announced in the head of phenotype.hpoa; 2025-01-16 has 12,687 of 12,689."""

_ANNOUNCED = re.compile(r'^#description:.*\[(.+)\]"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Floors:
    """A release with fewer current terms or annotations is refused; 2025-01-16 has 19,034 and 271,702."""

    terms: int = 18_000
    annotations: int = 250_000


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """Dates of both files as they say them, and counts; `terms` without obsolete ones."""

    ontology_release: str
    annotations_release: str
    terms: int
    annotations: int
    diseases: int


def check_release(folder: Path, floors: Floors) -> tuple[ReleaseFacts, list[str]]:
    """Facts and notes of the files in `folder`. Raises KnowledgeError of kind "release" for an unsound release."""
    try:
        ontology, terms = read_obo(folder / ONTOLOGY_FILE)
        annotations, rows = read_hpoa(folder / ANNOTATION_FILE)
    except KnowledgeError as error:
        # The folder is gone by the time this is read, so its path would only mislead.
        said = str(error).replace(f"{folder}{os.sep}", "the fetched ")
        raise KnowledgeError(f"{said}. Nothing was changed", kind="release") from error
    current = sum(not t.obsolete for t in terms)
    ontology = ontology.rpartition("/")[2]
    _enough("current terms", current, floors.terms)
    _enough("annotations", len(rows), floors.annotations)
    _enough_diseases(folder / ANNOTATION_FILE, rows)
    _one_release(terms, rows)
    notes = _dates(ontology, annotations)
    return ReleaseFacts(ontology, annotations, current, len(rows), len({r.disease for r in rows})), notes


def _refused(what: str) -> KnowledgeError:
    return KnowledgeError(f"{what}. Nothing was changed: is this an unaltered HPO release?", kind="release")


def _enough(what: str, found: int, least: int) -> None:
    if found < least:
        raise _refused(f"the fetched release has {found:,} {what}; expected at least {least:,}")


def _enough_diseases(path: Path, rows: list[AnnotationRow]) -> None:
    """Compare with the head of the file, which says how many diseases of each database follow."""
    with path.open(encoding="utf-8") as stream:
        match = _ANNOUNCED.search(stream.read(4000))
    announced = sum(int(n) for n in re.findall(r"\d+", match[1])) if match else 0
    _enough("diseases", len({r.disease for r in rows}), int(announced * LEAST_OF_ANNOUNCED))


def _one_release(terms: list[TermRow], rows: list[AnnotationRow]) -> None:
    known = {t.id for t in terms} | {a for t in terms for a in t.alternatives}
    lost = sum(r.term not in known for r in rows)
    if lost > MOST_UNKNOWN * len(rows):
        raise _refused(f"{lost:,} of {len(rows):,} annotations name terms that {ONTOLOGY_FILE} lacks; expected none")


def _dates(ontology: str, annotations: str) -> list[str]:
    """Both files must be dated; a small difference is a note, a large one is refused."""
    try:
        apart = abs((date.fromisoformat(ontology) - date.fromisoformat(annotations)).days)
    except ValueError:
        raise _refused(
            f"the fetched files are dated {ontology or 'nothing'!r} and {annotations or 'nothing'!r};"
            " expected two dates such as 2025-01-16"
        ) from None
    said = f"{ONTOLOGY_FILE} is of {ontology} and {ANNOTATION_FILE} of {annotations}"
    if apart > FARTHEST_APART:
        raise _refused(f"{said}, {apart} days apart; expected both files of one release")
    return [f"{said}; both dates are named with every result"] if apart else []
