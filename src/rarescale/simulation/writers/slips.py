"""Slips of the keyboard: a few letters swapped, apostrophes and capitals lost. Words stay recognisable."""

from __future__ import annotations

from random import Random

from rarescale.simulation.writers.contract import Persona

_RATE = {"teen": 0.35, "elderly": 0.15, "non-native": 0.15, "regional": 0.12, "plain": 0.12, "doctor": 0.04}
"""Share of messages with a slip (assumed)."""


def slip(text: str, persona: Persona, rng: Random) -> str:
    """The text as this person types it."""
    if persona.register == "teen" and rng.random() < 0.7:
        text = _small(text)
    if rng.random() >= _RATE[persona.register]:
        return text
    if "'" in text and rng.random() < 0.5:
        return text.replace("'", "")
    words = text.split(" ")
    k = int(rng.random() * len(words))
    word = words[k]
    if len(word) >= 6 and word.isalpha():
        at = 1 + int(rng.random() * (len(word) - 3))
        words[k] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _small(text: str) -> str:
    """Lower case but for acronyms, no stop at the end."""
    words = [w if len(w) > 1 and w.isupper() else w.lower() for w in text.split(" ")]
    return " ".join(words).removesuffix(".")
