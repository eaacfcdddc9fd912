"""What a sentence names: the longest names first, enumerations unfolded, then what pairs of words tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rarescale.reading.candidates import Match, candidates
from rarescale.reading.index import CONFIDENCE, PAIR_KINDS, WEAK_NAME, Index
from rarescale.reading.talk import shipped_talk
from rarescale.reading.tokens import Token
from rarescale.reading.typos import corrected

__all__ = ["Match", "find_matches"]

_MISSPELT = 0.8
"""What a misspelt word leaves of the confidence in its finding: an estimate."""


def find_matches(sentence: Sequence[Token], text: str, index: Index) -> list[Match]:
    """The names in `sentence` (tokens of `text`), in order; no two share all words of one of them.

    Misspelt words count as the words they stand for, at a lower confidence.
    """
    right = corrected(sentence, text, index.vocabulary)
    if not right:
        return _find(sentence, text, index)
    found = _find([right.get(place, token) for place, token in enumerate(sentence)], text, index)
    return [match if right.keys().isdisjoint(match.places) else _less_sure(match, index) for match in found]


def _less_sure(match: Match, index: Index) -> Match:
    confidence = CONFIDENCE.get(index.name(match.row).kind, WEAK_NAME)
    return match._replace(confidence=round(_MISSPELT * confidence, 3))


def _find(sentence: Sequence[Token], text: str, index: Index) -> list[Match]:
    named = _settle(*candidates(sentence, text, index), index)
    return _with_pairs(named, sentence, index) if index.has_pairs else named


def _with_pairs(named: list[Match], sentence: Sequence[Token], index: Index) -> list[Match]:
    """The names together with what the tables of pairs tell, where that adds to them."""
    kept = list(named)
    for told in sorted(shipped_talk().find(sentence), key=lambda told: (-len(told.places), told.places)):
        row = index.paired(told.term, normal=told.normal)
        if row is None:
            continue
        match = Match(row, told.places)
        rivals = [k for k in kept if not set(k.places).isdisjoint(match.places)]
        if all(_gives_way(rival, match, index) for rival in rivals):
            kept = [k for k in kept if k not in rivals or not set(k.places) <= set(match.places) or _is_pair(k, index)]
            kept.append(match)
    return sorted(kept, key=lambda match: match.places)


def _is_pair(match: Match, index: Index) -> bool:
    return index.name(match.row).kind in PAIR_KINDS


def _gives_way(rival: Match, match: Match, index: Index) -> bool:
    """Whether a pair may stand beside or instead of `rival`: another pair, or a single word that is part of it."""
    if _is_pair(rival, index):
        return index.name(rival.row) != index.name(match.row)
    return len(rival.places) == 1 and rival.places[0] in match.places and not index.is_lay(rival.row)


def _settle(found: list[Match], enumerated: list[Match], index: Index) -> list[Match]:
    """The longest matches that share no word; then those of enumerations, which may share their head."""
    kept: list[Match] = []
    taken: set[int] = set()
    for match in sorted(found, key=_longest):
        if taken.isdisjoint(match.places):
            kept.append(match)
            taken.update(match.places)
    for match in sorted(enumerated, key=_longest):
        rivals = [k for k in kept if not set(k.places).isdisjoint(match.places)]
        if all(_adds_to(match, rival, index) for rival in rivals):
            kept = [k for k in kept if k not in rivals or not set(k.places) < set(match.places)]
            kept.append(match)
    return sorted(kept, key=lambda match: match.places)


_longest: Callable[[Match], tuple[int, int]] = lambda match: (-len(match.places), match.first)  # noqa: E731


def _adds_to(match: Match, rival: Match, index: Index) -> bool:
    """Whether an enumerated match tells more than a rival that shares words with it.

    It does where the rival is one word of it and less specific ("pain"), or where only the head is shared.
    """
    shared = set(match.places) & set(rival.places)
    if shared == set(rival.places):
        return len(rival.places) < len(match.places)
    return len(shared) < len(match.places) and index.name(match.row).term != index.name(rival.row).term
