"""Age and sex of the patient, as first lines tell them: "Ann Lee, 34 years old, female.", "my 6 year old daughter"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rarescale.reading.wordlists import word_list
from rarescale.record import MAX_AGE_YEARS, Sex

_UNITS = word_list(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBER_WORDS = {word: n for n, word in enumerate(_UNITS, 1)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
"""Numbers in words; two of them add up ("thirty four")."""
_SPELLED = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[:9])}))?|{'|'.join(reversed(_UNITS))})"
_NUMBER = rf"(?P<n>\d{{1,3}}(?:\.\d+)?|{_SPELLED})(?P<half>(?: and a| and| 1/)? ?half)?"
_UNIT = r"(?P<unit>years?|yrs?|y|months?|mos?|mths?|m|weeks?|wks?|w|days?|d)"
_PER_YEAR = {"y": 1.0, "m": 12.0, "w": 365.25 / 7.0, "d": 365.25}
_HALF_SUFFIX = r"(?P<late>(?: and a| and)? half)?"

_AGES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bage[d]?\s*[:=]?\s*{_NUMBER}(?:[ -]?{_UNIT})?\b",
        rf"(?<!\w){_NUMBER}[ -]?{_UNIT}{_HALF_SUFFIX}[ -](?:old|of age)\b",
        rf"(?<!\w){_NUMBER}[ -]?(?P<unit>y)\.?[ /]?o\b",
        r"(?<![\w.])(?P<n>\d{1,3})(?P<unit>y)?[ -]?/?(?:[mf]|male|female)\b(?!\w)",
        r"(?<![\w])[mf][ /]?(?P<n>\d{2})\b",
        rf"\b(?:i am|i'm|he is|he's|she is|she's|im|hes|shes|just turned|turned) (?:now |only |just )?{_NUMBER}"
        rf"(?: {_UNIT}{_HALF_SUFFIX}(?= old|[,.!;]| and\b| now|$)|(?=[,.!;)]| and\b| now| with| who|$))",
    )
)
_BARE = re.compile(r"(?:^|[,(])\s*(?P<n>\d{1,3})\s*(?=[,)/]|$)")
_NEWBORN = re.compile(r"\b(?:newborn|neonate|new-born|just born|day-old)\b", re.IGNORECASE)

_STATED = re.compile(r"\b(?:sex|gender)\s*[:=]?\s*(female|male|f|m|woman|man|girl|boy)\b", re.IGNORECASE)
_SHORT = re.compile(r"(?<![\w.])(?:\d{1,3}\s?(?:y|yo|y/o|yrs?)?[ /-]{0,2}([MmFf])|([MF])[ /]?\d{2})(?![\w'])")
_FEMALE = re.compile(r"\b(?:female|woman|girl|lady|pregnant)\b", re.IGNORECASE)
_MALE = re.compile(r"\b(?:male|man|boy|gentleman)\b", re.IGNORECASE)
_OWN_NOUN = re.compile(
    r"\b(?:(?:i am|i'm|im) an? |years?[ -]old |months?[ -]old |weeks?[ -]old |days?[ -]old |yo |y/o |-old |^)"
    r"(?:\w+ ){0,2}?(female|male|woman|man|girl|boy|lady|gentleman)\b",
    re.IGNORECASE,
)


class Demographics(NamedTuple):
    """Age in years and sex, None where not told."""

    age: float | None
    sex: Sex | None


def stated(lines: Sequence[str], *, formal: bool = False) -> Demographics:
    """Age and sex from `lines`, the first that tells each winning.

    `formal`: the lines are a header ("Marco Bellini, 24, male"), where a bare number is the age and the words male
    and female speak of the patient; in free speech they may speak of others.
    """
    age = next((age for line in lines if (age := _age(line, formal)) is not None), None)
    sex = next((sex for line in lines if (sex := _sex(line, formal)) is not None), None)
    return Demographics(age, sex)


def _age(line: str, formal: bool) -> float | None:
    found = []
    for pattern in (*_AGES, *((_BARE,) if formal else ())):
        for match in pattern.finditer(line):
            value = _years(match.groupdict())
            if value is not None:
                found.append((match.start(), value))
    if found:
        return min(found)[1]
    return 0.0 if _NEWBORN.search(line) else None


def _years(parts: dict[str, str | None]) -> float | None:
    number = parts.get("n") or ""
    value = float(number) if number[0].isdigit() else float(_spelled(number.lower()))
    value += 0.5 if parts.get("half") or parts.get("late") else 0.0
    unit = (parts.get("unit") or "y")[0].lower()
    total = value / _PER_YEAR[unit]
    return total if total <= MAX_AGE_YEARS else None


def _spelled(words: str) -> int:
    return sum(NUMBER_WORDS[word] for word in re.split(r"[- ]", words))


def _sex(line: str, formal: bool) -> Sex | None:
    if match := _STATED.search(line):
        return Sex.FEMALE if match[1].lower() in ("female", "f", "woman", "girl") else Sex.MALE
    if match := _SHORT.search(line):
        return Sex.FEMALE if (match[1] or match[2]).upper() == "F" else Sex.MALE
    if formal:
        return _earliest(line)
    if match := _OWN_NOUN.search(line):
        return Sex.FEMALE if match[1].lower() in ("female", "woman", "girl", "lady") else Sex.MALE
    return None


def _earliest(line: str) -> Sex | None:
    female, male = _FEMALE.search(line), _MALE.search(line)
    if female and male:
        return Sex.FEMALE if female.start() < male.start() else Sex.MALE
    if female or male:
        return Sex.FEMALE if female else Sex.MALE
    return None
