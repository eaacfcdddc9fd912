"""When a finding began: "since she was three", "from birth", "for two years", "since last March".

An age is given as an ISO 8601 duration, a stage of life as an HPO onset term. How long something has lasted tells the
age at onset where the patient's age is known; an age told in whole years is taken half a year on, as it is on average.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rarescale.reading.demographics import NUMBER_WORDS
from rarescale.reading.tokens import Token
from rarescale.record import MAX_AGE_YEARS

CONGENITAL, NEONATAL, INFANTILE = "HP:0003577", "HP:0003623", "HP:0003593"
CHILDHOOD, JUVENILE = "HP:0011463", "HP:0003621"
YOUNG_ADULT, MIDDLE_AGE, LATE = "HP:0011462", "HP:0003596", "HP:0003584"

_COUNT = rf"(?P<n>\d+(?:\.\d+)?|half an?|a couple of|a couple|a few|several|an?|{'|'.join(sorted(NUMBER_WORDS))})"
_UNIT = r"(?P<unit>year|yr|month|week|day)s?\b"
_WHO = r"(?:i|he|she|they|we|it)"
_ROUGHLY = (
    r"(?:about |around |only |just |roughly |nearly |almost |over |more than |at least |like |now |some |maybe )*"
)
_LAST = r"(?:the |these |this )?(?:last |past |previous )"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SEASONS = "spring|summer|autumn|fall|winter|christmas|easter|new year|the holidays"

_BIRTH = re.compile(
    rf"\b(?:(?:since|from|at|right from) birth|(?:since|when) {_WHO} (?:was|were) born|(?:was |were )?born with"
    r"|from the day \w+ was born|since the day \w+ was born)\b"
)
_AGE = re.compile(
    rf"\b(?:(?:at|since|from|by|around|about) (?:the )?age (?:of )?|aged? (?:of )?"
    rf"|(?:ever )?(?:since|when|from when) {_WHO} (?:was|turned|were) )"
    rf"{_ROUGHLY}{_COUNT}\b(?: {_UNIT})?(?! (?:in|of|kg|cm|pounds|and a half in)\b)"
)
_OLD = re.compile(rf"\b(?:at|from|since) {_ROUGHLY}{_COUNT} {_UNIT}(?: old| of age)\b")
_DECADE = re.compile(r"\b(?:in|since|from) (?:my|his|her|their) (?:early |mid |late |mid - )?(?P<decade>\w+ties)\b")
_STAGES = (
    (re.compile(rf"\b(?:since|from|in|as a|as an?|when {_WHO} (?:was|were) an?) (?:new ?born)\b"), NEONATAL),
    (
        re.compile(
            rf"\b(?:(?:since|from|in) infancy|(?:as|since|when {_WHO} (?:was|were)) an? (?:infant|baby|small baby))\b"
        ),
        INFANTILE,
    ),
    (
        re.compile(
            rf"\b(?:(?:since|from|in)(?: (?:my|his|her|early))* childhood|(?:as|since|when {_WHO} (?:was|were)) an? "
            rf"(?:small |little |young )?(?:child|kid|toddler|boy|girl)"
            rf"|since {_WHO} (?:was|were) (?:little|small|young|tiny)"
            r"|since (?:primary|nursery|infant) school|since (?:nursery|kindergarten|preschool))\b"
        ),
        CHILDHOOD,
    ),
    (
        re.compile(
            rf"\b(?:(?:since|in|from) (?:my |his |her )?(?:teens|adolescence|puberty|teenage years)|as a teen(?:ager)?"
            rf"|(?:when|since) {_WHO} (?:was|were) a teen(?:ager)?|since (?:high|secondary) school)\b"
        ),
        JUVENILE,
    ),
)
_OR_SO = "(?:or (?:two|three|so) )?"
_LASTED = re.compile(
    rf"\b(?:(?:for|over|in|during|since) (?:{_LAST})?{_ROUGHLY}|{_LAST}{_ROUGHLY})"
    rf"{_COUNT} {_OR_SO}{_UNIT}(?! old| of age)"
)
_AGO = re.compile(rf"\b{_ROUGHLY}{_COUNT} {_OR_SO}{_UNIT} (?:ago|back|before)\b")
_BARE_LAST = re.compile(
    r"\b(?:for (?:the )?(?:last|past)|(?:over|in) the (?:last|past)|since last) (?P<unit>year|month|week)\b"
)
_RECENT = re.compile(
    rf"\b(?:since|from) (?:(?:last|this|early|late|around|about|the) )*(?:{_MONTHS}|{_DAYS}|{_SEASONS}"
    r"|yesterday|night|morning|evening|weekend|today)\b"
)
_EPISODE = re.compile(r"\b(?:lasts?|lasted|lasting|stays?|goes on|sleeps?|once|twice|times|every|each) (?:\w+ )?$")
_PER_YEAR = {"year": 1.0, "yr": 1.0, "month": 12.0, "week": 365.25 / 7, "day": 365.25}
_FEW = 3.0


class When(NamedTuple):
    """A time told: the onset it means, and the half-open range of the tokens that tell it."""

    onset: str
    first: int
    stop: int


def times(sentence: Sequence[Token], age: float | None) -> list[When]:
    """The times of onset told in `sentence`, in order; `age` of the patient in years, None where it is not known."""
    starts, text = _joined(sentence)
    found: list[When] = []
    taken: set[int] = set()
    for match, onset in _told(text, age):
        first, stop = bisect_right(starts, match.start()) - 1, bisect_right(starts, match.end() - 1)
        if taken.isdisjoint(range(first, stop)):
            found.append(When(onset, first, stop))
            taken.update(range(first, stop))
    return sorted(found, key=lambda when: when.first)


def _joined(sentence: Sequence[Token]) -> tuple[list[int], str]:
    starts, length = [], 0
    for token in sentence:
        starts.append(length)
        length += len(token.word) + 1
    return starts, " ".join(token.word for token in sentence)


def _told(text: str, age: float | None) -> Iterator[tuple[re.Match[str], str]]:
    for match in _BIRTH.finditer(text):
        yield match, CONGENITAL
    yield from _ages(text, age)
    for match in _DECADE.finditer(text):
        if match["decade"] in _DECADES:
            yield match, _DECADES[match["decade"]]
    for pattern, onset in _STAGES:
        for match in pattern.finditer(text):
            yield match, onset
    if age is not None:
        for match, lasted in _durations(text):
            if (began := _began(age, lasted)) is not None:
                yield match, duration(began)


def _ages(text: str, age: float | None) -> Iterator[tuple[re.Match[str], str]]:
    """The ages told in years or months, none beyond that of the patient."""
    for pattern in (_OLD, _AGE):
        for match in pattern.finditer(text):
            told = _years(match["n"], match["unit"] or "year")
            if told <= MAX_AGE_YEARS and (age is None or told <= age + 1) and match["n"] not in ("a", "an"):
                yield match, duration(told)


def _durations(text: str) -> Iterator[tuple[re.Match[str], float]]:
    """How long ago something began, in years."""
    for pattern in (_AGO, _LASTED):
        for match in pattern.finditer(text):
            if not _EPISODE.search(text[: match.start()]):
                yield match, _years(match["n"], match["unit"])
    for match in _BARE_LAST.finditer(text):
        yield match, 1 / _PER_YEAR[match["unit"]]
    for match in _RECENT.finditer(text):
        yield match, 0.0


def _years(count: str, unit: str) -> float:
    if count[0].isdigit():
        number = float(count)
    elif count.startswith("half"):
        number = 0.5
    elif count in ("a few", "several"):
        number = _FEW
    elif count.startswith("a couple"):
        number = 2.0
    else:
        number = float(NUMBER_WORDS.get(count, 1))
    return number / _PER_YEAR[unit]


def _began(age: float, lasted: float) -> float | None:
    """Age in years at which something began that has lasted so long; None where that was before birth."""
    now = age + 0.5 if age >= 2 and age == int(age) else age
    return now - lasted if now >= lasted else None


def duration(age: float) -> str:
    """An age in years as ISO 8601: whole years from two on, months and days below."""
    if age >= 2:
        return f"P{math.floor(age)}Y"
    months = math.floor(age * 12 + 1e-6)
    return f"P{months}M" if months else f"P{math.floor(age * 365.25 + 1e-6)}D"


_DECADES = {
    "twenties": YOUNG_ADULT,
    "thirties": YOUNG_ADULT,
    "forties": MIDDLE_AGE,
    "fifties": MIDDLE_AGE,
    "sixties": LATE,
    "seventies": LATE,
    "eighties": LATE,
}
