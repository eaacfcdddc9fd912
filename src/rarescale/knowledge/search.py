"""Find terms and diseases by words, for people who look something up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rarescale.knowledge.base import Knowledge
from rarescale.knowledge.resolve import normal_words


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding or disease: `name` is the text that matched where it is not the label."""

    kind: Literal["finding", "disease"]
    id: str
    label: str
    name: str
    score: float


def search(knowledge: Knowledge, text: str, *, limit: int = 20) -> list[Hit]:
    """Terms and diseases whose names contain all words of `text` (as prefixes), best first.

    Score 0..1: the share of the name that the query covers, so an exact name is 1. Ties by id.
    """
    query = normal_words(text).split()
    if not query:
        return []
    best: dict[str, Hit] = {}
    for kind, identifier, label, name in _names(knowledge):
        score = _score(query, normal_words(name).split())
        known = best.get(identifier)
        if score > 0.0 and (known is None or score > known.score):
            best[identifier] = Hit(kind, identifier, label, name, score)
    return sorted(best.values(), key=lambda h: (-h.score, h.id))[:limit]


def _names(knowledge: Knowledge) -> list[tuple[Literal["finding", "disease"], str, str, str]]:
    rows: list[tuple[Literal["finding", "disease"], str, str, str]] = [
        ("finding", n.term, knowledge.ontology.label(n.term), n.text) for n in knowledge.ontology.names()
    ]
    diseases = knowledge.diseases
    for index in range(len(diseases)):
        rows += [("disease", diseases.ids(index)[0], diseases.name(index), name) for name in diseases.names(index)]
    return rows


def _score(query: list[str], name: list[str]) -> float:
    """Share of the letters of `name` that the words of `query` cover; 0 unless every word begins one of its words."""
    covered, free = 0, list(name)
    for word in query:
        match = min((w for w in free if w.startswith(word)), key=len, default=None)
        if match is None:
            return 0.0
        free.remove(match)
        covered += len(word)
    return covered / sum(map(len, name))
