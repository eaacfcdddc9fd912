"""Red flags: fixed patterns of findings that speak before any ranking, because waiting could do harm.

The rules are data (red_flags.tsv of the knowledge); this module only asks whether each pattern is met. Absent
findings never raise a flag and never silence one. The rules are written for this project and are not clinically
validated; no flag never means that there is no emergency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rarescale.errors import KnowledgeError
from rarescale.knowledge import Ontology, RedFlag
from rarescale.record import Sex

_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}


@dataclass(frozen=True, slots=True)
class _Rule:
    """A flag with its terms as indices of the ontology."""

    flag: RedFlag
    groups: tuple[frozenset[int], ...]
    barred: frozenset[int]

    def met(self, known: frozenset[int], age: float | None, sex: Sex | None) -> bool:
        return (
            self.barred.isdisjoint(known)
            and not any(group.isdisjoint(known) for group in self.groups)
            and _of_age(self.flag, age)
            and _of_sex(self.flag, sex)
        )


class RedFlags:
    """The rules bound to one ontology; make them once and ask them for many patients."""

    def __init__(self, ontology: Ontology, flags: Iterable[RedFlag], *, foreign: bool = False) -> None:
        """`flags` most urgent first.

        Raises KnowledgeError for a rule with a term that `ontology` lacks; where the ontology is `foreign` to the
        rules, such a rule is left out and listed in `skipped`.
        """
        self._ontology = ontology
        self._rules: list[_Rule] = []
        self.skipped: tuple[str, ...] = ()
        for flag in flags:
            named = [*(t for group in flag.groups for t in group), *flag.barred]
            unknown = [t for t in named if ontology.index(t) is None]
            if not unknown:
                self._rules.append(
                    _Rule(flag, tuple(self._indices(g) for g in flag.groups), self._indices(flag.barred))
                )
            elif foreign:
                self.skipped += (flag.id,)
            else:
                raise KnowledgeError(
                    f"red_flags.tsv: {flag.id} ({flag.name}) names {', '.join(unknown)}, which this ontology lacks;"
                    " expected current terms; correct the rule"
                )

    def _indices(self, terms: Iterable[str]) -> frozenset[int]:
        return frozenset(i for t in terms if (i := self._ontology.index(t)) is not None)

    def raised(self, present: Iterable[str], age: float | None = None, sex: Sex | None = None) -> tuple[RedFlag, ...]:
        """The flags that the present term ids raise, most urgent first; `age` in years. Unknown ids are passed over.

        An unknown age is taken as an adult's, since silence must not hide an emergency; an unknown sex meets any.
        """
        known = frozenset[int]().union(*(self._ontology.ancestor_set(i) for i in self._indices(present)))
        return tuple(rule.flag for rule in self._rules if rule.met(known, age, sex))

    def messages(self, present: Iterable[str], age: float | None = None, sex: Sex | None = None) -> tuple[str, ...]:
        """What the raised flags say, each sentence once; see `raised`."""
        return tuple(dict.fromkeys(flag.message for flag in self.raised(present, age, sex)))


def _of_age(flag: RedFlag, age: float | None) -> bool:
    if age is None:
        return flag.age_to is None
    return (flag.age_from or 0.0) <= age < (float("inf") if flag.age_to is None else flag.age_to)


def _of_sex(flag: RedFlag, sex: Sex | None) -> bool:
    return flag.sex == "any" or sex not in (Sex.MALE, Sex.FEMALE) or sex is _SEXES[flag.sex]
