"""Names by the beginnings of their words, fast enough to answer while somebody types."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from rarescale.knowledge import Diseases, Ontology

SHORTEST = 2
"""Letters a query needs; fewer would fit a tenth of all names."""

LONGEST = 120
"""Letters of a query that are looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: `name` is the text that matched, `label` the preferred one; `score` 0..1 is the share of it covered."""

    id: str
    label: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Named:
    """One name of one thing."""

    id: str
    label: str
    name: str


class NameIndex:
    """Finds things whose name has, for every word of a query, a word that begins with it."""

    def __init__(self, names: Iterable[Named]) -> None:
        """Reads all names once."""
        self._names = list(names)
        self._words = [tuple(_words(n.name)) for n in self._names]
        places: dict[str, list[int]] = {}
        for place, words in enumerate(self._words):
            for word in set(words):
                places.setdefault(word, []).append(place)
        self._vocabulary = sorted(places)
        self._places = [places[w] for w in self._vocabulary]

    def find(self, text: str, limit: int = 8) -> list[Found]:
        """The best `limit` things, each once, ties by label and id; none for a query of one letter."""
        query = _words(text[:LONGEST])
        if sum(map(len, query)) < SHORTEST:
            return []
        best: dict[str, Found] = {}
        for place in self._candidates(query):
            named, score = self._names[place], _score(query, self._words[place])
            known = best.get(named.id)
            if score > 0 and (known is None or score > known.score):
                best[named.id] = Found(named.id, named.label, named.name, score)
        return sorted(best.values(), key=lambda f: (-f.score, f.label, f.id))[:limit]

    def _candidates(self, query: list[str]) -> set[int]:
        sets = sorted((self._having(word) for word in query), key=len)
        return set.intersection(*sets)

    def _having(self, beginning: str) -> set[int]:
        found: set[int] = set()
        at = bisect_left(self._vocabulary, beginning)
        while at < len(self._vocabulary) and self._vocabulary[at].startswith(beginning):
            found.update(self._places[at])
            at += 1
        return found


def finding_index(ontology: Ontology) -> NameIndex:
    """All names, synonyms and lay expressions of findings."""
    names = [Named(n.term, ontology.label(n.term), n.text) for n in ontology.names(findings_only=True)]
    names += [Named(n.term, ontology.label(n.term), n.text) for n in ontology.lay() if "[" not in n.text]
    return NameIndex(names)


def disease_index(diseases: Diseases) -> NameIndex:
    """All names of diseases."""
    every = range(len(diseases))
    return NameIndex(Named(diseases.ids(d)[0], diseases.name(d), name) for d in every for name in diseases.names(d))


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", plain)


def _score(query: list[str], name: tuple[str, ...]) -> float:
    """Share of the letters of `name` covered; each word of the query takes the shortest free word it begins."""
    covered, free = 0, list(name)
    for word in query:
        match = min((w for w in free if w.startswith(word)), key=len, default=None)
        if match is None:
            return 0.0
        free.remove(match)
        covered += len(word)
    return covered / sum(map(len, name))
