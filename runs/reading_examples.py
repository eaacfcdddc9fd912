"""What a window model of reading learns from: examples of terms, tellings, and words that tell nothing."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from rarescale.knowledge import Ontology
from rarescale.reading import half_of
from rarescale.reading.learned.features import DENIAL, spoken
from rarescale.reading.tokens import tokenize

SALAD = 0.6
"""Share of salads among what tells nothing."""
TYPO = 0.03
"""Share of words of five letters and more with a slip of the keys."""

Words = tuple[str, ...]


class Examples(NamedTuple):
    """`texts[i]` are kept words that tell term `labels[i]`; `terms` the ids; the rest is negative material."""

    texts: list[Words]
    labels: list[int]
    terms: list[str]
    traps: list[Words]
    neutral: list[Words]
    ambiguous: list[Words]


class Sentence(NamedTuple):
    """A sentence of a telling: kept words, and the places of the terms that it tells or denies.

    Where it only denies, the denial is not among the words: what is learned is what is denied.
    """

    words: Words
    labels: tuple[int, ...]


def words_of(text: str) -> Words:
    """The kept words of a text."""
    return tuple(word.form for word in spoken(tokenize(text)))


def gather(ontology: Ontology, neutral: Path, half: int | None = None) -> Examples:
    """All examples, or those of one half of the lay expressions; duplicates within a term left out."""
    seen: dict[tuple[str, Words], None] = {}
    traps: list[Words] = []
    lay = [name for name in ontology.lay() if half is None or half_of(name.text) == half]
    known = {name.term for name in lay}
    for name in lay:
        if name.voice == "trap":
            traps.append(words_of(name.text))
        elif teachable(ontology, name.term):
            seen[name.term, words_of(name.text)] = None
    for name in ontology.names(findings_only=True):
        index = ontology.index(name.term)
        assert index is not None
        wanted = name.term in known or ontology.answerable(index) in ("symptom", "told")
        if wanted and name.kind not in ("related", "broad", "abbreviation") and teachable(ontology, name.term):
            seen[name.term, words_of(name.text)] = None
    pairs = [(term, words) for term, words in seen if words]
    terms = sorted({term for term, _ in pairs})
    place = {term: i for i, term in enumerate(terms)}
    lines = [line for line in neutral.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    texts = [words for _, words in pairs]
    labels = [place[term] for term, _ in pairs]
    talk = [w for line in lines if (w := words_of(line))]
    return Examples(texts, labels, terms, traps, talk, _ambiguous(texts, labels))


def teachable(ontology: Ontology, term: str) -> bool:
    """Not the terms that stand for an organ system or a group of factors: their words fit anything."""
    index = ontology.index(term)
    return index is not None and bool(len(ontology.parents[index])) and "Abnormality of " not in ontology.labels[index]


def _ambiguous(texts: list[Words], labels: list[int]) -> list[Words]:
    """One or two neighbouring words that many terms share, and so tell none; no whole example is among them."""
    users: dict[Words, set[int]] = defaultdict(set)
    for words, label in zip(texts, labels, strict=True):
        for n in (1, 2):
            for i in range(len(words) - n + 1):
                users[words[i : i + n]].add(label)
    whole = set(texts)
    return [part for part, terms in users.items() if part not in whole and len(terms) >= (4 if len(part) == 1 else 6)]


def told(path: Path | None, terms: list[str]) -> list[Sentence]:
    """The unreserved sentences of the tellings (see `runs/make_tellings.py` for the columns)."""
    if path is None:
        return []
    place = {term: i for i, term in enumerate(terms)}
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            ids = [i.removeprefix("-") for i in row["findings"].split()]
            if row["reserved"] or any(i not in place for i in ids):
                continue
            words = words_of(row["sentence"])
            if ids and all(i[0] == "-" for i in row["findings"].split()):
                words = tuple(w for w in words if w != DENIAL)
            found.append(Sentence(words, tuple(place[i] for i in ids)))
    return found


def varied(words: Words, fillers: list[str], rng: random.Random) -> Words:
    """`words` as somebody else might say them: a word left out, others in between or around, a slip of the keys."""
    kept = list(words)
    if len(kept) >= 3 and rng.random() < 0.35:
        place = rng.randrange(len(kept))
        if kept[place] != DENIAL:
            del kept[place]
    while rng.random() < 0.3:
        kept.insert(rng.randrange(len(kept) + 1), rng.choice(fillers))
    if len(kept) >= 3 and rng.random() < 0.15:
        i = rng.randrange(len(kept) - 1)
        kept[i], kept[i + 1] = kept[i + 1], kept[i]
    return tuple(typo(w, rng) if len(w) > 4 and rng.random() < TYPO else w for w in kept)


def typo(word: str, rng: random.Random) -> str:
    """`word` with two letters swapped, one left out or one doubled."""
    i = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word[:i] + word[i + 1 :] if kind == 1 else word[: i + 1] + word[i:]


def nothing(examples: Examples, rng: random.Random) -> Words:
    """Words that tell no finding."""
    kind = rng.random()
    if kind < SALAD:
        return salad(examples, rng)
    kind = rng.random()
    if kind < 0.55:
        words = rng.choice(examples.neutral)
        size = rng.randint(1, 7)
        start = rng.randrange(max(1, len(words) - size + 1))
        return words[start : start + size]
    if kind < 0.80:
        part = list(rng.choice(examples.ambiguous))
        if rng.random() < 0.5:
            part.insert(rng.randrange(len(part) + 1), rng.choice(rng.choice(examples.neutral)))
        return tuple(part)
    if kind < 0.95:
        words = rng.choice(examples.texts)
        if DENIAL in words:
            left = tuple(w for w in words if w != DENIAL)
            return left or (DENIAL,)
        start = rng.randrange(max(1, len(words) - 3))
        return (DENIAL, *words[:start], *words[start:])
    return rng.choice(examples.traps) if examples.traps else (DENIAL,)


def salad(examples: Examples, rng: random.Random) -> Words:
    """Pieces of expressions of different terms, which together tell nothing."""
    found: list[str] = []
    for _ in range(rng.randint(2, 3)):
        words = rng.choice(examples.neutral if rng.random() < 0.3 else examples.texts)
        size = rng.randint(1, 2)
        start = rng.randrange(max(1, len(words) - size + 1))
        found += words[start : start + size]
    return tuple(found)
