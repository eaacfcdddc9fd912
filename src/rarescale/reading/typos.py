"""Misspelt words set right: an unknown word close to just one word of the names is read as that word.

A word counts as unknown where no name holds it or a word it may be a form of, and the list of ordinary words neither
(``ordinary.txt.gz``, made from this project's own texts by ``runs/ordinary_words.py``): "soar" stays "soar". Distance
is optimal string alignment: a letter put in, left out, changed into a similar one, or two neighbours swapped cost one.
"""

from __future__ import annotations

import gzip
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np

from rarescale.reading.stems import fold
from rarescale.reading.tokens import Token, tokenize

SHORTEST = 5
"""Shorter words are never corrected; there are too many words around them."""
LONGEST = 40
"""Longer words are no words."""
LONG = 8
"""From this length on two slips are forgiven, one below."""
_CLEARLY = 2
"""So many times more frequent than the next candidate must the chosen one be, unless both mean the same."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SUFFIXES = (
    *("s", "es", "ed", "d", "ing", "ings", "ly", "y", "er", "ers", "or", "ors", "est", "ness", "less", "ful", "able"),
    *("al", "ally", "ion", "ions", "ation", "ations", "ment", "ments", "ive", "ity", "ize", "ise", "ized", "ised"),
)
_SHORTEST_STEM = 3
_ALIKE = ("aeiouy", "ckqsxz", "fvp", "mn", "bp", "dt", "gj", "vw")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_COLUMNS = tuple(a + b for above, below in pairwise(_KEYS) for a, b in zip(above, below, strict=False))


def vocabulary_arrays(texts: Iterable[str]) -> dict[str, np.ndarray]:
    """The words of names: ``words`` uint8 UTF-8 lines, ``word_counts`` int32 (v,), ``letters`` uint8 (v, 26).

    Only words in plain letters from `SHORTEST` on; `letters` counts each letter in each word.
    """
    counts = Counter(token.word for text in texts for token in tokenize(text))
    words = sorted(word for word in counts if SHORTEST <= len(word) <= LONGEST and word.isascii() and word.isalpha())
    return {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "word_counts": np.array([counts[word] for word in words], np.int32),
        "letters": np.array([[word.count(letter) for letter in _LETTERS] for word in words], np.uint8).reshape(-1, 26),
    }


class Vocabulary:
    """The words of the names, and the one that an unknown word is likely to mean. Safe for threads; keeps words."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        """From the arrays of `vocabulary_arrays`."""
        self._words = arrays["words"].tobytes().decode().split("\n")
        self._counts, self._letters = arrays["word_counts"], arrays["letters"]
        self._known = frozenset(self._words)
        self._lengths = np.array([len(word) for word in self._words], np.int32)
        starts = [bisect_left(self._words, letter) for letter in _LETTERS] + [len(self._words)]
        self._starting = {letter: slice(*ends) for letter, ends in zip(_LETTERS, pairwise(starts), strict=True)}
        self._nearest = lru_cache(maxsize=1 << 15)(self._find_nearest)

    def meant(self, word: str) -> str | None:
        """The known word that a misspelt `word` (lower case) stands for, None where there is none."""
        if not SHORTEST <= len(word) <= LONGEST or not (word.isascii() and word.isalpha()):
            return None
        return self._nearest(word)

    def _find_nearest(self, word: str) -> str | None:
        if self._is_known(word):
            return None
        most = 2 if len(word) >= LONG else 1
        near = [(distance(word, self._words[row], most), row) for row in self._candidates(word, most)]
        ranked = sorted((s, -int(self._counts[row]), self._words[row]) for s, row in near if s <= most)
        if not ranked:
            return None
        steps, count, best = ranked[0]
        same = fold(best)
        if same == fold(word):
            return None
        rivals = [c for s, c, other in ranked[1:] if s == steps and fold(other) != same]
        return best if all(-count >= _CLEARLY * -c for c in rivals) else None

    def _is_known(self, word: str) -> bool:
        ordinary = ordinary_words()
        return any(form in self._known or form in ordinary for form in (word, *_bases(word)))

    def _candidates(self, word: str, most: int) -> Iterator[int]:
        """Rows of words that share so many letters with `word` that they can be within `most` steps of it.

        People seldom miss the first letter: it must agree, or the first two be swapped.
        """
        own = np.array([word.count(letter) for letter in _LETTERS], np.int16)
        for first in dict.fromkeys(word[:2]):
            part = self._starting[first]
            apart = np.abs(self._letters[part].astype(np.int16) - own).sum(axis=1)
            rows = np.flatnonzero((apart <= 2 * most) & (np.abs(self._lengths[part] - len(word)) <= most)) + part.start
            yield from (row for row in rows.tolist() if first == word[0] or self._words[row][1] == word[0])


def _bases(word: str) -> Iterator[str]:
    """What `word` may be a form of: "stopped" of "stop", "hoping" of "hope", "tried" of "try"."""
    for end in _SUFFIXES:
        stem = word.removesuffix(end)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            yield stem
            yield stem + "e"
            if stem[-1] == "i":
                yield stem[:-1] + "y"
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def distance(a: str, b: str, most: int) -> int:
    """Optimal string alignment distance of two words, or anything above `most` where it is more.

    A letter changed into one that neither sounds alike nor lies beside it on the keyboard costs two.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + _cost(letter, other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _cost(letter: str, other: str) -> int:
    return 0 if letter == other else 1 if other in _confused().get(letter, "") else 2


@cache
def _confused() -> dict[str, str]:
    """Each letter with those it is easily taken for."""
    near: dict[str, str] = {}
    for group in (*_ALIKE, *(row[at : at + 2] for row in _KEYS for at in range(len(row) - 1)), *_COLUMNS):
        for letter in group:
            near[letter] = near.get(letter, "") + group
    return near


@cache
def ordinary_words() -> frozenset[str]:
    """English words of three letters and more that are no misspelling of anything."""
    with resources.files("rarescale.reading").joinpath("ordinary.txt.gz").open("rb") as file:
        return frozenset(gzip.decompress(file.read()).decode("ascii").split())


def corrected(sentence: Sequence[Token], text: str, vocabulary: Vocabulary) -> dict[int, Token]:
    """The misspelt words of `sentence` (tokens of `text`) by place, as the words they stand for, at their own place.

    A word with a capital inside a sentence is a name and stays.
    """
    found: dict[int, Token] = {}
    for place, token in enumerate(sentence):
        word = token.word
        if len(word) < SHORTEST or (place and text[token.start].isupper()):
            continue
        if (meant := vocabulary.meant(word)) is not None:
            found[place] = Token(meant, token.start, token.end)
    return found
