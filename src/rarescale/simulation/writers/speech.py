"""How one person says one finding: choice of words, carrier sentence, slots of the chat, slips of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from rarescale.record import Sex
from rarescale.simulation.writers.contract import Assignment, Persona, Wanted
from rarescale.simulation.writers.introduction import spoken_age
from rarescale.simulation.writers.lexicon import Choice, Lexicon, forbidden_sets, words_of
from rarescale.simulation.writers.pieces import circle_of, person_of, pieces
from rarescale.simulation.writers.slips import slip
from rarescale.simulation.writers.systems import LOOKS

_SPACE = re.compile(r"\s+([,.!?;:])")
_DOUBLE = re.compile(r"([.!?])[.,]+|,+([.!?])")
_UNTIDY = re.compile(r"\s[,.!?;:]|[.!?,][.,!?]|^\s|\s$")
_FRAIL = re.compile(r",|n't\b|\b(?:no|not|never|too|as well)\b")
_OF_PERSON = re.compile(r"(?:i|he|she|we|there)\b", re.I)
_DOUBT = re.compile(r"\bmatters?\b|\bmay be nothing\b")
_YES_NO = re.compile(r"(?:yes|no)\b")
_YEARS = (
    "about a year",
    "two years",
    "three years or so",
    "a couple of years",
    "four or five years",
    "a year and a half",
)
_MONTHS = ("a few months", "two months", "half a year or so", "some weeks", "a month or two", "several weeks")
_DAYS = ("a few days", "a week or so", "ten days or so", "four or five days")
_WEEKS = ("two weeks or so", "a couple of weeks", "about three weeks")
_ACUTE = frozenset(
    ("HP:0001945", "HP:0002013", "HP:0002014", "HP:0002017", "HP:0002018", "HP:0012735", "HP:0000988", "HP:0025143")
)
"""Fever, sickness, diarrhoea, cough, rash, chills: with one of these a chat is about days and weeks."""
_WHEN = (
    "Easter",
    "Christmas",
    "last summer",
    "the new year",
    "last autumn",
    "last spring",
    "the holidays",
    "my birthday",
)


class Speech:
    """The voice of one chat."""

    def __init__(self, assignment: Assignment, lexicon: Lexicon, writer: str) -> None:
        """Everything follows from the assignment's seed."""
        self.assignment, self.lexicon, self.rng = assignment, lexicon, Random(assignment.seed)
        p = self.persona = assignment.persona
        self.person, self.circle = person_of(p), circle_of(p)
        self.pieces = pieces(writer, self.circle, p.register, self.person)
        self._forbidden = forbidden_sets(assignment.forbidden)
        self._said: set[str] = set()
        self._used: set[str] = set()
        acute = any(w.present and w.id in _ACUTE for w in assignment.findings)
        self._slots = _chat_slots(p, self.rng, acute=acute)
        self.duration = self._slots["{dur}"]

    def choose(self, wanted: Wanted) -> Choice | None:
        """Words for a finding, others than the earlier ones; None where this person has none."""
        options = self.lexicon.choices(wanted.id, self.person, is_present=wanted.present)
        fit = [c for c in options if self._fits(c)]
        if self.lexicon.is_own(wanted.id, is_present=wanted.present) and not any(c.voice == "own" for c in fit):
            return None
        if wanted.earlier:
            before = wanted.earlier.lower()
            fit = [c for c in fit if c.bare.lower() not in before] or fit
        fit = [c for c in fit if c.bare not in self._said]
        fit = [c for c in fit if not c.told] or fit
        if not fit:
            return None
        chosen = self.rng.choices(fit, [c.weight * (8.0 if c.reserved else 1.0) for c in fit])[0]
        self._said.add(chosen.bare)
        return chosen

    def _fits(self, c: Choice) -> bool:
        p = self.persona
        if c.reserved and not self.assignment.may_use_reserved:
            return False
        if (c.parental and self.circle != "child") or not c.least_age <= p.age < c.most_age:
            return False
        if c.sex and c.sex != p.sex.value:
            return False
        return not self.betrays(c.words)

    def betrays(self, words: frozenset[str]) -> bool:
        """Whether the words hold a name of the disease."""
        return any(f <= words for f in self._forbidden)

    def sentence(self, wanted: Wanted, choice: Choice, *, main: bool = False, bare: bool = False) -> str:
        """The finding as a sentence; `main`: as the complaint that opens the chat; `bare`: as few words as possible."""
        if choice.told and wanted.present and (choice.voice == "own" or (not main and _OF_PERSON.match(choice.text))):
            return self.finish(f"{choice.text}.")
        told = "told_" if choice.told else ""
        kind = f"main_{told}{choice.kind}" if main else f"{told or 'say_'}{choice.kind}"
        kind = "no" if not wanted.present else "bare" if bare and not choice.told else kind
        text = self.pieces.pick(kind, self.rng)
        doubtful = _DOUBT.search(text) and self.lexicon.systems.of(wanted.id) not in LOOKS
        if doubtful or _FRAIL.search(choice.text) or _YES_NO.match(choice.text):
            # Words around an expression of two parts would seem to belong to one of them.
            text = "{x}."
            if choice.kind == "np" and not choice.told:
                text = self.pieces.pick("say_np", self.rng).replace(" too.", ".").replace(" as well.", ".")
        return self.finish(text.replace("{x}", choice.text))

    def piece(self, kind: str) -> str:
        """A piece without finding, other than those before."""
        text = self.pieces.pick(kind, self.rng)
        for _ in range(6):
            if text not in self._used:
                break
            text = self.pieces.pick(kind, self.rng)
        self._used.add(text)
        return self.finish(text)

    def one_of(self, texts: Sequence[str]) -> str:
        """One of the texts that was not used before and names nothing forbidden, finished."""
        clean = [t for t in texts if not self.betrays(words_of(t))] or texts
        new = [t for t in clean if t not in self._used] or clean
        text = new[int(self.rng.random() * len(new))]
        self._used.add(text)
        return self.finish(text)

    def finish(self, text: str) -> str:
        """Slots filled, spaces and marks in order, a capital first."""
        if "{" in text:
            for slot, value in self._slots.items():
                text = text.replace(slot, value)
        if _UNTIDY.search(text):
            text = _DOUBLE.sub(lambda m: m[1] or m[2], _SPACE.sub(r"\1", text)).strip()
        return text[:1].upper() + text[1:]

    def typed(self, text: str) -> str:
        """As the patient types it: slips of the keyboard, a teenager's small letters."""
        return slip(text, self.persona, self.rng)


def _chat_slots(p: Persona, rng: Random, *, acute: bool) -> dict[str, str]:
    span = _DAYS + _WEEKS if acute else _YEARS + _MONTHS if p.age >= 6 else _MONTHS if p.age >= 2 else _DAYS
    girl = p.sex is Sex.FEMALE
    kin = {"partner": ("husband", "wife"), "daughter": ("dad", "mum"), "son": ("dad", "mum")}.get(
        p.speaker, ("dad", "mum")
    )
    dur = rng.choice(span)
    return {
        "{dur}": dur,
        "{Dur}": dur.capitalize(),
        "{when}": rng.choice(_WHEN) if p.age >= 2 and not acute else "last weekend",
        "{name}": p.name.split()[0],
        "{kin}": kin[girl],
        "{child}": "daughter" if girl else "son",
        "{kid}": "girl" if girl else "boy",
        "{age}": str(int(p.age)),
        "{old}": spoken_age(p.age).removesuffix(" old"),
    }
