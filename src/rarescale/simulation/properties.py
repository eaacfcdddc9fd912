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

import re
from dataclasses import dataclass, field

from rarescale.errors import KnowledgeError
from rarescale.knowledge import Knowledge, read_table
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

    def bars(self, sex: Sex, age: float) -> bool:
        """Whether the term is impossible for this person."""
        if self.sex is not None:
            return sex is self.sex
        return age < self.below if self.below is not None else age > (self.above or 0.0)


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
    cut line, one of another kind, or a value that cannot be read.
    """
    path, found = knowledge.sources.curated / PROPERTIES_FILE, _Found()
    for number, row in enumerate(read_table(path, ("kind", "term", "other", "value")), 2):
        term = knowledge.ontology.index(row["term"])
        other = knowledge.ontology.index(row["other"]) if row["other"] else None
        if term is None or (row["other"] and other is None):
            continue
        try:
            found.add(row["kind"], term, other, row["value"])
        except ValueError as error:
            raise KnowledgeError(
                f"{path} line {number}: cannot read {row['kind']!r} with value {row['value']!r} ({error}); expected a"
                " kind of the module text and its value"
            ) from error
    together = tuple(found.together)
    return Properties(tuple(found.impossible), tuple(found.limits), tuple(found.implied), together, found.importance)


@dataclass
class _Found:
    """What the lines said so far."""

    impossible: list[tuple[int, int]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    implied: list[tuple[int, int]] = field(default_factory=list)
    together: list[tuple[int, int, float]] = field(default_factory=list)
    importance: dict[int, int] = field(default_factory=dict)

    def add(self, kind: str, term: int, other: int | None, value: str) -> None:
        """One line; raises ValueError where it cannot be read."""
        if kind == "import" and other is None:
            self.importance[term] = int(value)
        elif kind == "impossible" and other is None:
            self.limits.append(_limit(term, value))
        elif kind == "impossible" and other is not None:
            self.impossible.append((term, other))
        elif kind == "absent_implies_absent" and other is not None:
            self.implied.append((term, other))
        elif kind == "co_occurs" and other is not None:
            self.together.append((term, other, float(value)))
        else:
            raise ValueError(kind)


def _limit(term: int, value: str) -> Limit:
    match = _LIMIT.fullmatch(value)
    if match is None:
        raise ValueError("expected sex=MALE, sex=FEMALE, age<YEARS or age>YEARS")
    if match[1]:
        return Limit(term, sex=Sex(match[2]))
    years = float(match[5])
    return Limit(term, below=years) if match[4] == "<" else Limit(term, above=years)
