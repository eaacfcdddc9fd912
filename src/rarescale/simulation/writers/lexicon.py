"""Which words there are for a finding: lay expressions and names, as phrases about a person, present or denied."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from rarescale.knowledge import FACTOR_PREFIX, Knowledge
from rarescale.simulation.phrasing import absent, present, with_article
from rarescale.simulation.vocabulary import vocabulary
from rarescale.simulation.wording import Parsed, Person, parse
from rarescale.simulation.writers.systems import Systems

_WORD = re.compile(r"[a-z][a-z'\-]+")
_VAGUE = re.compile(r"^(abnormality of|abnormal) (?:the )?(.+?)(?: morphology| physiology)?$", re.I)
_MALE, _FEMALE = frozenset("boy boys lad son mans man's bloke".split()), frozenset("girl girls lass daughter woman".split())


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to say it. `told`: others found it; `trap`: says by itself that it is absent; `weight`: how preferred."""

    kind: str
    text: str
    bare: str
    voice: str
    told: bool
    trap: bool
    reserved: bool
    weight: float
    words: frozenset[str]
    least_age: float = 0.0
    most_age: float = 200.0
    parental: bool = False
    sex: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    voice: str
    reserved: bool


class Lexicon:
    """Expressions of all terms of a knowledge; phrases are made when first asked for and kept."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Read the lay expressions and the names."""
        ontology = knowledge.ontology
        self._entries: dict[str, list[_Entry]] = {}
        free = {(lay.term, lay.text) for lay in ontology.lay()}
        for lay in ontology.lay(reserved=True):
            self._entries.setdefault(lay.term, []).append(
                _Entry(lay.text, lay.voice, (lay.term, lay.text) not in free))
        proper = _proper_words(name.text for name in ontology.names())
        for name in ontology.names(findings_only=True):
            if name.kind in ("label", "exact", "layperson"):
                self._entries.setdefault(name.term, []).append(
                    _Entry(_lowered(name.text, proper), "name" if name.kind == "layperson" else "label", False))
        self.systems = Systems(ontology)
        self._told = {i for k, i in enumerate(ontology.ids) if ontology.answerable(k) == "told"}
        self._kept: dict[tuple[str, Person, bool], tuple[Choice, ...]] = {}

    def choices(self, term: str, person: Person, *, is_present: bool) -> tuple[Choice, ...]:
        """All ways to say that the person has, or does not have, the finding; label alone where nothing else."""
        key = (term, person, is_present)
        found = self._kept.get(key)
        if found is None:
            made = [c for e in self._entries.get(term, ()) for c in self._made(term, e, person, is_present)]
            found = self._kept[key] = tuple(made)
        return found

    def _made(self, term: str, entry: _Entry, person: Person, is_present: bool) -> list[Choice]:
        told = entry.voice in ("doctor", "label") or (entry.voice == "name" and term in self._told)
        if entry.voice in ("label", "name"):
            return self._of_name(term, entry, person, is_present, told)
        trap = entry.voice == "trap"
        if trap == is_present or (not is_present and entry.voice == "denial"):
            return []
        parsed = _parsed(entry.text)
        phrase = present(parsed, person) if is_present or trap else absent(parsed, person)
        if phrase is None or (trap and phrase.kind == "np"):
            return []
        weight = 3.0 if trap else _weight(entry, parsed, person, is_present=is_present)
        if parsed.shape == "clause" and re.search(r"\b(said|says|told|showed|shows|found)\b", entry.text):
            told = False
        return [_limited(Choice(phrase.kind, phrase.text, phrase.bare, entry.voice, told, trap, entry.reserved, weight,
                                _words(entry.text)), entry.text)]

    def _of_name(self, term: str, entry: _Entry, person: Person, is_present: bool, told: bool) -> list[Choice]:
        text = entry.text
        if re.search(r"[(),/:;]|\d", text) or len(text.split()) > 6:
            return []
        weight = 0.8 if entry.voice == "name" else 0.08
        vague = _VAGUE.match(text)
        if vague:
            owner = {"i": "my", "he": "his", "she": "her"}[person]
            text, weight = f"{'problem' if is_present else 'problems'} with {owner} {vague[2]}", 0.5
        elif entry.voice == "name":
            phrase = present(_parsed(text), person) if is_present else absent(_parsed(text), person)
            if phrase is None:
                return []
            return [Choice(phrase.kind, phrase.text, phrase.bare, "name", told, False, False, weight, _words(entry.text))]
        shown = with_article(text) if is_present else text
        return [Choice("np", shown, text, entry.voice, told and not vague, False, False, weight, _words(entry.text))]

    def is_factor(self, term: str) -> bool:
        """Whether the finding is an exposure or context of our own."""
        return term.startswith(FACTOR_PREFIX)


@lru_cache(maxsize=60_000)
def _parsed(text: str) -> Parsed:
    return parse(text)


@lru_cache(maxsize=4_096)
def forbidden_sets(names: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Each name as the set of its words; an expression with all of them would voice it."""
    sets = {_words(n) for n in names}
    return tuple(s for s in sets if s)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _weight(entry: _Entry, parsed: Parsed, person: Person, *, is_present: bool) -> float:
    weight = 1.0
    if entry.voice == "doctor":
        weight = 0.5
    if entry.voice == "parent":
        weight = 0.3 if person == "i" else 1.5
    if parsed.shape == "like":
        weight *= 0.3
    if not is_present:
        weight *= (2.0 if parsed.shape == "np" else 1.0) * (0.4 if len(parsed.tokens) > 5 else 1.0)
    return weight


def _limited(choice: Choice, text: str) -> Choice:
    """The choice with the limits of age, speaker and sex that its words set."""
    words, closed = set(_WORD.findall(text.lower())), vocabulary().closed
    parental = not words.isdisjoint(("we", "us", "our", "ours"))
    sex = "MALE" if words & _MALE else "FEMALE" if words & _FEMALE else ""
    changes: dict[str, object] = {"parental": parental, "sex": sex}
    if words & closed["childish"]:
        changes["most_age"] = 2.0 if words & {"baby", "baby's", "newborn", "bottle", "pram", "cot", "feeds"} else 14.0
    if words & closed["adult"]:
        changes["least_age"] = 18.0
    return replace(choice, **changes)  # type: ignore[arg-type]


def _proper_words(names: Iterable[str]) -> frozenset[str]:
    """Words that are capitalised inside a name too: eponyms."""
    found: set[str] = set()
    for name in names:
        found.update(w for w in name.split()[1:] if w[:1].isupper())
    return frozenset(found)


def _lowered(name: str, proper: frozenset[str]) -> str:
    first, _, rest = name.partition(" ")
    return name if first in proper or first.isupper() or any(c.isupper() for c in first[1:]) else (
        f"{first.lower()} {rest}".strip())
