"""Misspelt words set right: an unknown word close to just one word of the names is read as that word.

A word counts as unknown where no name holds it and the list of ordinary English words neither (``ordinary.txt.gz``:
SCOWL size 50, American and British, see NOTICE): "soar" stays "soar". Distance is optimal string alignment: a letter
put in, left out, changed, or two neighbours swapped cost one.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np

from rarescale.reading.stems import fold
from rarescale.reading.tokens import Token, tokenize

SHORTEST = 5
"""Shorter words are never corrected; there are too many words around them."""
LONG = 8
"""From this length on two slips are forgiven, one below."""
_CLEARLY = 2
"""So many times more frequent than the next candidate must the chosen one be, unless both mean the same."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SUFFIXES = ("s", "es", "ed", "d", "ing")


def vocabulary_arrays(texts: Iterable[str]) -> dict[str, np.ndarray]:
    """The words of names: ``words`` uint8 UTF-8 lines, ``word_counts`` int32 (v,), ``letters`` uint8 (v, 26).

    Only words in plain letters from `SHORTEST` on; `letters` counts each letter in each word.
    """
    counts = Counter(token.word for text in texts for token in tokenize(text))
    words = sorted(word for word in counts if len(word) >= SHORTEST and word.isascii() and word.isalpha())
    return {
        "words": np.frombuffer("\n".join(words).encode(), np.uint8),
        "word_counts": np.array([counts[word] for word in words], np.int32),
        "letters": np.array([[word.count(letter) for letter in _LETTERS] for word in words], np.uint8).reshape(-1, 26),
    }


class Vocabulary:
    """The words of the names, and the one that an unknown word is likely to mean. Safe for threads."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        """From the arrays of `vocabulary_arrays`."""
        self._words = arrays["words"].tobytes().decode().split("\n")
        self._counts, self._letters = arrays["word_counts"], arrays["letters"]
        self._known = frozenset(self._words)
        self._lengths = np.array([len(word) for word in self._words], np.int32)
        self.meant = lru_cache(maxsize=1 << 14)(self._meant)
        """`meant(word)`: the known word that a misspelt word (lower case) stands for, None where there is none."""

    def _meant(self, word: str) -> str | None:
        if len(word) < SHORTEST or not (word.isascii() and word.isalpha()) or self._is_known(word):
            return None
        most = 2 if len(word) >= LONG else 1
        near = [
            (distance(word, other, most), -int(self._counts[row]), other) for row, other in self._candidates(word, most)
        ]
        ranked = sorted(n for n in near if n[0] <= most)
        if not ranked:
            return None
        steps, count, best = ranked[0]
        same = fold(best)
        if same == fold(word):
            return None
        rivals = [c for s, c, other in ranked[1:] if s == steps and fold(other) != same]
        return best if all(-count >= _CLEARLY * -c for c in rivals) else None

    def _is_known(self, word: str) -> bool:
        if word in self._known or word in ordinary_words():
            return True
        return any(
            word.endswith(end) and (word[: -len(end)] in self._known or word[: -len(end)] in ordinary_words())
            for end in _SUFFIXES
        )

    def _candidates(self, word: str, most: int) -> Iterable[tuple[int, str]]:
        """Words that share so many letters with `word` that they can be within `most` steps of it."""
        own = np.array([word.count(letter) for letter in _LETTERS], np.int16)
        apart = np.abs(self._letters.astype(np.int16) - own).sum(axis=1)
        rows = np.flatnonzero((apart <= 2 * most) & (np.abs(self._lengths - len(word)) <= most))
        return [(int(row), self._words[row]) for row in rows if _same_start(word, self._words[row])]


def _same_start(word: str, other: str) -> bool:
    """People seldom miss the first letter: it must agree, or the first two be swapped."""
    return word[0] == other[0] or word[:2] == other[1::-1]


def distance(a: str, b: str, most: int) -> int:
    """Optimal string alignment distance of two words, or anything above `most` where it is more."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


@cache
def ordinary_words() -> frozenset[str]:
    """English words of five letters and more that are no misspelling of anything."""
    with resources.files("rarescale.reading").joinpath("ordinary.txt.gz").open("rb") as file:
        return frozenset(gzip.decompress(file.read()).decode("ascii").split())


def corrected(sentence: Sequence[Token], text: str, vocabulary: Vocabulary) -> dict[int, Token]:
    """The misspelt words of `sentence` (tokens of `text`) by place, as the words they stand for, at their own place.

    A word with a capital inside a sentence is a name and stays.
    """
    found: dict[int, Token] = {}
    for place, token in enumerate(sentence):
        if len(token.word) < SHORTEST or (place and text[token.start].isupper()):
            continue
        meant = vocabulary.meant(token.word)
        if meant is not None:
            found[place] = Token(meant, token.start, token.end)
    return found
