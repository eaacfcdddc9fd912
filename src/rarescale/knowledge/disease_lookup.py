"""Ids and free names of diseases to entries of the knowledge: which disease, or which family, is meant."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib.resources import files

from rarescale.knowledge.base import Knowledge
from rarescale.knowledge.disease_names import Name, parse_name

Synonyms = Mapping[str, Sequence[str]]
"""Further names of diseases, each with the ids it stands for; all ids of a name are one disease."""

FAMILY_WORD = 120
"""A family name needs a word that at most this many families have in theirs: "deafness" alone names no family."""


def shipped_synonyms() -> dict[str, tuple[str, ...]]:
    """The reviewed table of eponyms and other names that OMIM's and Orphanet's main names lack."""
    text = files("rarescale.knowledge").joinpath("disease_synonyms.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {row[0]: tuple(row[1].split()) for row in rows}


class Lookup:
    """Finds diseases of one knowledge; an index of all names is made at the first free name."""

    def __init__(self, knowledge: Knowledge, synonyms: Synonyms | None = None) -> None:
        """`synonyms` is the shipped table where not given."""
        self.knowledge = knowledge
        self.synonyms = shipped_synonyms() if synonyms is None else synonyms

    def by_ids(self, ids: Iterable[str]) -> frozenset[int]:
        """The entries with these ids, and those that the synonyms say are the same disease."""
        found: set[int] = set()
        for disease in ids:
            for twin in (disease, *self._twins.get(disease, ())):
                index = self.knowledge.diseases.index(twin)
                if index is not None:
                    found.add(index)
        return frozenset(found)

    def by_name(self, text: str) -> frozenset[int]:
        """The entries that are the one disease of this name; empty where none is, or where it may mean several."""
        name = parse_name(text)
        for candidates in (self._spelled.get(name.spelled, ()), self._same(name)):
            diseases = {frozenset(self._one_disease(c)) for c in candidates}
            if len(diseases) == 1:
                return next(iter(diseases))
            if diseases:
                return frozenset()
        return frozenset()

    def family(self, text: str) -> frozenset[int]:
        """The entries whose family name says at least what `text` says; empty where it names no family."""
        name = parse_name(text)
        if not self.names_family(name):
            return frozenset()
        word = min(name.family, key=lambda w: (self._spread[w], w))
        return frozenset(
            index for index, other in self._with_word.get(word, ()) if name.covers(other) or name.one_series(other)
        )

    def names(self, diseases: Iterable[int]) -> list[Name]:
        """All names of entries, synonyms included."""
        return [name for index in diseases for name in self._names[index]]

    def names_family(self, name: Name) -> bool:
        """Whether a word of the name is telling enough to name a family."""
        return any(self._spread[w] <= FAMILY_WORD for w in name.family)

    def _same(self, name: Name) -> set[int]:
        return {index for index, other in self._by_words.get(name.words, ()) if name.same_as(other)}

    def _one_disease(self, index: int) -> frozenset[int]:
        return self.by_ids(self.knowledge.diseases.ids(index))

    @cached_property
    def _twins(self) -> dict[str, set[str]]:
        twins: dict[str, set[str]] = defaultdict(set)
        for ids in self.synonyms.values():
            group = set(ids).union(*(twins[i] for i in ids))
            for member in group:
                twins[member] |= group
        return dict(twins)

    @cached_property
    def _names(self) -> list[list[Name]]:
        diseases = self.knowledge.diseases
        names = [[parse_name(text) for text in diseases.names(index)] for index in range(len(diseases))]
        for text, ids in self.synonyms.items():
            for index in self.by_ids(ids):
                names[index].append(parse_name(text))
        return names

    @cached_property
    def _flat(self) -> list[tuple[int, Name]]:
        return [(index, name) for index, names in enumerate(self._names) for name in names]

    @cached_property
    def _spelled(self) -> dict[str, set[int]]:
        table: dict[str, set[int]] = defaultdict(set)
        for index, name in self._flat:
            table[name.spelled].add(index)
        table.pop("", None)
        return dict(table)

    @cached_property
    def _by_words(self) -> dict[frozenset[str], list[tuple[int, Name]]]:
        table: dict[frozenset[str], list[tuple[int, Name]]] = defaultdict(list)
        for index, name in self._flat:
            table[name.words].append((index, name))
        table.pop(frozenset(), None)
        return dict(table)

    @cached_property
    def _with_word(self) -> dict[str, list[tuple[int, Name]]]:
        table: dict[str, list[tuple[int, Name]]] = defaultdict(list)
        for index, name in self._flat:
            for word in name.family:
                table[word].append((index, name))
        return dict(table)

    @cached_property
    def _spread(self) -> Counter[str]:
        """In the family names of how many *families* a word occurs; one numbered series counts once."""
        families = {name.family for _, name in self._flat}
        return Counter(word for family in families for word in family)
