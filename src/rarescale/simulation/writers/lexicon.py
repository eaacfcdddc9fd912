"""Which words there are for a finding: lay expressions and names, as phrases about a person, present or denied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from rarescale.knowledge import FACTOR_PREFIX, Knowledge
from rarescale.simulation.wording import Parsed, Person, is_safe, parse, present, vocabulary
from rarescale.simulation.writers.factors import Factors, factor_phrase
from rarescale.simulation.writers.pieces import filled, table
from rarescale.simulation.writers.sentences import denials, sentences, themes, told_of
from rarescale.simulation.writers.systems import Systems

_WORD = re.compile(r"[a-z][a-z'\-]+")
_SLASHED = re.compile(r"\[([^\]]*)\]")
_QUOTABLE = re.compile(r"[A-Za-z][A-Za-z \-]*")
_BEGUN = re.compile(
    r"(?:i|i'm|i've|i'd|he|he's|he'd|she|she's|she'd|my|his|her|the|it (?:hurts|burns|stings)|we|there's|a|an)\b", re.I
)
"""How a clause begins that needs nothing in front of it."""
_OWN_WEIGHT = 3.0
_OF_WALKERS = frozenset(
    ("walk", "walks", "walking", "stairs", "run", "runs", "running", "shoes", "trip", "trips", "stand", "stands")
) | frozenset(("talk", "talks", "speech", "words", "fall", "falls", "jump", "jumps", "limp", "limps"))


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to say it. `told`: others found it; `main`: also as complaint; `theme`: the question that leads to it.

    Ages are in years, `weight` says how preferred it is.
    """

    kind: str
    text: str
    bare: str
    voice: str
    told: bool
    reserved: bool
    weight: float
    words: frozenset[str]
    least_age: float = 0.0
    most_age: float = 200.0
    parental: bool = False
    sex: str = ""
    main: bool = False
    theme: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    text: str
    voice: str
    reserved: bool


class Lexicon:
    """Expressions of all terms of a knowledge; phrases are made when first asked for and kept."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Read the lay expressions and the names."""
        self.ontology = ontology = knowledge.ontology
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
        """All ways to say that the person has, or does not have, the finding; none where there is no safe one."""
        key = (term, person, is_present)
        found = self._kept.get(key)
        if found is None:
            made = self._own(term, person, is_present=is_present)
            if not (self.is_own(term, is_present=is_present) and not made):
                made += _fixed(term, person, is_present=is_present)
                if is_present:
                    made += [c for e in self._entries.get(term, ()) for c in self._made(term, e, person)]
            found = self._kept[key] = tuple(made)
        return found

    def is_own(self, term: str, *, is_present: bool) -> bool:
        """Whether the finding has sentences of its own, and so limits of age."""
        return term in (told_of() if is_present else ())

    def _own(self, term: str, person: Person, *, is_present: bool) -> list[Choice]:
        """Whole sentences of `data/sentences.tsv` or denials of `data/screens.tsv`."""
        rows = (sentences if is_present else denials)(person).get(term, ())
        return [
            Choice(
                "clause",
                s.text,
                s.text,
                "own",
                is_present and s.kind == "told",
                False,
                _OWN_WEIGHT,
                words_of(s.text),
                max(s.least, 16.0) if "drunk" in s.text or "drinking" in s.text else s.least,
                s.most,
                main=s.kind == "main",
                theme="" if is_present else s.kind,
            )
            for s in rows
        ]

    def _made(self, term: str, entry: _Entry, person: Person) -> list[Choice]:
        """The expression as a phrase, present; none where it is not safe."""
        group, told = self._factors.group(term), term in self._told
        if entry.voice in ("label", "name", "doctor"):
            return [] if group else self._quoted(term, entry)
        parsed = _parsed(_SLASHED.sub(lambda m: m[1].split("/")[0], entry.text))
        if entry.voice == "trap" or not (group or is_safe(parsed)) or (told and parsed.shape == "np"):
            return []
        if entry.voice == "regional" or (entry.voice == "parent" and person == "i"):
            return []
        phrase = factor_phrase(group, parsed, person, is_present=True) if group else present(parsed, person)
        if (
            phrase is None
            or phrase.text.startswith("I'm been")
            or (group and (phrase.kind == "np" or len(parsed.tokens) > 8))
        ):
            return []
        made = Choice(
            phrase.kind,
            phrase.text,
            phrase.bare,
            entry.voice,
            told and not group,
            entry.reserved,
            _weight(entry, parsed, person),
            words_of(entry.text),
            theme=themes().get(term, group),
        )
        return [_limited(made, entry.text)]

    def _quoted(self, term: str, entry: _Entry) -> list[Choice]:
        """A few words of a doctor, read out of a letter."""
        text = entry.text
        if term not in self._told or len(text.split()) > 4 or not _QUOTABLE.fullmatch(text) or text.isupper():
            return []
        return [Choice("np", text, text, entry.voice, True, entry.reserved, 0.3, words_of(text))]

    def is_factor(self, term: str) -> bool:
        """Whether the finding is an exposure or context of our own."""
        return term.startswith(FACTOR_PREFIX)


def _fixed(term: str, person: Person, *, is_present: bool) -> list[Choice]:
    """The clauses of `data/circumstances.tsv`, for what is said of a complaint rather than of a person."""
    state = "present" if is_present else "absent"
    return [
        Choice("clause", text, text, "plain", False, False, 1.0, words_of(text), theme=themes().get(term, ""))
        for row in table("circumstances.tsv")
        if row["term"] == term and row["state"] == state
        for text in (filled(row["clause"], person),)
    ]


@lru_cache(maxsize=60_000)
def _parsed(text: str) -> Parsed:
    return parse(text)


@lru_cache(maxsize=4_096)
def forbidden_sets(names: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Each name as the set of its words; an expression with all of them would voice it."""
    sets = {words_of(n) for n in names}
    return tuple(s for s in sets if s)


def words_of(text: str) -> frozenset[str]:
    """The words of a text and, of plurals, the singular; lower case."""
    found = _WORD.findall(text.lower())
    return frozenset((*found, *(w.removesuffix("s") for w in found)))


def _weight(entry: _Entry, parsed: Parsed, person: Person) -> float:
    weight = 0.7 if parsed.shape == "np" else 1.0
    return weight * (0.6 if entry.voice == "parent" and person != "i" else 1.0)


def _limited(choice: Choice, text: str) -> Choice:
    """The choice with the limits of age, speaker and sex that its words set."""
    words, closed = set(_WORD.findall(text.lower())), vocabulary().closed
    parental = not words.isdisjoint(("we", "us", "our", "ours"))
    sex = "MALE" if words & closed["male"] else "FEMALE" if words & closed["female"] else ""
    changes: dict[str, object] = {"parental": parental, "sex": sex}
    if choice.voice == "parent" or words & closed["childish"]:
        changes["most_age"] = (
            2.0 if words & {"baby", "baby's", "newborn", "bottle", "pram", "cot", "feeds", "nappy", "nappies"} else 14.0
        )
    if words & _OF_WALKERS:
        changes["least_age"] = 2.0
    if words & {"school", "class", "homework", "pen", "pencil", "read", "reading"}:
        changes["least_age"] = 5.0
    if words & closed["adult"] or "drunk" in words:
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
