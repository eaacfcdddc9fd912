"""Who types in a chat: name, place, education, speaker and register, drawn from a seed.

Names and places go together by the group that bears them; the shares are assumed. They vary how people speak and keep
a model from reading the disease off a name.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from random import Random

from rarescale.record import Sex
from rarescale.simulation.writers.contract import Persona, Register, Speaker
from rarescale.simulation.writers.introduction import introduction, spoken_age

__all__ = ["draw_persona", "introduction", "spoken_age"]

_NATIVE = ("british", "irish", "american", "african american", "jamaican")
_NATIVE_SHARE = 0.6
_EDUCATION = ("left school at sixteen", "finished school", "vocational training", "some college", "university degree")
_CHILD, _TEEN, _OLD = 12.0, 18.0, 70.0


def draw_persona(sex: Sex, age: float, seed: int, *, spoken_for: bool = False) -> Persona:
    """A persona of this sex and age (years); equal seeds give equal ones. `spoken_for`: the patient does not type."""
    rng = Random(seed)
    names, places = _tables()
    group = rng.choice(_NATIVE if rng.random() < _NATIVE_SHARE else tuple(places))
    if rng.random() < 0.25:
        group = "british"
    part = "female" if sex is Sex.FEMALE else "male" if sex is Sex.MALE else rng.choice(("female", "male"))
    name = f"{rng.choice(names[group, part])} {rng.choice(names[group, 'family'])}"
    speaker = _speaker(age, rng, spoken_for=spoken_for)
    education = "at school" if speaker == "self" and age < _TEEN else rng.choice(_EDUCATION)
    register = _register(speaker, age, group, education, rng)
    return Persona(name, sex, age, group, education, rng.choice(places[group]), speaker, register)


def _speaker(age: float, rng: Random, *, spoken_for: bool) -> Speaker:
    mother: Speaker = "mother" if rng.random() < 0.75 else "father"
    if age < _CHILD or (age < 16 and rng.random() < 0.5):
        return mother
    if spoken_for and age < 50:
        return mother
    if age >= _OLD and (spoken_for or rng.random() < 0.25):
        return rng.choice(("daughter", "son", "partner"))
    return "partner" if spoken_for or (age >= 30 and rng.random() < 0.04) else "self"


def _register(speaker: Speaker, age: float, group: str, education: str, rng: Random) -> Register:
    if speaker == "self" and age < _TEEN + 3 and rng.random() < 0.6:
        return "teen"
    if ((speaker == "self" and age >= 66) or (speaker == "partner" and age >= _OLD)) and rng.random() < 0.6:
        return "elderly"
    if group not in _NATIVE and rng.random() < 0.4:
        return "non-native"
    if education == "university degree" and rng.random() < 0.35:
        return "doctor"
    return "regional" if group in ("british", "irish", "jamaican") and rng.random() < 0.2 else "plain"


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[tuple[str, str], list[str]], dict[str, list[str]]]:
    names: dict[tuple[str, str], list[str]] = {}
    places: dict[str, list[str]] = {}
    for row in _rows("names.tsv"):
        names.setdefault((row["group"], row["part"]), []).append(row["name"])
    for row in _rows("places.tsv"):
        places.setdefault(row["group"], []).append(row["place"])
    return names, places


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("rarescale.simulation") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
