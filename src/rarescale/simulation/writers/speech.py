"""How one person says one finding: choice of words, carrier sentence, slots of the chat, slips of the keyboard."""

from __future__ import annotations

import re
from random import Random

from rarescale.record import Sex
from rarescale.simulation.wording import with_article
from rarescale.simulation.writers.contract import Assignment, CannotWrite, Persona, Wanted
from rarescale.simulation.writers.introduction import spoken_age
from rarescale.simulation.writers.lexicon import Choice, Lexicon, forbidden_sets
from rarescale.simulation.writers.pieces import circle_of, person_of, pieces
from rarescale.simulation.writers.slips import slip
from rarescale.simulation.writers.systems import SHAPES, SPOKEN

_SPACE = re.compile(r"\s+([,.!?;:])")
_DOUBLE = re.compile(r"([.!?])[.,]+|,+([.!?])")
_UNTIDY = re.compile(r"\s[,.!?;:]|[.!?,][.,!?]|^\s|\s$")
_FRAIL = re.compile(r",|n't\b|\b(?:no|not|never|too|as well)\b")
_YEARS = (
    "about a year",
    "two years",
    "three years or so",
    "a couple of years",
    "years",
    "ages",
    "a long while",
    "four or five years",
    "a year and a half",
)
_MONTHS = ("a few months", "two months", "about half a year", "some weeks", "a month or two", "several weeks")
_DAYS = ("a few days", "a week or so", "some days")
_WHEN = (
    "Easter",
    "Christmas",
    "last summer",
    "the new year",
    "last autumn",
    "the spring",
    "Ramadan",
    "the school holidays",
)
_JOBS = (
    "an office",
    "a call centre",
    "a library",
    "a bank",
    "insurance",
    "accounts",
    "retail",
    "a travel agency",
    "a law firm",
    "the town hall",
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
        self._slots = _chat_slots(p, self.rng)

    def choose(self, wanted: Wanted) -> Choice:
        """Words for a finding, others than the earlier ones. Raises CannotWrite where none is left."""
        options = self.lexicon.choices(wanted.id, self.person, is_present=wanted.present)
        fit = [c for c in options if self._fits(c, wanted)]
        if not fit:
            raise CannotWrite(f"no words for {wanted.id} {wanted.label}, {'present' if wanted.present else 'absent'}")
        if wanted.earlier:
            before = wanted.earlier.lower()
            fit = [c for c in fit if c.bare.lower() not in before] or fit
        new = [c for c in fit if c.bare not in self._said] or fit
        chosen = self.rng.choices(new, [self._weight(c) for c in new])[0]
        self._said.add(chosen.bare)
        return chosen

    def _fits(self, c: Choice, wanted: Wanted) -> bool:
        p = self.persona
        if c.reserved and not self.assignment.may_use_reserved:
            return False
        if (c.parental and self.circle != "child") or not c.least_age <= p.age <= c.most_age:
            return False
        if c.sex and c.sex != p.sex.value:
            return False
        if c.voice == "regional" and p.register not in ("regional", "non-native"):
            return False
        return not any(f <= c.words for f in self._forbidden)

    def _weight(self, c: Choice) -> float:
        weight = c.weight
        if c.reserved:
            weight *= 4.0
        if self.persona.register == "doctor" and (c.told or c.voice in ("name", "label")):
            weight *= 3.0
        return weight * (3.0 if c.voice == "regional" else 1.0)

    def sentence(self, wanted: Wanted, choice: Choice, *, main: bool = False, bare: bool = False) -> str:
        """The finding as a sentence; `main`: as the complaint that opens the chat; `bare`: as few words as possible."""
        told = "told_" if choice.told else ""
        if wanted.present:
            if bare and not choice.told:
                return self.finish(self.pieces.pick("bare", self.rng).replace("{x}", choice.bare))
            kind = f"main_{told}{choice.kind}" if main else f"{told or 'say_'}{choice.kind}"
        else:
            kind = "trap_clause" if choice.trap else f"deny_{told}{choice.kind}"
        text = self.pieces.pick(kind, self.rng)
        for _ in range(6):
            # Words behind an expression of two parts would seem to belong to the second one; "too" follows no "not".
            whole = not _FRAIL.search(choice.text) or text.endswith("{x}.")
            if whole and not ("{dur}" in text and self.lexicon.systems.of(wanted.id) in SHAPES):
                break
            text = self.pieces.pick(kind, self.rng)
        if "{ax}" in text:
            article = with_article(choice.text)
            text = text.replace("{ax}", article if article != choice.text else f"any {choice.text}")
        return self.finish(text.replace("{x}", choice.text))

    def piece(self, kind: str) -> str:
        """A piece without finding, other than those before."""
        text = self.pieces.pick(kind, self.rng)
        for _ in range(4):
            if text not in self._used and not ("{job}" in text and self.persona.age < 18):
                break
            text = self.pieces.pick(kind, self.rng)
        self._used.add(text)
        return self.finish(text)

    def question(self, kind: str) -> str:
        """The question of a turn: `open`, a system, `two:` systems or a `talk:`."""
        if kind.startswith("talk:"):
            return self.piece(f"q_{kind[5:]}")
        if kind.startswith("two:"):
            one, two = kind[4:].split(":")
            return self.piece("ask_two").replace("{s1}", SPOKEN[one]).replace("{s2}", SPOKEN[two])
        return self.piece("ask_open" if kind == "open" else f"ask:{kind}")

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


def _chat_slots(p: Persona, rng: Random) -> dict[str, str]:
    span = _YEARS + _MONTHS if p.age >= 6 else _MONTHS if p.age >= 1 else _DAYS
    girl = p.sex is Sex.FEMALE
    kin = {"partner": ("husband", "wife"), "daughter": ("dad", "mum"), "son": ("dad", "mum")}.get(
        p.speaker, ("dad", "mum")
    )
    return {
        "{dur}": rng.choice(span),
        "{when}": rng.choice(_WHEN) if p.age >= 2 else "last week",
        "{name}": p.name.split()[0],
        "{place}": p.place or "a small town",
        "{job}": rng.choice(_JOBS),
        "{order}": rng.choice(("second", "third")),
        "{kin}": kin[girl],
        "{child}": "daughter" if girl else "son",
        "{kid}": "girl" if girl else "boy",
        "{kidsor}": rng.choice(("a family", "my work", "the cats", "my old parents")),
        "{age}": spoken_age(p.age),
    }
