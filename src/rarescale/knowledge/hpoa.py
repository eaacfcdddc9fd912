"""Read `phenotype.hpoa`, the 12-column table of HPO's disease annotations.

Columns: database_id, disease_name, qualifier, hpo_id, reference, evidence, onset, frequency, sex, modifier,
aspect, biocuration. Aspects stay apart: P phenotype, I inheritance, C clinical course (onset and death),
M modifier, H past medical history.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rarescale.errors import KnowledgeError
from rarescale.knowledge.frequency import Frequency, parse_frequency

COLUMNS = (
    "database_id",
    "disease_name",
    "qualifier",
    "hpo_id",
    "reference",
    "evidence",
    "onset",
    "frequency",
    "sex",
    "modifier",
    "aspect",
    "biocuration",
)
ASPECTS = "PICMH"
EVIDENCE = ("IEA", "TAS", "PCS", "ASM")
"""HPO's evidence codes, and our own ASM: assumed, from general medical knowledge."""
_VERSION = re.compile(r"^#\s*version:\s*(\S+)")


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """One row, its frequency read. `negative`: qualifier NOT, "Excluded", 0/n or 0 %."""

    line: int
    disease: str
    name: str
    term: str
    reference: str
    evidence: str
    onset: str
    frequency: Frequency
    sex: str
    aspect: str
    negative: bool


def read_hpoa(path: Path) -> tuple[str, list[AnnotationRow]]:
    """The release date of the header and all rows.

    Raises KnowledgeError for a row that is not as described above, naming its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path} cannot be read: {error}; put an unaltered phenotype.hpoa there") from error
    version = next((m[1] for line in text[:4000].splitlines() if (m := _VERSION.match(line))), "")
    rows = list(read_rows(path, text))
    if not rows:
        raise KnowledgeError(f"{path} holds no annotation rows; is it complete? Put an unaltered phenotype.hpoa there")
    if not text.endswith("\n"):
        raise KnowledgeError(
            f"{path} ends in the middle of line {rows[-1].line}; it is truncated: copy or download it again"
        )
    return version, rows


def read_rows(path: Path, text: str) -> Iterator[AnnotationRow]:
    """The rows of `text`, which was read from `path`. Raises KnowledgeError for a row that is not as described."""
    frequencies: dict[str, Frequency] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line[0] == "#" or line.startswith("database_id\t"):
            continue
        fields = line.split("\t")
        if len(fields) != len(COLUMNS):
            raise KnowledgeError(
                f"{path} line {number}: expected {len(COLUMNS)} columns, found {len(fields)}; is the file altered?"
            )
        disease, name, qualifier, term, reference, evidence, onset, raw, sex, _modifier, aspect, _who = fields
        if (frequency := frequencies.get(raw)) is None:
            try:
                frequency = frequencies[raw] = parse_frequency(raw)
            except ValueError as error:
                raise KnowledgeError(f"{path} line {number}: {error}") from error
        if aspect not in ASPECTS or qualifier not in ("", "NOT"):
            raise KnowledgeError(
                f"{path} line {number}: aspect {aspect!r} and qualifier {qualifier!r}; "
                f"expected one of {ASPECTS} and NOT or nothing"
            )
        negative = qualifier == "NOT" or frequency.excluded
        yield AnnotationRow(
            number, disease, name, term, reference, evidence, onset, frequency, sex.upper(), aspect, negative
        )
