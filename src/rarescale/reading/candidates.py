"""Where names stand in a sentence: windows of words in any order, phrases, abbreviations, and enumerations unfolded."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rarescale.reading.index import DENIALS, JOINERS, MAX_WORDS, Index, abbreviation_key, phrase_key
from rarescale.reading.stems import MASK, TRANSPARENT_NEGATIONS, as_spoken, phrase_form, weight, weight_alone
from rarescale.reading.tokens import Token, is_word
from rarescale.reading.wordlists import word_set

_LONGEST_PAUSE = 5
"""Most function words between two words of one name."""
_LONGEST_PHRASE = 5
_ITEM_WORDS = 2
"""Most words of one item of an enumeration, and of the head it shares."""
_ITEMS = 4
"""How many items of an enumeration share a head."""
_WIDEST = 10
_SMALL_REACH = 3
_SPOKEN_DENIALS = DENIALS - TRANSPARENT_NEGATIONS
"""Denials that count as words, but for expressions that tell their finding by one."""
_DENIAL_REACH = 3
"""How many words before the others of its expression a negation may stand."""
_SIGNS = frozenset(",;:.!?()-\u2013\u2014")
_CLAUSE_WORDS = word_set("i he she it we you they who which that there n't not no but with")
_VERBS = word_set("is are was were am has have had does do did gets got looks feels seems became 's 're 've")


class Match(NamedTuple):
    """A name found in a sentence: the row of the name and the places of its words among the sentence's tokens.

    `confidence` (0..1) where the stage weighs each match; `denial` where its words tell a finding by denying something;
    `denied` where the stage itself hears that they deny the finding ("his hearing is fine").
    """

    row: int
    places: tuple[int, ...]
    confidence: float | None = None
    denial: bool = False
    denied: bool = False

    @property
    def first(self) -> int:
        """Place of its first word."""
        return self.places[0]

    @property
    def last(self) -> int:
        """Place of its last word."""
        return self.places[-1]


class _Words(NamedTuple):
    """The words of a sentence that count (k of them): their places, weights, and the run each belongs to.

    A run is broken by signs, by joiners and by long pauses; windows of words stay inside one run unless a name
    has an "and" itself. `joined[i]` is true where only a joiner, not a sign, separates word i from word i - 1.
    """

    places: list[int]
    weights: list[int]
    run: list[int]
    joined: list[bool]


def candidates(sentence: Sequence[Token], text: str, index: Index) -> tuple[list[Match], list[Match]]:
    """All names in `sentence` (tokens of `text`), which may overlap; and those that an enumeration parts."""
    words = _words(sentence)
    found = [*_windows(words, sentence, index), *_phrases(words, sentence, index)]
    if any(token.word in _SPOKEN_DENIALS for token in sentence):
        found += [m for m in _windows(_words(sentence, _SPOKEN_DENIALS), sentence, index) if index.is_denial(m.row)]
    found += _abbreviations(sentence, text, index)
    return found, list(_enumerated(words, sentence, index))


def _words(sentence: Sequence[Token], skipped: frozenset[str] = frozenset()) -> _Words:
    words = _Words([], [], [], [])
    run, joined, pause = 0, False, 0
    for place, token in enumerate(sentence):
        value = weight(token.word) if token.word not in JOINERS and token.word not in skipped else 0
        counts = value and (is_word(token))
        if counts:
            if pause > _LONGEST_PAUSE:
                run += 1
            words.places.append(place)
            words.weights.append(value)
            words.run.append(run)
            words.joined.append(joined)
            joined, pause = False, 0
        elif token.word in JOINERS:
            run, joined, pause = run + 1, True, 0
        elif is_word(token) or not value:
            pause += 1
        else:
            run, pause = run + 1, 0
    return words


def _windows(words: _Words, sentence: Sequence[Token], index: Index) -> Iterator[Match]:
    count = len(words.places)
    for start in range(count):
        total, joined = 0, False
        for stop in range(start, min(start + MAX_WORDS, count)):
            if stop > start and words.run[stop] != words.run[stop - 1]:
                if not words.joined[stop]:
                    break
                joined = True
            total = (total + words.weights[stop]) & MASK
            word = sentence[words.places[start]].word
            for key in (total,) if stop > start else (weight_alone(word), as_spoken(word)):
                if key in index.keys:
                    yield from _best(index, key, tuple(words.places[start : stop + 1]), sentence, joined=joined)


def _best(
    index: Index, key: int, places: tuple[int, ...], sentence: Sequence[Token], *, joined: bool = False
) -> Iterator[Match]:
    denials, after = _denials(places, sentence), _denials_after(places, sentence)
    row = index.best(key, {sentence[p].word for p in places}, joined=joined, denied=bool(denials or after))
    if row is None:
        return
    if index.is_denial(row):
        if index.denies_last(row):
            denials = [*denials, *after]
        if not denials:
            return
        places = tuple(sorted({*places, *denials}))
    if not index.is_lay(row) or _as_said(index, row, places, sentence):
        yield Match(row, places)


def _as_said(index: Index, row: int, places: tuple[int, ...], sentence: Sequence[Token]) -> bool:
    """Whether the small words that turn the meaning of a lay expression are there ("too many red cells").

    Its other words may stand in any order; asking for their order costs recall and gains no precision (measured).
    """
    nearby = {token.word for token in sentence[max(0, places[0] - _SMALL_REACH) : places[-1] + 1 + _SMALL_REACH]}
    return index.required(row) <= nearby


def _denials(places: tuple[int, ...], sentence: Sequence[Token]) -> list[int]:
    """Places of negations inside a window of words or right before it, which a telling denial takes as its own."""
    start = places[0]
    while start > 0 and places[0] - start < _DENIAL_REACH and sentence[start - 1].word not in _SIGNS:
        start -= 1
    return [p for p in range(start, places[-1]) if sentence[p].word in DENIALS]


def _denials_after(places: tuple[int, ...], sentence: Sequence[Token]) -> list[int]:
    """Places of negations right after a window, for expressions that deny at their end ("looks ill but is not")."""
    found = []
    for place in range(places[-1], min(places[-1] + 1 + _DENIAL_REACH, len(sentence))):
        if sentence[place].word in _SIGNS and sentence[place].word != ",":
            break
        if sentence[place].word in DENIALS:
            found.append(place)
    return found


def _phrases(words: _Words, sentence: Sequence[Token], index: Index) -> Iterator[Match]:
    forms = [phrase_form(token.word) for token in sentence]
    outside = [-1, *(place for place, form in enumerate(forms) if form not in index.phrase_forms), len(forms)]
    heads = (place for place, value in zip(words.places, words.weights, strict=True) if value in index.phrase_heads)
    for place in heads:
        after = bisect_left(outside, place)
        first, end = outside[after - 1] + 1, outside[after]
        for start in range(max(first, place - _LONGEST_PHRASE + 1), place + 1):
            for stop in range(max(place + 1, start + 2), min(start + _LONGEST_PHRASE, end) + 1):
                key = phrase_key(forms[start:stop])
                if key in index.keys:
                    yield from _best(index, key, tuple(range(start, stop)), sentence)


def _abbreviations(sentence: Sequence[Token], text: str, index: Index) -> Iterator[Match]:
    raw = [text[token.start : token.end] for token in sentence]
    shouted = sum(word.isupper() and len(word) > 1 for word in raw)
    if shouted > 2 and 2 * shouted > sum(map(is_word, sentence)):
        return  # In a text of capitals an abbreviation cannot be told from a word.
    for place, word in enumerate(raw):
        if len(word) > 2 and not word.islower() and word.isalnum():
            key = abbreviation_key(word)
            if key in index.keys:
                yield from _best(index, key, (place,), sentence)


def _enumerated(words: _Words, sentence: Sequence[Token], index: Index) -> Iterator[Match]:
    """Names whose words are parted by an enumeration: "pain in my hips, knees and ankles", "hands and feet swell"."""
    groups = _groups(words)
    for g in range(1, len(groups)):
        place = words.places[groups[g][0]]
        if not words.joined[groups[g][0]] or sentence[place - 1].word in ("a", "an"):
            continue  # "A short philtrum and a thin lip": what an article leads stands for itself.
        if _has_verb(groups[g - 1], words, sentence) and _has_verb(groups[g], words, sentence):
            continue
        left = [w for group in groups[max(0, g - _ITEMS) : g] for w in group[-_ITEM_WORDS - 1 :]]
        right = [w for group in groups[g : g + _ITEMS] for w in group[: _ITEM_WORDS + 1]]
        yield from _pairs(left, _pieces(groups[g], leading=True), words, sentence, index)
        yield from _pairs(right, _pieces(groups[g - 1], leading=False), words, sentence, index)


def _groups(words: _Words) -> list[list[int]]:
    groups: list[list[int]] = []
    for i, run in enumerate(words.run):
        if i and run == words.run[i - 1]:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _has_verb(group: list[int], words: _Words, sentence: Sequence[Token]) -> bool:
    start = words.places[group[0]] - 1
    stop = words.places[group[-1]] + 2
    return any(token.word in _VERBS for token in sentence[max(0, start) : stop])


def _pieces(group: list[int], *, leading: bool) -> list[list[int]]:
    """The item next to the joiner: its one or two words."""
    return [group[:n] if leading else group[-n:] for n in range(1, min(_ITEM_WORDS, len(group)) + 1)]


def _pairs(
    heads: list[int], items: list[list[int]], words: _Words, sentence: Sequence[Token], index: Index
) -> Iterator[Match]:
    for item in items:
        base = sum(words.weights[i] for i in item)
        for head in heads:
            key = (base + words.weights[head]) & MASK
            if head not in item and key in index.keys:
                places = tuple(sorted(words.places[i] for i in [head, *item]))
                if _is_enumeration(places, sentence):
                    yield from (m for m in _best(index, key, places, sentence) if not index.is_lay(m.row))


def _is_enumeration(places: tuple[int, ...], sentence: Sequence[Token]) -> bool:
    """Whether what stands between the words can be the other items: short, and no clause of its own."""
    between = sentence[places[0] + 1 : places[-1]]
    return len(between) <= _WIDEST and not any(token.word in _CLAUSE_WORDS for token in between)
