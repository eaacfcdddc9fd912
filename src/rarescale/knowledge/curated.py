"""What rarescale itself adds to HPO: reviewed tables of facts, one a line, with our own ids.

Everything here was written for this project (CC BY 4.0), is marked "assumed" where it is not from a source, and is not
clinically validated. The tables lie in the folder `curated` of the package; a knowledge folder with a subfolder
`curated` uses its own instead. A missing table is an empty one.

| table                 | one line is                                                             |
|-----------------------|-------------------------------------------------------------------------|
| diseases.tsv          | an acquired or common disease (RSC id), its class, category, links, course |
| annotations.tsv       | a finding of such a disease, in the columns of phenotype.hpoa             |
| equivalents.tsv       | an ORPHA and an OMIM entry, read side by side: same, broader or narrower   |
| properties.tsv        | how findings stand to each other: impossible, co-occurring, import …       |
| factors.tsv           | an exposure, context or plain complaint that HPO has no term for (RSF id)  |
| lay.tsv               | an expression in which people speak of a finding                         |
| patient_answerable.tsv | whether a patient can know a finding                                     |
| prevalence.tsv        | how often a disease occurs, as a band                                    |
| red_flags.tsv         | a pattern of findings that speaks before any ranking, most urgent first  |
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rarescale.errors import KnowledgeError
from rarescale.knowledge.hpoa import AnnotationRow, read_rows
from rarescale.knowledge.obo import TermRow
from rarescale.record import Rarity

RARITIES: tuple[Rarity, ...] = ("unknown", "rare", "uncommon", "common")
BANDS = ("unknown", "<1/1,000,000", "1-9/1,000,000", "1-9/100,000", "1-9/10,000", "1-9/1,000", ">1/100")
"""Prevalence bands from rare to common; the position is the code stored in the compiled knowledge."""

URGENCIES = ("", "routine", "soon", "urgent", "emergency")
SEXES = ("any", "male", "female", "mostly male", "mostly female")
AGES = ("neonate", "infant", "child", "adolescent", "adult", "elderly")
VOICES = ("plain", "parent", "doctor", "regional", "denial", "trap")
"""Who speaks; `denial` tells a finding by denying something ("doesn't sweat"), `trap` tells that it is not there."""

ANSWERABLE = ("unknown", "symptom", "told", "no")

FLAG_SEXES = ("any", "male", "female")

TABLES = (
    "annotations.tsv",
    "diseases.tsv",
    "equivalents.tsv",
    "factors.tsv",
    "lay.tsv",
    "patient_answerable.tsv",
    "prevalence.tsv",
    "properties.tsv",
    "red_flags.tsv",
)

_FLAG_TERM = re.compile(r"(!?)((?:HP:\d{7})|(?:RSF:\d{4})) \((.+)\)")


@dataclass(frozen=True, slots=True)
class CuratedDisease:
    """One line of diseases.tsv; `links` are the OMIM and ORPHA ids of the same disease."""

    id: str
    name: str
    synonyms: tuple[str, ...]
    rarity: str
    category: str
    links: tuple[str, ...]
    sex: str
    ages: tuple[str, ...]
    urgency: str
    severity: int
    treatable: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayExpression:
    """One line of lay.tsv. A tenth is `reserved`: left out wherever something is measured or trained."""

    term: str
    text: str
    voice: str
    reserved: bool


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One line of red_flags.tsv: when all of `groups` are met and none of `barred` is there, `message` is said.

    A group is met by any of its terms or anything below it. Ages are years, `age_to` excluded, None = no limit;
    `sex` is one of `FLAG_SEXES`. `labels` are (id, label) as written for the readers of the table.
    """

    id: str
    name: str
    groups: tuple[tuple[str, ...], ...]
    barred: tuple[str, ...]
    age_from: float | None
    age_to: float | None
    sex: str
    message: str
    source: str
    labels: tuple[tuple[str, str], ...]


def curated_folder() -> Path:
    """The folder of the package."""
    return Path(str(files("rarescale.knowledge"))) / "curated"


