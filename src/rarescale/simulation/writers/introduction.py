"""The first message of a chat: who the patient is."""

from __future__ import annotations

from rarescale.record import Sex
from rarescale.simulation.writers.contract import Persona


def introduction(persona: Persona, choice: int = 0) -> str:
    """The first system turn: name, age and sex, nothing else; `choice` varies the form."""
    sex = {Sex.FEMALE: "female", Sex.MALE: "male"}.get(persona.sex)
    age = spoken_age(persona.age)
    forms = (f"{persona.name}, {age}, {sex}.", f"{persona.name}, {sex}, {age}.")
    return forms[choice % 2] if sex else f"{persona.name}, {age}."


def spoken_age(age: float) -> str:
    """An age in words: `6 days old`, `7 months old`, `34 years old`."""
    if age < 1 / 12:
        number, unit = max(1, round(age * 365.25)), "day"
    elif age < 2:
        number, unit = int(age * 12 + 1e-6), "month"
    else:
        number, unit = int(age + 1e-6), "year"
    return f"{number} {unit}{'' if number == 1 else 's'} old"
