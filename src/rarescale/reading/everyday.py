"""One-word names that everyday talk uses for other things, so that alone they say nothing."""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.reading.stems import fold
from rarescale.reading.wordlists import word_set

_WEAK_KINDS = frozenset(("broad", "related", "narrow"))
_SHORTEST = 3

ORDINARY = word_set(
    """
    aloneness lead arranging boil bouncing clubbing coldness collecting corn cutting dullness falls fisting gemination
    hopping hostile inaction inactivity inertia jumping mouthing ordering piles placidity plethora proboscis rosette
    shock slowness sight spinning stereotyped tearfulness tearing twirling
    """
)
"""Their stems mean something else in ordinary talk: "order", "mouth", "cold", "dull", "club"."""


_TELLING_TIME = word_set("year month week day hour old age young time one two first last")
"""Stems that only tell an age or a time, alone or together ("a five-year-old")."""


def too_ordinary(words: Sequence[str], kind: str) -> bool:
    """Whether a name of these words is left out: a single word that is short, weakly related or ordinary."""
    counted = [word for word in words if fold(word)]
    if all(stem in _TELLING_TIME for word in counted for stem in fold(word)):
        return True
    if len(counted) != 1:
        return False
    return len(counted[0]) < _SHORTEST or kind in _WEAK_KINDS or (len(words) == 1 and counted[0] in ORDINARY)