def read_table(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The lines of a table with a header; raises KnowledgeError where a column is missing or a line is cut."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        if missing := set(columns) - set(reader.fieldnames or ()):
            raise KnowledgeError(f"{path} has no column {', '.join(sorted(missing))}; found {reader.fieldnames}")
        for number, row in enumerate(reader, 2):
            if None in row or None in row.values():
                raise KnowledgeError(f"{path} line {number}: expected {len(reader.fieldnames or ())} columns")
            yield row


def _parts(text: str) -> tuple[str, ...]:
    return tuple(p.strip() for p in text.split("|") if p.strip())


def _one_of(value: str, allowed: tuple[str, ...], path: Path, what: str) -> str:
    if value not in allowed:
        raise KnowledgeError(f"{path}: {what} is {value!r}, expected one of {', '.join(allowed)}")
    return value


def read_diseases(folder: Path) -> list[CuratedDisease]:
    """diseases.tsv."""
    path = folder / "diseases.tsv"
    columns = (
        "id",
        "name",
        "synonyms",
        "class",
        "category",
        "links",
        "sex",
        "age",
        "urgency",
        "severity",
        "treatable",
        "flags",
    )
    return [
        CuratedDisease(
            id=row["id"],
            name=row["name"],
            synonyms=_parts(row["synonyms"]),
            rarity=_one_of(row["class"], RARITIES, path, f"class of {row['id']}"),
            category=row["category"],
            links=_parts(row["links"]),
            sex=_one_of(row["sex"], SEXES, path, f"sex of {row['id']}"),
            ages=tuple(_one_of(a, AGES, path, f"age of {row['id']}") for a in _parts(row["age"])),
            urgency=_one_of(row["urgency"], URGENCIES, path, f"urgency of {row['id']}"),
            severity=int(_one_of(row["severity"], tuple("12345"), path, f"severity of {row['id']}")),
            treatable=int(_one_of(row["treatable"], tuple("12345"), path, f"treatable of {row['id']}")),
            flags=_parts(row["flags"]),
        )
        for row in read_table(path, columns)
    ]


def read_annotations(folder: Path) -> list[AnnotationRow]:
    """annotations.tsv, in the columns of phenotype.hpoa."""
    path = folder / "annotations.tsv"
    return list(read_rows(path, path.read_text(encoding="utf-8"))) if path.is_file() else []


def read_factors(folder: Path) -> list[TermRow]:
    """factors.tsv as terms of their own; lay expressions are read by `read_lay`."""
    return [
        TermRow(
            id=row["id"],
            label=row["name"],
            definition=row["definition"],
            names=[(s, "exact") for s in _parts(row["synonyms"])],
            parents=list(_parts(row["parents"])),
        )
        for row in read_table(folder / "factors.tsv", ("id", "name", "parents", "definition", "synonyms"))
    ]


def read_lay(folder: Path) -> list[LayExpression]:
    """lay.tsv, and the lay expressions of factors.tsv."""
    path = folder / "lay.tsv"
    found = [
        LayExpression(
            row["term_id"],
            row["expression"],
            _one_of(row["voice"], VOICES, path, f"voice of {row['term_id']}"),
            row["reserved"] == "reserved",
        )
        for row in read_table(path, ("term_id", "label", "expression", "voice", "reserved"))
    ]
    for row in read_table(folder / "factors.tsv", ("id", "lay")):
        found += [LayExpression(row["id"], text, "plain", False) for text in _parts(row["lay"])]
    return found


def read_answerable(folder: Path) -> dict[str, str]:
    """patient_answerable.tsv: term id -> one of `ANSWERABLE`."""
    path = folder / "patient_answerable.tsv"
    return {
        row["term_id"]: _one_of(row["answerable"], ANSWERABLE, path, f"answerable of {row['term_id']}")
        for row in read_table(path, ("term_id", "label", "answerable"))
    }


RELATIONS = ("same", "broader", "narrower")
"""What the ORPHA entry is to the OMIM entry."""


def read_equivalents(folder: Path) -> dict[tuple[str, str], str]:
    """equivalents.tsv: (ORPHA id, OMIM id) -> one of `RELATIONS`; pairs not listed were not found related."""
    path = folder / "equivalents.tsv"
    return {
        (row["orpha"], row["omim"]): _one_of(row["relation"], RELATIONS, path, f"relation of {row['orpha']}")
        for row in read_table(path, ("orpha", "omim", "relation", "reason"))
    }


def read_prevalence(folder: Path) -> dict[str, str]:
    """prevalence.tsv: disease id -> one of `BANDS`."""
    path = folder / "prevalence.tsv"
    return {
        row["id"]: _one_of(row["band"], BANDS, path, f"band of {row['id']}")
        for row in read_table(path, ("id", "band", "basis"))
    }


def read_red_flags(folder: Path) -> list[RedFlag]:
    """red_flags.tsv, in its order. Raises KnowledgeError for a pattern, age or sex that cannot be read."""
    path = folder / "red_flags.tsv"
    columns = ("id", "name", "pattern", "age_from", "age_to", "sex", "message", "source")
    return [_red_flag(row, path) for row in read_table(path, columns)]


def _red_flag(row: dict[str, str], path: Path) -> RedFlag:
    groups: list[tuple[str, ...]] = []
    barred: list[str] = []
    labels: list[tuple[str, str]] = []
    for part in row["pattern"].split(" & "):
        terms = [_flag_term(text, row["id"], path) for text in part.split(" | ")]
        labels += [(term, label) for _, term, label in terms]
        if any(negated for negated, _, _ in terms):
            # "none of these" is what a reader takes "!a | !b" for, so such a group has no positive term.
            if not all(negated for negated, _, _ in terms):
                raise KnowledgeError(
                    f"{path}: {row['id']} has terms with and without '!' in one group; "
                    "put '!' terms in a group of their own"
                )
            barred += [term for _, term, _ in terms]
        else:
            groups.append(tuple(term for _, term, _ in terms))
    if not groups:
        raise KnowledgeError(f"{path}: pattern of {row['id']} asks for no finding; expected at least one without '!'")
    return RedFlag(
        id=row["id"],
        name=row["name"],
        groups=tuple(groups),
        barred=tuple(barred),
        age_from=_age(row["age_from"], row["id"], path),
        age_to=_age(row["age_to"], row["id"], path),
        sex=_one_of(row["sex"], FLAG_SEXES, path, f"sex of {row['id']}"),
        message=row["message"],
        source=row["source"],
        labels=tuple(labels),
    )


def _flag_term(text: str, rule: str, path: Path) -> tuple[bool, str, str]:
    """Whether negated, id and label."""
    match = _FLAG_TERM.fullmatch(text.strip())
    if match is None:
        raise KnowledgeError(
            f"{path}: pattern of {rule} has {text.strip()!r}; expected a term such as HP:0100749 (Chest pain),"
            " groups separated by ' & ' and alternatives by ' | '"
        )
    return match[1] == "!", match[2], match[3]


def _age(text: str, rule: str, path: Path) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise KnowledgeError(f"{path}: age of {rule} is {text!r}, expected years or nothing") from None
