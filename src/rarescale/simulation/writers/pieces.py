"""The pieces of text that carry what is said: questions, carrier sentences, chatter, from `data/pieces.tsv`.

A piece holds alternatives `[a|b]` and slots `{I}`. Slots of the person are filled once per kind of speaker; slots of
the chat ({x}, {dur}, ...) when it is written.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import NamedTuple

from rarescale.record import Sex
from rarescale.simulation.wording import Person, vocabulary
from rarescale.simulation.writers.contract import Persona

_OPTIONS = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{([^}]*)\}")
_OF_CHAT = frozenset(("x", "dur", "Dur", "when", "name", "age", "kin", "child", "kid", "old"))
Segment = str | tuple[str, ...]


class Piece(NamedTuple):
    """A text in segments; a tuple is a choice."""

    segments: tuple[Segment, ...]

    def text(self, rng: Random) -> str:
        """One of its forms."""
        return "".join(s if isinstance(s, str) else s[int(rng.random() * len(s))] for s in self.segments)


def person_of(persona: Persona) -> Person:
    """How the speaker refers to the patient."""
    if persona.speaker == "self":
        return "i"
    return "she" if persona.sex is Sex.FEMALE else "he"


def circle_of(persona: Persona) -> str:
    """`self`, `child` (a parent speaks) or `adult` (a partner, daughter or son does)."""
    return {"self": "self", "mother": "child", "father": "child"}.get(persona.speaker, "adult")


class Pieces:
    """The pieces for one writer and one kind of speaker."""

    def __init__(self, writer: str, circle: str, register: str, person: Person) -> None:
        """Keep what fits; `circle` as of `circle_of`."""
        slots = _slots(person)
        self._plain: dict[str, list[Piece]] = {}
        self._own: dict[str, list[Piece]] = {}
        for row in table("pieces.tsv"):
            who = row["who"]
            fits = who in ("", circle) or (who == "other" and circle != "self")
            if fits and row["writer"] in ("", writer) and row["register"] in ("", register):
                group = self._own if row["register"] else self._plain
                group.setdefault(row["kind"], []).append(_compiled(row["text"], slots))

    def pick(self, kind: str, rng: Random) -> str:
        """A piece of this kind; half of the time one of the register's own, where it has some."""
        own = self._own.get(kind)
        group = own if own and (kind not in self._plain or rng.random() < 0.5) else self._plain[kind]
        return group[int(rng.random() * len(group))].text(rng)

    def has(self, kind: str) -> bool:
        """Whether there is any piece of this kind."""
        return kind in self._plain or kind in self._own


@lru_cache(maxsize=256)
def pieces(writer: str, circle: str, register: str, person: Person) -> Pieces:
    """The pieces, read once for each combination."""
    return Pieces(writer, circle, register, person)


def filled(text: str, person: Person) -> str:
    """The text with its slots of the person filled."""
    return _filled(text, _slots(person))


def _filled(text: str, slots: dict[str, str]) -> str:
    """Slots of the person filled; any other word in braces that is no slot of the chat is a verb to be turned."""

    def value(match: re.Match[str]) -> str:
        known = slots.get(match[0])
        if known is not None or match[1] in _OF_CHAT:
            return match[0] if known is None else known
        return match[1] if slots is _SELF else vocabulary().third(match[1]) or f"{match[1]}s"

    return _SLOT.sub(value, text)


def _compiled(text: str, slots: dict[str, str]) -> Piece:
    text = _filled(text, slots)
    parts = _OPTIONS.split(text)
    return Piece(tuple(tuple(p.split("|")) if k % 2 else p for k, p in enumerate(parts) if k % 2 or p))


@lru_cache(maxsize=8)
def table(name: str) -> list[dict[str, str]]:
    """The rows of a table of the package's `data` folder."""
    text = (files("rarescale.simulation") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def _slots(person: Person) -> dict[str, str]:
    if person == "i":
        return _SELF
    he, him, his = ("he", "him", "his") if person == "he" else ("she", "her", "her")
    return {
        slot: value.format(he=he, him=him, his=his, He=he.capitalize(), His=his.capitalize())
        for slot, value in _OTHER.items()
    }


_SELF = {
    "{I}": "I",
    "{I've}": "I've",
    "{I'm}": "I'm",
    "{my}": "my",
    "{me}": "me",
    "{have}": "have",
    "{haven't}": "haven't",
    "{don't}": "don't",
    "{do}": "do",
    "{seem}": "seem",
    "{was}": "was",
    "{for}": "",
    "{forself}": "",
    "{y}": "you",
    "{yr}": "your",
    "{ym}": "you",
    "{do_y}": "do you",
    "{are_y}": "are you",
    "{have_y}": "have you",
    "{y_see}": "you see",
    "{y_move}": "you move",
    "{y_behave}": "you feel",
    "{y_cant}": "you can't",
    "{your}": "your",
    "{lie}": "lie",
    "{know}": "know",
    "{stand}": "stand",
    "{bend}": "bend",
    "{cough}": "cough",
    "{pass}": "pass",
    "{I'd}": "I'd",
    "{am}": "am",
    "{myself}": "myself",
}
_OTHER = {
    "{I}": "{he}",
    "{I've}": "{he}'s",
    "{I'm}": "{he}'s",
    "{my}": "{his}",
    "{me}": "{him}",
    "{have}": "has",
    "{haven't}": "hasn't",
    "{don't}": "doesn't",
    "{do}": "does",
    "{seem}": "seems",
    "{was}": "was",
    "{for}": " with {him}",
    "{forself}": "",
    "{y}": "{he}",
    "{yr}": "{his}",
    "{ym}": "{him}",
    "{do_y}": "does {he}",
    "{are_y}": "is {he}",
    "{have_y}": "has {he}",
    "{y_see}": "{he} sees",
    "{y_move}": "{he} moves",
    "{y_behave}": "{he} behaves",
    "{y_cant}": "{he} can't",
    "{your}": "your",
    "{he}": "{he}",
    "{him}": "{him}",
    "{lie}": "lies",
    "{know}": "knows",
    "{stand}": "stands",
    "{bend}": "bends",
    "{cough}": "coughs",
    "{pass}": "passes",
    "{his}": "{his}",
    "{He}": "{He}",
    "{His}": "{His}",
    "{I'd}": "{he}'d",
    "{am}": "is",
    "{myself}": "{him}self",
    "{himself}": "{him}self",
}
