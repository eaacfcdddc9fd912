"""Chat writers: from a simulated case to a conversation in which each of its findings is said."""

from rarescale.simulation.writers.contract import (
    Assignment,
    CannotWrite,
    Persona,
    Register,
    Speaker,
    Wanted,
    Writer,
)
from rarescale.simulation.writers.lexicon import Lexicon
from rarescale.simulation.writers.turns import TurnWriter
from rarescale.simulation.writers.whole import WholeChatWriter

__all__ = [
    "Assignment",
    "CannotWrite",
    "Lexicon",
    "Persona",
    "Register",
    "Speaker",
    "TurnWriter",
    "Wanted",
    "WholeChatWriter",
    "Writer",
]
