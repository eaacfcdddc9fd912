"""Pairs of a part and a complaint, or of a measurement and a result, that stand together in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from rarescale.reading.talk.phrases import Phrases, Slot, Word, stream
from rarescale.reading.talk.tables import (
    activity_terms,
    all_terms,
    measure_terms,
    pair_terms,
    parts,
    read_table,
    thresholds,
    words_of,
)
from rarescale.reading.talk.values import number_after
from rarescale.reading.tokens import Token
from rarescale.reading.wordlists import word_set

PART, COMPLAINT, MEASURE, RESULT, RESULT_AFTER = "part", "complaint", "measure", "result", "result after"
ACTIVITY, UNABLE = "activity", "unable"

_WIDEST = 3
"""Most words between the two that belong together, fillers not counted."""
_WIDEST_AFTER = 1
_WIDEST_BEFORE = 2
"""Between what says that somebody is unable and the activity ("can't even properly climb stairs")."""
_HARD = frozenset(".;:!?()\u2013\u2014\n\u2026") | {"but", "because", "although", "though", "if", "until"}
_SOFT = frozenset((",", "and", "or", "nor", "/", "&"))
_OWNERS = word_set("my your his her our their the whole both upper lower")
_LEADS = word_set("of in on at to round around over under left right both one lower upper side behind inside")
_ELSEWHERE = word_set("urine wee pee spinal csf lung lungs pulmonary portal")
_DENYING = frozenset(("normal", "negative"))
_MEALS = word_set("eat eats eating ate drink drinks drinking drank tea coffee diet food supplement supplements tablet")


class Told(NamedTuple):
    """A term and the places of the words that tell it; `normal` where they say that it is not so."""

    term: str
    normal: bool
    places: tuple[int, ...]


class Talk:
    """Finds pairs in sentences; read-only, so one serves any number of threads."""

    def __init__(self) -> None:
        """From the tables of this package."""
        self._pairs, self._measures = pair_terms(), measure_terms()
        self._thresholds = thresholds()
        self._wide = {row["complaint"] for row in read_table("complaints") if row["reach"] == "wide"}
        self._owned = {name for name, part in parts().items() if part.owned}
        self.body = Phrases(_body())
        self.results = Phrases(_results())

    @property
    def terms(self) -> list[str]:
        """Every term that can be told."""
        return list(all_terms())

    def find(self, sentence: Sequence[Token]) -> list[Told]:
        """The pairs in `sentence`, in no particular order; a word may belong to several."""
        words = stream(sentence)
        found = list(self._bodily(words, sentence))
        measured = self.results.find(words)
        if any(slot.kind == MEASURE for slot in measured):
            found += self._measured(words, measured, sentence)
        return found

    def _bodily(self, words: Sequence[Word], sentence: Sequence[Token]) -> Iterator[Told]:
        slots = [s for s in self.body.find(words) if s.kind != PART or self._is_part(s, sentence)]
        if len(slots) < 2:
            return
        yield from _limited(slots, words)
        for complaint in (s for s in slots if s.kind == COMPLAINT):
            near = [
                s for s in slots if s.kind == PART and (complaint.key in self._wide or _is_said_of(complaint, s, words))
            ]
            for part in _partners(complaint, near, slots, words):
                term = self._pairs.get((part.key, complaint.key))
                if term:
                    yield Told(term, False, tuple(sorted({*part.places, *complaint.places})))

    def _is_part(self, slot: Slot, sentence: Sequence[Token]) -> bool:
        first, last = slot.places[0], slot.places[-1]
        if slot.key not in self._owned or len(slot.places) > 1:
            return True
        of_something = last + 1 < len(sentence) and sentence[last + 1].word == "of"
        return first > 0 and sentence[first - 1].word in _OWNERS and not of_something

    def _measured(self, words: Sequence[Word], slots: list[Slot], sentence: Sequence[Token]) -> Iterator[Told]:
        if any(token.word in _MEALS for token in sentence):
            return
        measures = [s for s in slots if s.kind == MEASURE and not _is_elsewhere(s, sentence)]
        for result in (s for s in slots if s.kind in (RESULT, RESULT_AFTER)):
            after = result.kind == RESULT_AFTER
            near = [m for m in measures if not after or 0 <= result.start - m.stop <= _WIDEST_AFTER]
            for measure in _partners(result, near, slots, words):
                for term in self._measures.get((measure.key, result.key), ()):
                    yield Told(term, result.key in _DENYING, tuple(sorted({*measure.places, *result.places})))
        for measure in measures:
            number = number_after(measure.places[-1], sentence) if measure.key in self._thresholds else None
            for threshold in self._thresholds.get(measure.key, ()):
                if number and threshold.least <= number.value <= threshold.most:
                    yield Told(threshold.term, False, (*measure.places, *number.places))


def _limited(slots: Sequence[Slot], words: Sequence[Word]) -> Iterator[Told]:
    """Activities that somebody is unable to do; what says so stands before them."""
    for unable, activity in pairwise(slots):
        if unable.key == UNABLE and activity.kind == ACTIVITY:
            between = [word.form for word in words[unable.stop : activity.start]]
            if len(between) <= _WIDEST_BEFORE and not _HARD.union(_SOFT).intersection(between):
                yield Told(activity.key, False, (*unable.places, *activity.places))


def _is_elsewhere(measure: Slot, sentence: Sequence[Token]) -> bool:
    """Whether a place other than the blood follows the name ("lactate in the spinal fluid")."""
    last = measure.places[-1]
    return any(token.word in _ELSEWHERE for token in sentence[last + 1 : last + 4])


def _is_said_of(complaint: Slot, part: Slot, words: Sequence[Word]) -> bool:
    """Whether the complaint follows its part, or leads it directly or by a preposition ("weakness in my left arm")."""
    if part.start < complaint.start:
        return True
    between = [word.form for word in words[complaint.stop : part.start]]
    return all(word in _LEADS or word in _SOFT for word in between) or not _LEADS.intersection(between)


def _partners(one: Slot, others: Sequence[Slot], slots: Sequence[Slot], words: Sequence[Word]) -> list[Slot]:
    """The nearest of `others` that `one` can belong to, and those listed with it ("hips, knees and ankles")."""
    reached = [
        (gap, other.start < one.start, other) for other in others if (gap := _gap(one, other, slots, words)) >= 0
    ]
    if not reached:
        return []
    nearest = min(reached, key=lambda r: (r[0], not r[1]))[2]
    return [nearest, *_listed_with(nearest, one, others, slots, words)]


def _gap(one: Slot, other: Slot, slots: Sequence[Slot], words: Sequence[Word]) -> int:
    """How many words stand between the two; -1 where they cannot belong together.

    Across a comma or an "and" only a list joins them: whatever else stands between must be of the same table.
    """
    first, second = (one, other) if one.start < other.start else (other, one)
    between = words[first.stop : second.start]
    if any(word.form in _HARD for word in between):
        return -1
    inner = {at for s in slots if first.stop <= s.start < second.start for at in range(s.start, s.stop)}
    free = [at for at in range(first.stop, second.start) if at not in inner and words[at].form not in _SOFT]
    if any(word.form in _SOFT for word in between):
        return len(between) if not free else -1
    return len(free) + len(inner) if len(free) <= _WIDEST else -1


def _listed_with(
    nearest: Slot, one: Slot, others: Sequence[Slot], slots: Sequence[Slot], words: Sequence[Word]
) -> Iterator[Slot]:
    """The others in the same list as `nearest`, away from `one`; a list ends where a word is no item of it."""
    row = sorted((s for s in others), key=lambda s: s.start)
    at = row.index(nearest)
    ways = [row[at:]] if one.start < nearest.start else [row[at::-1]]
    for way in ways:
        for here, following in pairwise(way):
            first, second = (here, following) if here.start < following.start else (following, here)
            between = [word.form for word in words[first.stop : second.start]]
            if not between or not set(between) <= _SOFT or _has_own(following, one, slots, words):
                break
            yield following


def _has_own(part: Slot, one: Slot, slots: Sequence[Slot], words: Sequence[Word]) -> bool:
    """Whether another complaint stands right beside `part` on the far side."""
    for slot in slots:
        if slot.kind == one.kind and slot != one:
            gap = _gap(slot, part, slots, words)
            if 0 <= gap <= 1:
                return True
    return False


def _body() -> Iterator[tuple[str, str, str]]:
    for row in read_table("parts"):
        yield from ((word, PART, row["part"]) for word in words_of(row["words"]))
    for words, term in activity_terms():
        yield from ((word, ACTIVITY, term) for word in words)
    for row in read_table("complaints"):
        yield from ((word, COMPLAINT, row["complaint"]) for word in words_of(row["words"]))


def _results() -> Iterator[tuple[str, str, str]]:
    for row in read_table("analytes"):
        names = words_of(row["names"])
        yield from ((name, MEASURE, names[0]) for name in names)
    for row in read_table("directions"):
        kind = RESULT_AFTER if row["place"] == "after" else RESULT
        yield from ((word, kind, row["direction"]) for word in words_of(row["words"]))


@cache
def shipped_talk() -> Talk:
    """The tables that come with the package, read once."""
    return Talk()
