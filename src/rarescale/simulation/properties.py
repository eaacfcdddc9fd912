"""Shallow relations between findings that keep simulated cases plausible (properties.tsv of the curated tables).

| kind                  | meaning                                                                             |
|-----------------------|-------------------------------------------------------------------------------------|
| impossible            | `term` and `other` are not both present; or, by `value` (sex=MALE, age<12), not `term` |
| absent_implies_absent | without `term` no `other`                                                            |
| co_occurs             | often together; `value` is a strength 1-3                                            |
| import                | `value` 1-5: how much the finding asks for an explanation                            |

They hold for everything below the terms too. Sources of the idea: Parker and Miller 1989.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rarescale.errors import KnowledgeError
from rarescale.knowledge import Knowledge, Ontology
from rarescale.record import Sex

PROPERTIES_FILE = "properties.tsv"
_LIMIT = re.compile(r"(sex)=(FEMALE|MALE)|(age)([<>])(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Limit:
    """`term` is impossible for this sex, or at ages below / above (years)."""

    term: int
    sex: Sex | None = None
    below: float | None = None
    above: float | None = None


@dataclass(frozen=True)
class Properties:
    """All relations as term indices."""

    impossible: tuple[tuple[int, int], ...] = ()
    limits: tuple[Limit, ...] = ()
    implied: tuple[tuple[int, int], ...] = ()
    together: tuple[tuple[int, int, float], ...] = ()
    importance: dict[int, int] = field(default_factory=dict)


def read_properties(knowledge: Knowledge) -> Properties:
    """The table of this knowledge; nothing where it has none.

    A line with a term that this ontology lacks is passed over (a foreign or toy ontology); raises KnowledgeError for a
    line of another kind or with a value that cannot be read.
    """
    path = knowledge.sources.curated / PROPERTIES_FILE
    return _parse(path, knowledge.ontology) if path.is_file() else Properties()


def _parse(path: Path, ontology: Ontology) -> Properties:
    impossible, limits, implied, together = [], [], [], []
    importance: dict[int, int] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE), 2):
            term = ontology.index(row["term"])
            other = ontology.index(row["other"]) if row["other"] else None
            if term is None or (row["other"] and other is None):
                continue
            kind, value = row["kind"], row["value"]
            try:
                if kind == "import":
                    importance[term] = int(value)
                elif kind == "impossible" and other is None:
                    limits.append(_limit(term, value))
                elif kind == "impossible" and other is not None:
                    impossible.append((term, other))
                elif kind == "absent_implies_absent" and other is not None:
                    implied.append((term, other))
                elif kind == "co_occurs" and other is not None:
                    together.append((term, other, float(value)))
                else:
                    raise ValueError(kind)
            except ValueError as error:
                raise KnowledgeError(
                    f"{path} line {number}: cannot read {kind!r} with value {value!r} ({error}); expected a kind of the"
                    " module text and its value"
                ) from error
    return Properties(tuple(impossible), tuple(limits), tuple(implied), tuple(together), importance)


def _limit(term: int, value: str) -> Limit:
    match = _LIMIT.fullmatch(value)
    if match is None:
        raise ValueError("expected sex=MALE, sex=FEMALE, age<YEARS or age>YEARS")
    if match[1]:
        return Limit(term, sex=Sex(match[2]))
    years = float(match[5])
    return Limit(term, below=years) if match[4] == "<" else Limit(term, above=years)


class Relations:
    """The properties and the ontology as matrices over a few terms; made for one seed disease at a time."""

    def __init__(self, ontology: Ontology, properties: Properties) -> None:
        """Keep what every seed needs."""
        self._ontology, self._properties = ontology, properties
        self.limits = properties.limits

    def _below(self, terms: np.ndarray) -> dict[int, np.ndarray]:
        """Ancestor -> positions in `terms` of the terms at or below it."""
        found: dict[int, list[int]] = {}
        for position, term in enumerate(terms.tolist()):
            for ancestor in self._ontology.ancestor_set(term):
                found.setdefault(ancestor, []).append(position)
        return {ancestor: np.array(positions) for ancestor, positions in found.items()}

    def of(self, terms: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Four matrices over `terms` (n, n); entry [s, t] is about t once s is known.

        `settled` bool: s present settles t (impossible beside it, or more general and so present). `without` bool: s
        absent settles t (below it, or implied absent). `requires` bool: s present means t is not absent. `pull`
        float: what s present adds to the order of t.
        """
        n, below = len(terms), self._below(terms)
        settled, without = np.zeros((n, n), bool), np.zeros((n, n), bool)
        pull = np.zeros((n, n))
        for position, term in enumerate(terms.tolist()):
            without[position, below[term]] = True
            settled[below[term], position] = True
        for a, b in self._properties.implied:
            if b in below:
                above = np.array(
                    [p for p, t in enumerate(terms.tolist()) if t in self._ontology.ancestor_set(a)], np.int64
                )
                without[np.ix_(above, below[b])] = True
        for a, b in self._properties.impossible:
            if a in below and b in below:
                settled[np.ix_(below[a], below[b])] = True
                settled[np.ix_(below[b], below[a])] = True
        for a, b, strength in self._properties.together:
            if a in below and b in below:
                block, back = np.ix_(below[a], below[b]), np.ix_(below[b], below[a])
                pull[block] = np.maximum(pull[block], strength)
                pull[back] = np.maximum(pull[back], strength)
        np.fill_diagonal(settled, False)
        return settled, without, without.T.copy(), pull

    def barred(self, terms: np.ndarray, female: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Which of `terms` are impossible for whom, bool (B, n)."""
        barred, below = np.zeros((len(female), len(terms)), bool), self._below(terms)
        for limit in self.limits:
            if limit.term in below:
                who = (
                    female == (limit.sex is Sex.FEMALE)
                    if limit.sex
                    else age < limit.below
                    if limit.below is not None
                    else age > (limit.above or 0.0)
                )
                barred[np.ix_(np.flatnonzero(who), below[limit.term])] = True
        return barred
