"""Which windows of a sentence are looked at, and which of the guesses about them are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from rarescale.reading.learned.features import DENIAL, Spoken, spoken
from rarescale.reading.learned.model import Model
from rarescale.reading.scopes import clause_edges
from rarescale.reading.tokens import Token, is_word
from rarescale.reading.wordlists import word_set

FEWEST, MOST = 2, 7
"""Sizes of windows in kept words."""
_CANDIDATES = 6
_BREAKS = word_set("but because although though however except")


class Guess(NamedTuple):
    """Kept words that may tell a term: their places among the tokens, the term's place in the model, the probability
    of the term together with its parents and children, and whether a denial is among the words."""

    places: tuple[int, ...]
    term: int
    probability: float
    denial: bool


def runs(tokens: Sequence[Token], taken: Collection[int]) -> list[list[Spoken]]:
    """The kept words of each stretch of `tokens` that no sign, new clause or `taken` place interrupts."""
    edges = set(clause_edges(tokens))
    found: list[list[Spoken]] = [[]]
    at = 0
    kept = spoken(tokens)
    for word in kept:
        if any(_interrupts(tokens, p, edges, taken) for p in range(at, word.place + 1)) and found[-1]:
            found.append([])
        at = word.place + 1
        if word.place not in taken:
            found[-1].append(word)
    return [run for run in found if len(run) >= FEWEST]


def _interrupts(tokens: Sequence[Token], place: int, edges: set[int], taken: Collection[int]) -> bool:
    token = tokens[place]
    sign = not is_word(token) and token.word not in ("-", "'", '"')
    return sign or place in edges or place in taken or token.word in _BREAKS


def guesses(
    run: Sequence[Spoken], model: Model, kin: dict[int, frozenset[int]], least: float, most_kin: int
) -> list[Guess]:
    """The guesses about the windows of `run` with a probability of at least `least`.

    `kin` gives for the terms that may be found their parents and children and themselves, by place in the model;
    `most_kin` is the size of the largest of these families.
    """
    forms = [word.form for word in run]
    spans = [(i, j) for i in range(len(run)) for j in range(i + FEWEST, min(i + MOST, len(run)) + 1)]
    spans = [(i, j) for i, j in spans if any(f != DENIAL and len(f) > 2 for f in forms[i:j])]
    if not spans:
        return []
    rows, shares = model.likely(model.windows(forms, spans), least / most_kin)
    found = []
    for row, (i, j) in zip(shares[:, :-1], (spans[k] for k in rows), strict=True):
        if row.sum() < least:
            continue
        best = int(row.argmax())
        if best in kin:
            probability = float(sum(row[k] for k in kin[best]))
            if probability >= least:
                places = tuple(word.place for word in run[i:j])
                found.append(Guess(places, best, min(probability, 1.0), DENIAL in forms[i:j]))
    return found


def settle(found: Iterable[Guess]) -> list[Guess]:
    """The most probable guesses that share no word, in order; of equals the longer, then the first."""
    kept: list[Guess] = []
    taken: set[int] = set()
    for guess in sorted(found, key=lambda g: (-round(g.probability, 3), -len(g.places), g.places)):
        if taken.isdisjoint(guess.places):
            kept.append(guess)
            taken.update(guess.places)
    return sorted(kept, key=lambda g: g.places)
