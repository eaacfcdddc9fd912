"""Sentences through the model: tokens cut into pieces, and what the model hears at each token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rarescale.reading.context.model import ContextModel, Heard
from rarescale.reading.context.wordpiece import WordPiece
from rarescale.reading.finder import Said
from rarescale.reading.wordlists import word_set

_CLAUSE_SIGNS = word_set(", ; : - \u2013 \u2014")

Array = np.ndarray


class Told(NamedTuple):
    """What a sentence may tell: rows of terms int (k,); their logits at its tokens, float32 (n, k), of each token the
    greatest of its pieces, -inf where it has none; and for each term the logit of its being denied, float32 (k,)."""

    terms: Array
    logits: Array
    denied: Array


class Part(NamedTuple):
    """A sentence, or a part of a long one: the numbers of its pieces and the place of each one's token."""

    pieces: list[int]
    places: list[int]


def listen(model: ContextModel, said: Sequence[Said], least: float) -> list[Told]:
    """For each sentence the terms that have a logit of at least `least`; all go through the model together."""
    parts = [(k, part) for k, sentence in enumerate(said) for part in parts_of(sentence, model.pieces, model.longest)]
    heard: list[list[tuple[Part, Heard]]] = [[] for _ in said]
    for (k, part), told in zip(parts, model.hear([part.pieces for _, part in parts], least), strict=True):
        heard[k].append((part, told))
    return [_told(own, len(sentence.tokens)) for own, sentence in zip(heard, said, strict=True)]


def _told(heard: Sequence[tuple[Part, Heard]], count: int) -> Told:
    heard = [(part, told) for part, told in heard if len(told.terms)]
    terms = np.unique(np.concatenate([told.terms for _, told in heard] or [np.zeros(0, np.int64)]))
    logits = np.full((count, len(terms)), -np.inf, np.float32)
    denied = np.zeros(len(terms), np.float32)
    for part, told in heard:
        own = np.searchsorted(terms, told.terms)
        # Where parts of a sentence tell the same term, the one that tells it best says whether it is denied.
        best = logits[:, own].max(axis=0, initial=-np.inf) < told.logits.max(axis=0, initial=-np.inf)
        denied[own[best]] = told.denied[told.logits.argmax(axis=0)[best]]
        np.maximum.at(logits, (np.array(part.places)[:, None], own[None, :]), told.logits)
    return Told(terms, logits, denied)


def parts_of(said: Said, pieces: WordPiece, longest: int) -> Iterator[Part]:
    """A sentence in as few parts as needed, so that each has at most `longest` pieces with its two marks.

    A sentence that is too long is cut after the clause sign nearest its middle, else in the middle.
    """
    words = [said.text[token.start : token.end].replace("\u2019", "'") for token in said.tokens]
    cut = [(place, own) for place, word in enumerate(words) if (own := pieces.cut(word)[: longest - 2])]
    for part in _halves(cut, words, longest - 2):
        yield Part([number for _, own in part for number in own], [place for place, own in part for _ in own])


_Cut = Sequence[tuple[int, tuple[int, ...]]]


def _halves(cut: _Cut, words: Sequence[str], most: int) -> Iterator[_Cut]:
    if sum(len(own) for _, own in cut) <= most:
        if cut:
            yield cut
        return
    middle = len(cut) // 2
    signs = [k for k in range(1, len(cut)) if words[cut[k - 1][0]] in _CLAUSE_SIGNS]
    at = min(signs, key=lambda k: abs(k - middle), default=middle)
    yield from _halves(cut[:at], words, most)
    yield from _halves(cut[at:], words, most)
