"""Which words there are for a finding: lay expressions and names, as phrases about a person, present or denied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from rarescale.knowledge import FACTOR_PREFIX, Knowledge
from rarescale.simulation.wording import Parsed, Person, absent, parse, present, vocabulary, with_article
from rarescale.simulation.writers.factors import Factors, factor_phrase
from rarescale.simulation.writers.pieces import filled, table
from rarescale.simulation.writers.systems import Systems

_WORD = re.compile(r"[a-z][a-z'\-]+")
_VAGUE = re.compile(
    r"^(?:abnormality of (?:the )?(.+?)(?: morphology| physiology)?|abnormal (.+?) (?:morphology|physiology))$", re.I
)
_ORGANS = {
    "nasal": "nose",
    "dental": "teeth",
    "facial": "face",
    "ocular": "eyes",
    "cardiac": "heart",
    "renal": "kidneys",
    "oral": "mouth",
    "cardiovascular": "heart and circulation",
    "skeletal": "bones",
    "cutaneous": "skin",
}
_BE = ("is", "are", "has", "have")


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
            self._entries.setdefault(lay.term, []).append(_Entry(lay.text, lay.voice, (lay.term, lay.text) not in free))
        proper = _proper_words(name.text for name in ontology.names())
        for name in ontology.names(findings_only=True):
            if name.kind in ("label", "layperson") and "retard" not in name.text.lower():
                self._entries.setdefault(name.term, []).append(
                    _Entry(_lowered(name.text, proper), "name" if name.kind == "layperson" else "label", False)
                )
        self.systems, self._factors = Systems(ontology), Factors(ontology)
        self._told = {i for k, i in enumerate(ontology.ids) if ontology.answerable(k) == "told"}
        self._kept: dict[tuple[str, Person, bool], tuple[Choice, ...]] = {}

    def choices(self, term: str, person: Person, *, is_present: bool) -> tuple[Choice, ...]:
        """All ways to say that the person has, or does not have, the finding; label alone where nothing else."""
        key = (term, person, is_present)
        found = self._kept.get(key)
        if found is None:
            made = _fixed(term, person, is_present=is_present)
            made += [c for e in self._entries.get(term, ()) for c in self._made(term, e, person, is_present)]
            if len(made) > 2:
                # The label is for findings that have no other words.
                made = [c for c in made if c.voice != "label" or c.weight > 0.05]
            found = self._kept[key] = tuple(made)
        return found

    def _made(self, term: str, entry: _Entry, person: Person, is_present: bool) -> list[Choice]:
        group = self._factors.group(term)
        told = not group and (entry.voice in ("doctor", "label") or (entry.voice == "name" and term in self._told))
        if entry.voice in ("label", "name"):
            return [] if group == "circumstance" else self._of_name(term, entry, person, is_present, group)
        if group == "circumstance" and len(_fixed(term, person, is_present=is_present)) > 1:
            return []
        trap = entry.voice == "trap"
        if trap == is_present or (not is_present and entry.voice == "denial"):
            return []
        parsed = _parsed(entry.text)
        if group:
            phrase = factor_phrase(group, parsed, person, is_present=is_present)
        else:
            phrase = present(parsed, person) if is_present or trap else absent(parsed, person)
        if phrase is None or (trap and phrase.kind == "np"):
            return []
        weight = 3.0 if trap else _weight(entry, parsed, person, is_present=is_present)
        if parsed.shape == "clause" and re.search(
            r"\b(said|says|told|showed|shows|found|mentioned|reckons|calls?|called|worried)\b", entry.text
        ):
            told = False
        return [
            _limited(
                Choice(
                    phrase.kind,
                    phrase.text,
                    phrase.bare,
                    entry.voice,
                    told,
                    trap,
                    entry.reserved,
                    weight,
                    _words(entry.text),
                ),
                entry.text,
            )
        ]

    def _of_name(self, term: str, entry: _Entry, person: Person, is_present: bool, group: str) -> list[Choice]:
        """The label, or a layperson's synonym, as a noun phrase."""
        text, told = _plainer(entry.text), not group and (entry.voice == "label" or term in self._told)
        messy = text != entry.text or len(text.split()) > 5 or any(c.isdigit() for c in text)
        weight = 0.04 if messy else 0.8 if entry.voice == "name" else 0.08
        words, kind = _words(entry.text), "np"
        vague = _VAGUE.match(text)
        if vague:
            owner = {"i": "my", "he": "his", "she": "her"}[person]
            organ = vague[1] or vague[2]
            organ = _ORGANS.get(organ.lower(), organ)
            if vocabulary().main(organ.split()[-1].lower()) in ("n", "p"):
                text, weight = f"{'problem' if is_present else 'problems'} with {owner} {organ}", 0.5
                told = term in self._told
            else:
                text, weight = f"abnormal {organ} shape", 0.1
        elif entry.voice == "name":
            parsed = _parsed(text)
            if parsed.shape != "np" and not (is_present and parsed.verb >= 0 and parsed.tokens[parsed.verb] in _BE):
                return []
            phrase = present(parsed, person) if is_present else absent(parsed, person)
            return (
                []
                if phrase is None
                else [Choice(phrase.kind, phrase.text, phrase.bare, "name", told, False, False, weight, words)]
            )
        elif group:
            weight = 0.04 if is_present or group == "complaint" else 2.0
            kind = "np" if is_present else "factor"
        shown = with_article(text) if is_present else text
        return [Choice(kind, shown, text, entry.voice, told, False, False, weight, words)]

    def is_factor(self, term: str) -> bool:
        """Whether the finding is an exposure or context of our own."""
        return term.startswith(FACTOR_PREFIX)


def _fixed(term: str, person: Person, *, is_present: bool) -> list[Choice]:
    """The clauses of `data/circumstances.tsv`, for what is said of a complaint rather than of a person."""
    state = "present" if is_present else "absent"
    return [
        Choice("clause", text, text, "plain", False, False, False, 1.0, _words(text))
        for row in table("circumstances.tsv")
        if row["term"] == term and row["state"] == state
        for text in (filled(row["clause"], person),)
    ]


@lru_cache(maxsize=60_000)
def _parsed(text: str) -> Parsed:
    return parse(text)


def _plainer(label: str) -> str:
    """A label without brackets, slashes and what stands behind a comma."""
    text = re.sub(r"\s*\([^)]*\)", "", label).split(",")[0]
    return re.sub(r"\s*/\s*", " or ", text).lower() if "/" in text else text


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
    sex = "MALE" if words & closed["male"] else "FEMALE" if words & closed["female"] else ""
    changes: dict[str, object] = {"parental": parental, "sex": sex}
    if words & closed["childish"]:
        changes["most_age"] = 2.0 if words & {"baby", "baby's", "newborn", "bottle", "pram", "cot", "feeds"} else 14.0
    if words & closed["adult"]:
        changes["least_age"] = 18.0
    return replace(choice, **changes)  # type: ignore[arg-type]


def _proper_words(names: Iterable[str]) -> frozenset[str]:
    """Words that are capitalised inside a name too: eponyms."""
    upper, lower = Counter[str](), Counter[str]()
    for name in names:
        for word in name.split()[1:]:
            (upper if word[:1].isupper() else lower)[word.lower()] += 1
    return frozenset(w for w, n in upper.items() if n > lower[w])


def _lowered(name: str, proper: frozenset[str]) -> str:
    first, _, rest = name.partition(" ")
    return (
        name
        if first.lower() in proper or first.isupper() or any(c.isupper() for c in first[1:])
        else (f"{first.lower()} {rest}".strip())
    )
