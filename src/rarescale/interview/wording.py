"""One plain question per finding.

The words are quoted (`Does this fit you: “skin has gone yellow”?`), so that any expression makes a correct sentence:
the most typical short one among HPO's layperson synonyms and our lay lexicon, else the label.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from rarescale.interview.contract import Cost
from rarescale.knowledge import Ontology

CHILD = 14.0
"""Below this age, in years, a parent is asked about the child."""

_OF_OTHERS = re.compile(
    r"\b(?:he|she|his|her|him|hers|baby|kid|kids|child|children|son|daughter|little one|toddler|infant|newborn)\b"
    r"|\b(?:he|she)['’]",
    re.IGNORECASE,
)
_OF_ONESELF = re.compile(r"\b(?:i|my|me|i['’]m|i['’]ve|mine|husband|wife|partner|pregnan\w*)\b", re.IGNORECASE)
_UNFIT = re.compile(r"retard|^abnormal|[\[\]/]|\b(?:he|she|his|her|him|hers)\b", re.IGNORECASE)
"""Dated words, headings that say no more than the label, alternatives, and a sex that may not be the patient's."""

_LONGEST = 8
"""Words; longer expressions are stories."""

_LONG_WORD = 0.02
"""What a letter of the longest word costs, against the share of words in common with the other expressions."""

_PART = re.compile(r"Abnormality of (?:the )?(.+)")


class Wording:
    """Questions about the terms of one ontology."""

    def __init__(self, ontology: Ontology) -> None:
        """Names are gathered at the first question."""
        self._ontology = ontology

    @cached_property
    def _lay_synonyms(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for name in self._ontology.names(findings_only=True):
            if name.kind == "layperson":
                found[name.term].append(name.text)
        return found

    @cached_property
    def _expressions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for lay in self._ontology.lay():
            if lay.voice in ("plain", "parent"):
                found[lay.term].append(lay.text)
        return found

    def words(self, term: int, *, child: bool = False) -> str:
        """The plainest words for a finding that fit an adult who speaks, or a parent."""
        name = self._ontology.ids[term]
        unfit = _OF_ONESELF if child else _OF_OTHERS
        texts = [*self._lay_synonyms.get(name, ()), *self._expressions.get(name, ())]
        fit = [t for t in texts if not unfit.search(t) and not _UNFIT.search(t) and len(t.split()) <= _LONGEST]
        if fit:
            return _plain(_typical(fit))
        return _plain(self._ontology.labels[term])

    def question(self, term: int, cost: Cost, *, age: float | None = None, open_ended: bool = False) -> str:
        """The question about a term index; `age` in years decides whether a parent is asked."""
        child = age is not None and age < CHILD
        words, label = self.words(term, child=child), _plain(self._ontology.labels[term])
        who = "your child" if child else "you"
        if open_ended:
            if part := _PART.fullmatch(self._ontology.labels[term]):
                return f"Is anything unusual about {'your child’s' if child else 'your'} {part[1]}, and if so, what?"
            told = "" if cost is Cost.ASK else ", from an examination or a test,"
            return f"Is anything of this kind known{told} about {who}, and if so, what: “{words}”?"
        if cost is Cost.ASK and self._ontology.answerable(term) != "told":
            return f"Does this fit {who}: “{words}”?"
        in_other_words = "" if words.lower() == label.lower() else f" ({words})"
        if cost is Cost.ASK:
            return f"Has a doctor ever said this about {who}: “{label}”{in_other_words}?"
        if cost is Cost.EXAM:
            return f"On examination, or as a doctor once said, is this there: “{label}”{in_other_words}?"
        return f"Did a test show this, or has a doctor said so: “{label}”{in_other_words}?"


def _plain(text: str) -> str:
    """Without a capital at the start, except in abbreviations and names of one letter."""
    text = " ".join(text.split())
    first = text.split(" ", 1)[0]
    return (
        text if any(c.isupper() or c.isdigit() for c in first[1:]) or len(first) == 1 else text[:1].lower() + text[1:]
    )


def _typical(texts: list[str]) -> str:
    """The text that shares most words with the others and has no long word; among equals the first."""
    bags = [frozenset(re.findall(r"[a-z]+", t.lower())) for t in texts]

    def likeness(k: int) -> float:
        shared = sum(len(bags[k] & b) / max(1, len(bags[k] | b)) for b in bags) / len(bags)
        return shared - _LONG_WORD * max((len(word) for word in bags[k]), default=0)

    return texts[min(range(len(texts)), key=lambda k: (-round(likeness(k), 6), k))]
