"""A patient as sparse numbers: words, pairs of neighbouring words, findings with all that is above them, sex and age.

Words are those of `rarescale.reading.kept_words` (persons, articles and auxiliaries are left out, all denials are one
word), folded to stems. A feature of words is known by a 32-bit hash. A finding's feature is a code: a place in
`FindingSpace`, whose names are ids, so that a model outlives the release it was trained on.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from rarescale.candidates.contract import Talk
from rarescale.knowledge import Ontology
from rarescale.reading import kept_words, pair_key, word_keys
from rarescale.record import Sex

AGES = (0.08, 1.0, 5.0, 12.0, 18.0, 40.0, 65.0)
"""Upper edges in years of the age bands; the last band is open."""


def word_features(messages: Iterable[str]) -> dict[int, str]:
    """Key -> how it reads, of each distinct word and pair of the patient's messages."""
    found: dict[int, str] = {}
    for message in messages:
        forms = kept_words(message)
        for form in forms:
            for key in word_keys(form):
                found.setdefault(key, _shown(form))
        for first, second in pairwise(forms):
            found.setdefault(pair_key(first, second), f"{_shown(first)} {_shown(second)}")
    return found


def _shown(form: str) -> str:
    """A kept word as people read it; all denials are one word to the model."""
    return "no" if form == "-" else form


class FindingSpace:
    """Codes 0..n-1 are the n terms of an ontology as present, n..2n-1 as denied, then two sexes and the age bands."""

    def __init__(self, ontology: Ontology) -> None:
        """The space of one knowledge."""
        self._ontology, self._terms = ontology, len(ontology)

    def __len__(self) -> int:
        """Number of codes."""
        return 2 * self._terms + 2 + len(AGES) + 1

    def features(self, talk: Talk) -> dict[int, float]:
        """Code -> weight 0..1. A present finding stands for all that is above it, a denied one for itself."""
        found: dict[int, float] = {}
        kind = self._ontology.is_finding
        for term, sure in talk.present.items():
            for above in self._ontology.ancestors[term].tolist():
                if kind[above]:
                    found[above] = max(found.get(above, 0.0), sure)
        for term, sure in talk.absent.items():
            found[self._terms + term] = sure
        if talk.sex in (Sex.FEMALE, Sex.MALE):
            found[2 * self._terms + (talk.sex is Sex.MALE)] = 1.0
        if talk.age is not None:
            found[2 * self._terms + 2 + sum(talk.age >= edge for edge in AGES)] = 1.0
        return found

    def name(self, code: int) -> str:
        """The id of a code: ``HP:…``, ``-HP:…`` where it is denied, ``sex:0``, ``age:3``."""
        if code < self._terms:
            return self._ontology.ids[code]
        if code < 2 * self._terms:
            return "-" + self._ontology.ids[code - self._terms]
        rest = code - 2 * self._terms
        return f"sex:{rest}" if rest < 2 else f"age:{rest - 2}"

    def code(self, name: str) -> int | None:
        """The code of a name; None where this ontology lacks its term."""
        if name.startswith(("sex:", "age:")):
            return 2 * self._terms + int(name[4:]) + (2 if name[0] == "a" else 0)
        term = self._ontology.index(name.removeprefix("-"))
        return None if term is None else term + (self._terms if name[0] == "-" else 0)

    def label(self, code: int) -> str:
        """A code in words."""
        if code < 2 * self._terms:
            label = self._ontology.labels[code % self._terms]
            return label if code < self._terms else f"no {label}"
        rest = code - 2 * self._terms
        return ("female", "male")[rest] if rest < 2 else _band(rest - 2)


def _band(number: int) -> str:
    edges = ("birth", "one month", "1 year", "5 years", "12 years", "18 years", "40 years", "65 years")
    return f"aged from {edges[number]} on"
