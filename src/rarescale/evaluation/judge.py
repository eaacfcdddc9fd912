"""A deterministic judge: how close is a predicted disease, an id or a free name, to the true one?

Five levels, after the scale used by clinicians for differential diagnoses (McDuff et al. 2023):

* *exact*: the same disease, by id, name or synonym;
* *extremely relevant*: another member of the same family, the family itself, or a subtype, by name;
* *relevant*, *somewhat relevant*: another disease that looks much, or a little, like it, by HPO profile;
* *unrelated*: none of these.

No model is asked, so the same pair always gets the same answer, and the answer says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from statistics import median

from rarescale.evaluation.outcomes import Found, NotFound, Outcome
from rarescale.evaluation.ranks import Equivalence, one_by_one
from rarescale.evaluation.similarity import Profiles
from rarescale.knowledge import Knowledge, Lookup, Name, Synonyms, parse_name

_ID = re.compile(r"\s*([A-Za-z]+):(\d+)\s*")

RELEVANT = 0.35
"""Least similarity of a relevant disease. Both thresholds were fitted, and rounded, on every second of the 200 pairs
in tests/evaluation/judge_pairs.tsv (agreement 0.88); the other half, not looked at before, gave 0.87."""

SOMEWHAT = 0.10
"""Least similarity of a somewhat relevant disease."""

MOST_MEMBERS = 40
"""A family is compared by its first members, ordered by id, up to this many."""


class Level(IntEnum):
    """Five levels, the higher the closer; as gains for NDCG they run from 0 to 4."""

    UNRELATED = 0
    SOMEWHAT_RELEVANT = 1
    RELEVANT = 2
    EXTREMELY_RELEVANT = 3
    EXACT = 4

    @property
    def words(self) -> str:
        """As in a report: "extremely relevant"."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A level and why; `similarity` 0..1 where profiles had to decide and there were two."""

    level: Level
    why: str
    similarity: float | None = None


class Judge:
    """Judges pairs by one knowledge release."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        synonyms: Synonyms | None = None,
        disease: Equivalence = one_by_one,
        relevant: float = RELEVANT,
        somewhat: float = SOMEWHAT,
    ) -> None:
        """`synonyms` replaces the shipped table; `disease` adds a mapping of ids.

        Raises ValueError for thresholds that cross or are outside 0..1.
        """
        if not 0.0 <= somewhat <= relevant <= 1.0:
            raise ValueError(f"somewhat is {somewhat}, relevant {relevant}; expected 0 <= somewhat <= relevant <= 1")
        self._lookup = Lookup(knowledge, synonyms)
        self._profiles = Profiles(knowledge)
        self._disease = disease
        self._relevant, self._somewhat = relevant, somewhat

    def judge(self, prediction: str, truth: Sequence[str], truth_name: str | None = None) -> Judgement:
        """How close `prediction`, an id such as OMIM:277900 or a free name, is to the disease with the ids `truth`.

        `truth_name` helps where the knowledge does not know the ids. Whatever is unknown is unrelated, and says so.
        """
        true = self._lookup.by_ids(truth)
        if not true and truth_name:
            true = self._lookup.by_name(truth_name)
        true_names = self._lookup.names(true) + ([parse_name(truth_name)] if truth_name else [])
        match = _ID.fullmatch(prediction)
        if match is not None:
            return self._judge_id(f"{match[1].upper()}:{match[2]}", truth, true, true_names)
        return self._judge_name(prediction, true, true_names)

    def outcome(
        self,
        predictions: Sequence[str],
        truth: Sequence[str],
        truth_name: str | None = None,
        *,
        at_least: Level = Level.EXACT,
    ) -> Outcome:
        """The rank of the first prediction of an ordered list that reaches `at_least`."""
        for rank, prediction in enumerate(predictions, 1):
            if self.judge(prediction, truth, truth_name).level >= at_least:
                return Found(rank)
        return NotFound()

    def _judge_id(self, given: str, truth: Sequence[str], true: frozenset[int], names: list[Name]) -> Judgement:
        if self._disease(given) in {self._disease(i) for i in truth}:
            return Judgement(Level.EXACT, "the same id, or one mapped to it")
        entries = self._lookup.by_ids([given])
        if not entries:
            return Judgement(Level.UNRELATED, f"{given} is not in this knowledge release")
        if entries & true:
            return Judgement(Level.EXACT, "ids of one disease")
        return self._compare(self._lookup.names(entries), [entries], true, names)

    def _judge_name(self, text: str, true: frozenset[int], names: list[Name]) -> Judgement:
        name, entries = parse_name(text), self._lookup.by_name(text)
        if entries & true:
            return Judgement(Level.EXACT, "a name of the disease")
        # A name that means another disease of the knowledge is that disease, however alike the words are.
        if not entries and any(name.words and name.same_as(n) for n in names):
            return Judgement(Level.EXACT, "the same name")
        members = [frozenset([m]) for m in sorted(self._lookup.family(text))[:MOST_MEMBERS]]
        return self._compare([name, *self._lookup.names(entries)], [entries] if entries else members, true, names)

    def _compare(
        self, names: list[Name], diseases: list[frozenset[int]], true: frozenset[int], true_names: list[Name]
    ) -> Judgement:
        """By names, else by profile: of one disease, or of the middle one of a family's members."""
        if any(self._one_family(a, b) for a in names for b in true_names):
            return Judgement(Level.EXTREMELY_RELEVANT, "names of one family")
        found = [s for d in diseases if (s := self._profiles.similarity(d, true)) is not None]
        if not found:
            return Judgement(Level.UNRELATED, "no name in common, and no profiles to compare")
        alike = median(found)
        return Judgement(self._level(alike), f"similarity of HPO profiles {alike:.2f}", alike)

    def _one_family(self, one: Name, other: Name) -> bool:
        if one.one_series(other):
            return True
        return any(self._lookup.names_family(a) and a.covers(b) for a, b in ((one, other), (other, one)))

    def _level(self, similarity: float) -> Level:
        if similarity >= self._relevant:
            return Level.RELEVANT
        return Level.SOMEWHAT_RELEVANT if similarity >= self._somewhat else Level.UNRELATED
