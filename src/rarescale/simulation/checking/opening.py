"""The first two messages: who the patient is and no more, and a greeting that knows nothing yet.

Both are checked by the words that may stand in them; whatever else is said is too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rarescale.record import Sex
from rarescale.simulation.checking.naming import folded
from rarescale.simulation.checking.problems import Problem
from rarescale.simulation.checking.words import words
from rarescale.simulation.writers.contract import Persona
from rarescale.simulation.writers.introduction import spoken_age

LONGEST_GREETING = 45
"""Words of a greeting."""

SEX_WORDS = {
    Sex.FEMALE: frozenset({"female", "woman", "girl", "she", "her"}),
    Sex.MALE: frozenset({"male", "man", "boy", "he", "his", "him"}),
}
_DOCTOR_NAME = re.compile(r"\b(?:[Dd]r\.?|[Dd]octor|[Nn]urse)\s+[A-Z][\w'-]+")
_FIGURES = re.compile(r"\d+")
_UNITS = (1.0, 12.0, 365.25 / 7.0, 365.25)
"""Years, months, weeks, days in a year."""


def opening_problems(persona: Persona, system: str, greeting: str) -> Iterator[Problem]:
    """What is wrong with the first two messages."""
    yield from _system_problems(persona, system)
    yield from _greeting_problems(persona, greeting)


def _system_problems(persona: Persona, text: str) -> Iterator[Problem]:
    said, name = folded(text).split(), folded(persona.name).split()
    sexes = SEX_WORDS.get(persona.sex, frozenset())
    allowed = words("profile") | sexes | set(name) | set(folded(persona.ethnicity or "").split())
    ages = {str(int(persona.age * unit + slack)) for unit in _UNITS for slack in (0.0, 0.5)}
    ages |= set(_FIGURES.findall(spoken_age(persona.age)))
    numbers = _FIGURES.findall(text)
    if odd := [w for w in said if w not in allowed and not w.isdigit() and not re.fullmatch(r"\d+[a-z]+", w)]:
        yield Problem("opening", f"says more than name, age, sex and ethnicity: {' '.join(odd[:6])}", 0)
    if not set(name) <= set(said):
        yield Problem("opening", f"does not state the name {persona.name}", 0)
    if not numbers and int(persona.age * 12.0) > 0:
        yield Problem("opening", "does not state the age in figures", 0)
    if wrong := [n for n in numbers if n not in ages]:
        yield Problem("opening", f"states {wrong[0]}, which is not the patient's age", 0)
    if sexes and not sexes & set(said):
        yield Problem("opening", f"does not state the sex, {persona.sex.value.lower()}", 0)


def _greeting_problems(persona: Persona, text: str) -> Iterator[Problem]:
    said = folded(_DOCTOR_NAME.sub("doctor", text)).split()
    allowed = words("greeting") | set(folded(persona.name).split())
    if odd := [w for w in said if w not in allowed]:
        yield Problem("opening", f"the greeting says more than a greeting: {' '.join(odd[:6])}", 1)
    if len(said) > LONGEST_GREETING:
        yield Problem("opening", f"the greeting has {len(said)} words; expected at most {LONGEST_GREETING}", 1)
