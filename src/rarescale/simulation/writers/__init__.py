"""Chat writers: from a simulated case to a conversation in which its findings are said."""

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
from rarescale.simulation.writers.offline import OfflineWriter
from rarescale.simulation.writers.turns import TurnWriter
from rarescale.simulation.writers.whole import WholeChatWriter

__all__ = [
    "Assignment",
    "CannotWrite",
    "Lexicon",
    "OfflineWriter",
    "Persona",
    "Register",
    "Speaker",
    "TurnWriter",
    "Wanted",
    "WholeChatWriter",
    "Writer",
]
