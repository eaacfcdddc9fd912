"""Names of findings compiled to flat arrays, and looked up by the hash of a window of words.

A sorted array of hashes answers "which names have exactly these folded words" in one dictionary lookup per window;
windows are short (at most `MAX_WORDS` words), so reading is linear in the text. An Aho-Corasick automaton was the
alternative: it cannot ignore word order, must be rebuilt or unpickled at each start, and was not needed for speed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rarescale.reading.everyday import too_ordinary
from rarescale.reading.stems import (
    MASK,
    TRANSPARENT_NEGATIONS,
    as_spoken,
    digest,
    phrase_form,
    weight,
    weight_alone,
)
from rarescale.reading.tokens import is_word, tokenize
from rarescale.reading.typos import Vocabulary, vocabulary_arrays
from rarescale.reading.wordlists import word_set

MAX_WORDS = 8
"""Longest name, in words that count, that is looked for in text."""

KINDS = (
    *("label", "exact", "plural", "abbreviation", "layperson", "narrow", "broad", "related", "lay", "denial", "trap"),
    *("paired", "normal"),
)
"""Kinds of names. `lay`, `denial` and `trap` are expressions of the lay lexicon: `denial` tells a finding by denying
something ("doesn't sweat"), `trap` tells that it is absent ("sees like a hawk"). `paired` and `normal` stand for terms
that the tables of `talk` tell, as present and as absent; they are never looked up by their words."""

LAY_KINDS = frozenset(("lay", "denial", "trap"))
PAIR_KINDS = frozenset(("paired", "normal"))
_NORMAL = KINDS.index("normal")
_PAIRED = frozenset((KINDS.index("paired"), _NORMAL))
DENIALS = TRANSPARENT_NEGATIONS | {"no", "without", "none", "nothing"}
"""Negations by which an expression may tell a finding ("no appetite")."""

TELLING_SMALL_WORDS = word_set(
    """
    too many much more most less than all every both always often out up down off over under away back through
    quite bit slightly little somewhat hardly barely nearly before after since until while when going
    """
)
"""Small words that do not count in a name but turn the meaning of a lay expression."""

JOINERS = frozenset(("and", "or", "nor", "/", ","))
_PREFERENCE = {
    "label": 0,
    "exact": 0,
    "plural": 0,
    "abbreviation": 0,
    "layperson": 1,
    "lay": 1,
    "denial": 1,
    "trap": 1,
    "narrow": 2,
    "broad": 3,
    "related": 4,
    "paired": 5,
    "normal": 5,
}
CONFIDENCE = {
    "label": 0.9,
    "exact": 0.9,
    "plural": 0.9,
    "abbreviation": 0.8,
    "layperson": 0.85,
    "lay": 0.75,
    "denial": 0.7,
    "trap": 0.7,
    "paired": 0.75,
    "normal": 0.75,
}
WEAK_NAME = 0.6
"""Confidence of a finding by the kind of its name, and of those not listed: estimates."""
_SHORTEST_ABBREVIATION = 3


class Name(NamedTuple):
    """One name of one term; `kind` is one of `KINDS`."""

    term: str
    text: str
    kind: str


Ancestors = Callable[[str], Collection[str]]
"""The ids of all terms above a term."""


def abbreviation_key(word: str) -> int:
    """Hash of an abbreviation, which is matched letter for letter in its own case."""
    return digest("=" + word)


def phrase_key(forms: Iterable[str]) -> int:
    """Hash of the `phrase_form` of each word where function words carry the meaning ("throwing up", "passing out")."""
    return digest("~" + " ".join(filter(None, forms)))


def has_negation(text: str) -> bool:
    """Whether a text has one of `DENIALS`."""
    return not DENIALS.isdisjoint(token.word for token in tokenize(text))


def _is_abbreviation(name: Name) -> bool:
    word = name.text
    capitals = word.isalpha() and word.isupper() and len(word) <= 6
    return name.kind == "abbreviation" or capitals


def _key(name: Name) -> int:
    """The hash `name` is found under; 0 for a name that is never looked for in text."""
    if name.kind in PAIR_KINDS:
        return 0
    if _is_abbreviation(name):
        long_enough = len(name.text) >= _SHORTEST_ABBREVIATION and name.text.isalnum() and not name.text.islower()
        return abbreviation_key(name.text) if long_enough else 0
    words = [token.word for token in tokenize(name.text)]
    if name.kind != "denial" and not TRANSPARENT_NEGATIONS.isdisjoint(words):
        return 0  # Ten names in HPO, none of them as anybody says it; they would match without their "not".
    counted = counted_weights(name.text, name.kind)
    if not counted or len(counted) > MAX_WORDS or too_ordinary(words, name.kind):
        return 0
    if len(counted) == 1 and len(words) > 1:
        return phrase_key(map(phrase_form, words))
    if len(counted) == 1:
        return as_spoken(words[0]) if name.kind in LAY_KINDS else weight_alone(words[0])
    return sum(counted) & MASK


def counted_weights(text: str, kind: str) -> list[int]:
    """The weights of the words of a name that count, in order; the negation of a denial does not."""
    words = [
        t.word for t in tokenize(text) if t.word not in JOINERS and (t.word[0].isalnum() or t.word in ("'s", "can't"))
    ]
    skipped = DENIALS if kind == "denial" else ()
    return [value for word in words if word not in skipped and (value := weight(word))]


def compile_names(names: Iterable[Name]) -> dict[str, np.ndarray]:
    """The arrays an `Index` is made of; they may be kept in a cache and memory-mapped back.

    ``keys`` uint64 (k,) sorted hashes, ``rows`` int32 (k,) the name behind each, best kind first within a hash;
    ``joined`` bool (n,) names with an "and"; ``kind`` uint8 (n,) place in `KINDS`; ``term`` int32 (n,) place in the
    list of terms; ``texts`` and ``terms`` uint8, UTF-8 lines; ``labels`` int32 (t,) the name that is the label of
    each term, its first name where none is; ``heads`` uint64 (p,) the words around which phrases are looked for,
    ``phrase_forms`` uint8, UTF-8 lines, the `phrase_form` of every word in one; and the arrays of `vocabulary_arrays`.
    Raises ValueError for a kind that is not in `KINDS`.
    """
    listed = list(dict.fromkeys(names))
    unknown = sorted({name.kind for name in listed} - set(KINDS))
    if unknown:
        raise ValueError(f"names have kinds {unknown}, expected only {list(KINDS)}; correct the kind of these names")
    place: dict[str, int] = {}
    labels: list[int] = []
    for row, name in enumerate(listed):
        known = place.setdefault(name.term, len(place))
        if known == len(labels):
            labels.append(row)
        elif name.kind == "label":
            labels[known] = row
    entries = sorted((key, _PREFERENCE[n.kind], row) for row, n in enumerate(listed) if (key := _key(n)))
    return {
        "keys": np.array([e[0] for e in entries], np.uint64),
        "rows": np.array([e[2] for e in entries], np.int32),
        "joined": np.array([_has_joiner(n.text) for n in listed], np.bool_),
        "kind": np.array([KINDS.index(n.kind) for n in listed], np.uint8),
        "term": np.array([place[n.term] for n in listed], np.int32),
        "labels": np.array(labels, np.int32),
        "heads": np.array(sorted({head for n in listed if (head := _phrase_head(n))}), np.uint64),
        "phrase_forms": _lines(sorted({f for n in listed if _phrase_head(n) for f in _phrase_forms(n)})),
        "texts": _lines(n.text for n in listed),
        "terms": _lines(place),
        **vocabulary_arrays(n.text for n in listed if n.kind not in PAIR_KINDS),
    }


def _phrase_head(name: Name) -> int:
    """The weight of the one word that counts in a name that is matched as a phrase; 0 for other names."""
    counted = [] if name.kind in PAIR_KINDS else counted_weights(name.text, name.kind)
    return counted[0] if len(counted) == 1 and len(tokenize(name.text)) > 1 else 0


def _phrase_forms(name: Name) -> list[str]:
    return [phrase_form(token.word) for token in tokenize(name.text)]


def _has_joiner(text: str) -> bool:
    return any(token.word in JOINERS for token in tokenize(text))


def _lines(texts: Iterable[str]) -> np.ndarray:
    return np.frombuffer("\n".join(" ".join(text.split()) for text in texts).encode(), np.uint8)


class Index:
    """Looks up names by the hash of their folded words. Built from the arrays of `compile_names`."""

    def __init__(self, arrays: Mapping[str, np.ndarray], ancestors: Ancestors) -> None:
        """`arrays` as `compile_names` gives them; `ancestors` decides between equally good names."""
        self._rows = arrays["rows"].tolist()
        keys = arrays["keys"].tolist()
        self._end = {key: position + 1 for position, key in enumerate(keys)}
        self._start = {key: len(keys) - 1 - back for back, key in enumerate(reversed(keys))}
        self.keys = self._start.keys()
        """The hashes that some name has."""
        self._texts = arrays["texts"].tobytes().decode().split("\n")
        self._terms = arrays["terms"].tobytes().decode().split("\n")
        self._labels, self._kind = arrays["labels"].tolist(), arrays["kind"].tolist()
        self._term, self._joined = arrays["term"].tolist(), arrays["joined"].tolist()
        self._denial = [KINDS[k] == "denial" and has_negation(t) for k, t in zip(self._kind, self._texts, strict=False)]
        self._ancestors = ancestors
        self._tokens = lru_cache(maxsize=1 << 12)(lambda row: tokenize(self._texts[row]))
        self.phrase_heads: frozenset[int] = frozenset(arrays["heads"].tolist())
        self.phrase_forms = frozenset(arrays["phrase_forms"].tobytes().decode().split("\n")) | {""}
        self.vocabulary = Vocabulary(arrays)
        self._paired = {
            (self._terms[self._term[row]], kind == _NORMAL): row
            for row, kind in enumerate(self._kind)
            if kind in _PAIRED
        }

    def __len__(self) -> int:
        """Number of names."""
        return len(self._kind)

    def name(self, row: int) -> Name:
        """The name in `row`."""
        return Name(self._terms[self._term[row]], self._texts[row], KINDS[self._kind[row]])

    def label(self, row: int) -> str:
        """The label of the term of the name in `row`."""
        return str(self._texts[self._labels[self._term[row]]])

    def is_denial(self, row: int) -> bool:
        """Whether the name in `row` tells its finding by denying something."""
        return bool(self._denial[row])

    def denies_last(self, row: int) -> bool:
        """Whether the negation of the denial in `row` follows all its words that count ("looks ill but is not")."""
        words = [token.word for token in self._tokens(row)]
        last = max((k for k, word in enumerate(words) if word not in DENIALS and weight(word)), default=0)
        return any(word in DENIALS for word in words[last:])

    def is_lay(self, row: int) -> bool:
        """Whether the name in `row` is an expression of the lay lexicon."""
        return KINDS[self._kind[row]] in LAY_KINDS

    def required(self, row: int) -> frozenset[str]:
        """The small words without which the lay expression in `row` would mean something else ("too many B cells")."""
        return TELLING_SMALL_WORDS.intersection(token.word for token in self._tokens(row))

    def is_trap(self, row: int) -> bool:
        """Whether the name in `row` tells that its finding is absent."""
        return KINDS[self._kind[row]] in ("trap", "normal")

    @property
    def has_pairs(self) -> bool:
        """Whether the tables of `talk` are part of the index."""
        return bool(self._paired)

    def paired(self, term: str, *, normal: bool) -> int | None:
        """The row that stands for `term` as the tables tell it (`normal`: as absent); None where it is unknown."""
        return self._paired.get((term, normal))

    def is_above(self, upper: str, lower: str) -> bool:
        """Whether term `upper` is an ancestor of term `lower`."""
        return upper in self._ancestors(lower)

    def best(self, key: int, words: Collection[str], *, joined: bool, denied: bool = False) -> int | None:
        """The row of the best name with hash `key`, or None where there is none.

        Best is the name that shares most of the `words` as they stand in the text, then the more trusted kind,
        then the more specific term. `joined` allows only names with an "and", for windows that reach across one;
        `denied` allows expressions that tell a finding by a denial, since the window has one.
        """
        rows = self._rows[self._start[key] : self._end[key]] if key in self._start else []
        if joined:
            rows = [row for row in rows if self._joined[row]]
        if not denied:
            rows = [row for row in rows if not self.is_denial(row)]
        if not rows:
            return None
        if len(rows) == 1:
            return int(rows[0])
        ranked = sorted(rows, key=lambda row: self._order(row, words))
        first = ranked[0]
        for row in ranked[1:]:
            if self._order(row, words) != self._order(first, words):
                break
            upper, lower = self.name(first).term, self.name(row).term
            if upper != lower and self.is_above(upper, lower):
                first = row
        return int(first)

    def _order(self, row: int, words: Collection[str]) -> tuple[int, int]:
        own = {token.word for token in self._tokens(row) if is_word(token)}
        return -len(own.intersection(words)), _PREFERENCE[KINDS[self._kind[row]]]
