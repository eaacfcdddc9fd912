"""Sex and age as people write them: the value where it is plain, else a warning that names it.

A wrong sex or age never costs the case: the field stays empty and the warning says so.
"""

from __future__ import annotations

import re
from typing import Any

from rarescale.formats.places import cut, float_of, shown
from rarescale.record import MAX_AGE_YEARS, Sex, years

_SEXES: dict[str, Sex] = {
    **{sex.value: sex for sex in Sex},
    "F": Sex.FEMALE,
    "M": Sex.MALE,
    "OTHER": Sex.OTHER_SEX,
    "UNKNOWN": Sex.UNKNOWN_SEX,
}
# The numbers of the enumeration `Sex` of GA4GH Phenopackets v2; protobuf JSON may carry them.
_SEX_NUMBERS = (Sex.UNKNOWN_SEX, Sex.FEMALE, Sex.MALE, Sex.OTHER_SEX)
_NUMBER = re.compile(r"[+-]?\d{1,9}(\.\d{1,9})?")
_TERM = re.compile(r"[A-Za-z][\w.]*:\S+")

Warned = tuple[str, ...]


def sex_of(value: Any, *, numbered: bool = False) -> tuple[Sex | None, Warned]:
    """The sex a spelling means (any case). `numbered`: accept the numbers of the phenopacket enumeration.

    Elsewhere a number says nothing: pedigree files use 1 for male, phenopackets for female.
    """
    if value is None or value == "":
        return None, ()
    if isinstance(value, str) and (sex := _SEXES.get(value.strip().upper())):
        return sex, ()
    if numbered and type(value) is int and 0 <= value < len(_SEX_NUMBERS):
        return _SEX_NUMBERS[value], ()
    return None, (f"sex: {shown(value)} is not FEMALE, MALE, OTHER_SEX or UNKNOWN_SEX; sex left unknown",)


def age_of(value: Any, *, bare_years: bool = False) -> tuple[float | None, Warned]:
    """Age in years from an ISO 8601 duration; `bare_years` accepts 34 or "34" too, with a warning."""
    if value is None or value == "":
        return None, ()
    if isinstance(value, str):
        return _age_of_text(value, bare_years)
    if bare_years and isinstance(value, int | float) and not isinstance(value, bool):
        return _age_of_number(float_of(value), shown(value))
    return None, (_not_an_age(shown(value)),)


def _age_of_text(text: str, bare_years: bool) -> tuple[float | None, Warned]:
    if bare_years and _NUMBER.fullmatch(text.strip()):
        return _age_of_number(float(text), shown(text))
    try:
        return years(text[:100]), ()
    except ValueError:
        return None, (_not_an_age(shown(text)),)


def _age_of_number(number: float, words: str) -> tuple[float | None, Warned]:
    if 0.0 <= number <= MAX_AGE_YEARS:
        return number, (f"age: {words} taken as years; write P{number:g}Y to be exact",)
    return None, (_not_an_age(words),)


def _not_an_age(words: str) -> str:
    return (
        f"age: {words} is not an ISO 8601 duration from P0D to P{MAX_AGE_YEARS:.0f}Y, such as P34Y2M; age left unknown"
    )


def onset_of(value: str | None, where: str) -> tuple[str | None, Warned]:
    """An onset that is an ISO 8601 duration or a term id, else None with a warning."""
    if not value:
        return None, ()
    text = value.strip()
    if _TERM.fullmatch(text):
        return text, ()
    try:
        years(text[:100])
    except ValueError:
        return None, (
            f"{where}: onset {cut(value)!r} is neither a duration such as P3Y nor a term such as HP:0003577; left out",
        )
    return text, ()
