"""Whole sentences for the commonest findings, and the questions of a clinician with their denials.

`data/sentences.tsv` tells present findings, by age; `data/screens.tsv` holds questions in plain words by theme, and
how a layperson denies each finding under them. A text with {he} or {him} is for those who speak of somebody else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from rarescale.simulation.wording import Person
from rarescale.simulation.writers.pieces import filled, table

_OPTIONS = re.compile(r"\[([^\]]*)\]")
_OF_OTHERS = re.compile(r"\{(?:he|him|his|himself)\}|\bwe\b|\bus\b")


class Sentence(NamedTuple):
    """One way to say a finding at ages (years) from `least` to below `most`; `kind`: `main`, `told` or empty."""

    text: str
    kind: str
    least: float
    most: float


class Screen(NamedTuple):
    """Questions of one theme; under one of the `clash` terms the denials of the theme would contradict."""

    questions: tuple[str, ...]
    clash: tuple[str, ...]


@lru_cache(maxsize=4)
def sentences(person: Person) -> dict[str, list[Sentence]]:
    """Sentences by term."""
    return _by_term("sentences.tsv", person)


@lru_cache(maxsize=4)
def denials(person: Person) -> dict[str, list[Sentence]]:
    """Denials by term; `kind` is the theme under which they are asked."""
    return _by_term("screens.tsv", person)


@lru_cache(maxsize=4)
def screens(person: Person) -> dict[str, Screen]:
    """The questions of each theme that suit the person."""
    out: dict[str, Screen] = {}
    for row in table("screens.tsv"):
        if row["term"]:
            continue
        texts = tuple(filled(t, person) for t in expanded(row["text"]) if person != "i" or not _OF_OTHERS.search(t))
        if texts:
            out[row["theme"]] = Screen(texts, tuple(row["clash"].split()))
    return out


@lru_cache(maxsize=1)
def themes() -> dict[str, str]:
    """Theme by factor: the question that leads to it, present or absent."""
    rows = [r for r in table("screens.tsv") if not r["term"] and r["label"]]
    return {term: row["theme"] for row in rows for term in row["label"].split()}


@lru_cache(maxsize=1)
def told_of() -> frozenset[str]:
    """Terms that have sentences for somebody; without one for this person they are not told at all."""
    return frozenset(row["term"] for row in table("sentences.tsv"))


def ages(text: str) -> tuple[float, float]:
    """The limits "2-16", "16-" or none, in years."""
    least, _, most = text.partition("-")
    return float(least or 0), float(most or 200)


def expanded(text: str) -> list[str]:
    """All forms of a text with alternatives."""
    parts = [p.split("|") if k % 2 else [p] for k, p in enumerate(_OPTIONS.split(text))]
    return ["".join(p) for p in product(*parts)]


def _by_term(name: str, person: Person) -> dict[str, list[Sentence]]:
    out: dict[str, list[Sentence]] = {}
    for row in table(name):
        if not row["term"]:
            continue
        least, most = ages(row["ages"])
        kind = row.get("kind") or row.get("theme") or ""
        for text in expanded(row["text"]):
            if person != "i" or not _OF_OTHERS.search(text):
                out.setdefault(row["term"], []).append(Sentence(filled(text, person), kind, least, most))
    return out
