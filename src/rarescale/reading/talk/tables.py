"""The tables of this package as rows, and what they mean together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

TABLES = ("parts", "complaints", "pairs", "activities", "analytes", "directions", "thresholds")


_LOOKED_FOR = ("ositivity", "ositive", "uria", "osis", "bands")
"""Endings of terms that a positive result tells."""


class Threshold(NamedTuple):
    """Values from `least` to `most` of a measurement tell `term`."""

    least: float
    most: float
    term: str


class Part(NamedTuple):
    """A part of the body; `owned` where its word means the part only after "my", "the" and the like ("back")."""

    above: str
    owned: bool


def _text(name: str) -> str:
    return resources.files("rarescale.reading.talk").joinpath(f"{name}.tsv").read_text(encoding="utf-8")


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of table `name`, by the names of their columns."""
    lines = [line.split("\t") for line in _text(name).splitlines() if line and not line.startswith("#")]
    return [dict(zip(lines[0], row, strict=True)) for row in lines[1:]]


@cache
def table_hash() -> str:
    """Identifies the content of all tables (16 hex digits)."""
    return hashlib.blake2b("\0".join(map(_text, TABLES)).encode(), digest_size=8).hexdigest()


def words_of(cell: str) -> list[str]:
    """The expressions of a cell, which are parted by ";"."""
    return [word for part in cell.split(";") if (word := part.strip())]


def term_of(cell: str) -> str:
    """The id in a cell such as ``HP:0030839 (Knee pain)``; empty for an empty cell."""
    return cell.split(" ", 1)[0]


def parts() -> dict[str, Part]:
    """The parts of the body by their name."""
    return {row["part"]: Part(row["above"], row["owned"] == "yes") for row in read_table("parts")}


def pair_terms() -> dict[tuple[str, str], str]:
    """(part, complaint) -> term, those inherited from wider parts included."""
    told = {(row["part"], row["complaint"]): term_of(row["term"]) for row in read_table("pairs")}
    known = parts()
    complaints = {complaint for _, complaint in told}
    for part in known:
        for complaint in complaints:
            at = part
            while at and (at, complaint) not in told:
                at = known[at].above
            if at:
                told[part, complaint] = told[at, complaint]
    return told


def activity_terms() -> list[tuple[list[str], str]]:
    """The expressions of each row of activities and the term that not being able to do them tells."""
    return [(words_of(row["words"]), term_of(row["term"])) for row in read_table("activities")]


def measure_terms() -> dict[tuple[str, str], tuple[str, ...]]:
    """(measurement, direction) -> terms; for "normal" and "negative" those that it denies."""
    told: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in read_table("analytes"):
        name = words_of(row["names"])[0]
        own = {direction: term_of(row[direction]) for direction in ("high", "low", "abnormal")}
        for direction, term in own.items():
            if term or own["abnormal"]:
                told[name, direction] = (term or own["abnormal"],)
        if own["high"] and row["high"].rstrip(")").endswith(_LOOKED_FOR):
            told[name, "positive"] = told[name, "negative"] = (own["high"],)
        denied = tuple(dict.fromkeys(t for t in (own["high"], own["low"]) if t))
        told[name, "normal"] = denied or (own["abnormal"],)
    return told


def thresholds() -> dict[str, list[Threshold]]:
    """The thresholds of each measurement that has some."""
    found: dict[str, list[Threshold]] = {}
    for row in read_table("thresholds"):
        found.setdefault(row["measure"], []).append(
            Threshold(float(row["least"]), float(row["most"]), term_of(row["term"]))
        )
    return found


def all_terms() -> Iterator[str]:
    """Every term that a table tells, once."""
    told = {
        *pair_terms().values(),
        *(term for _, term in activity_terms()),
        *(t for terms in measure_terms().values() for t in terms),
    }
    yield from sorted(told | {t.term for rows in thresholds().values() for t in rows})
