"""The turn-by-turn writer: short answers, one or two findings a turn."""

from __future__ import annotations

from rarescale.simulation.writers.lexicon import Lexicon
from rarescale.simulation.writers.offline import OfflineWriter, Style

STYLE = Style((6.7, 1.5), (0.6, 0.4), beside=0.2, bare=0.6, linked=0.3, acknowledged=0.2, ended=0.15)
"""14.5 messages with the system's (the published corpus)."""


class TurnWriter(OfflineWriter):
    """Tells in short answers."""

    name = "turns"

    def __init__(self, lexicon: Lexicon) -> None:
        """`lexicon` is shared by all chats."""
        super().__init__(lexicon, STYLE)
