"""Text cut into words and sentences, each word with its place in the text.

Contractions are cut where the grammar cuts them (``don't`` = ``do`` + ``n't``, ``he's`` = ``he`` + ``'s``),
so that a negation is a word of its own. ``can't`` stays whole: it speaks of ability, not of a finding that is
not there ("I can't walk" tells of a difficulty in walking).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rarescale.reading.wordlists import word_set

MAX_SENTENCE = 80
"""Longest sentence in words; longer ones are cut, so that reading stays linear in the length of the text."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+(?:[.,]\d+)?|[^\w\s]|_|\n")
_ENDS = frozenset(".!?;\u2026")
_TITLES = word_set("dr mr mrs ms prof st vs approx")
_ABILITY = {"can't": "can't", "cannot": "can't", "cant": "can't", "couldn't": "can't", "couldnt": "can't"}
_BARE_NEGATIONS = word_set("dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt wouldnt shouldnt aint")
_CUT_WITHOUT_SIGN = _BARE_NEGATIONS | _ABILITY.keys()


class Token(NamedTuple):
    """One word or sign: its lower-case form (straight apostrophes) and its half-open place in the text."""

    word: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All words and signs of `text` in order; line ends that close a sentence appear as ``\\n``."""
    tokens: list[Token] = []
    for match in _WORD.finditer(text):
        word = match.group().lower().replace("\u2019", "'")
        if "'" in word or word in _CUT_WITHOUT_SIGN:
            tokens.extend(_cut(word, *match.span()))
        elif word != "\n" or _closes_line(text, match.end()):
            tokens.append(Token(word, *match.span()))
    return tokens


def _closes_line(text: str, after: int) -> bool:
    """A single line end inside a running sentence is only a wrap: the next line goes on in lower case."""
    rest = text[after : after + 40].lstrip(" \t")
    return not rest[:1].islower()


def _cut(word: str, start: int, end: int) -> list[Token]:
    # A few capitals change length in lower case; such a word is kept whole at its place.
    if word in _ABILITY:
        return [Token(_ABILITY[word], start, end)]
    if len(word) != end - start:
        return [Token(word, start, end)]
    if word.endswith("n't") and len(word) > 3:
        return [Token(word[:-3], start, end - 3), Token("n't", end - 3, end)]
    if word in _BARE_NEGATIONS:
        return [Token(word[:-2], start, end - 2), Token("n't", end - 2, end)]
    apostrophe = word.rfind("'")
    if apostrophe > 0:
        return [Token(word[:apostrophe], start, start + apostrophe), Token(word[apostrophe:], start + apostrophe, end)]
    return [Token(word, start, end)]


def sentences(tokens: list[Token]) -> list[list[Token]]:
    """The tokens in sentences, closing signs included; none is empty or longer than `MAX_SENTENCE`."""
    found: list[list[Token]] = []
    current: list[Token] = []
    for token in tokens:
        if token.word == "\n":
            closes = True
        else:
            closes = token.word in _ENDS and not (token.word == "." and current and current[-1].word in _TITLES)
            current.append(token)
        if current and (closes or len(current) >= MAX_SENTENCE):
            found.append(current)
            current = []
    return [*found, current] if current else found


def is_word(token: Token) -> bool:
    """Whether the token holds letters or digits, rather than being a sign."""
    return token.word[0].isalnum() or (token.word[0] == "'" and len(token.word) > 1)
