"""The whole-chat writer: full sentences, up to three findings a message, a long conversation."""

from __future__ import annotations

from rarescale.simulation.writers.lexicon import Lexicon
from rarescale.simulation.writers.offline import OfflineWriter, Style

STYLE = Style((7.9, 1.6), (0.45, 0.4, 0.15), beside=0.5, bare=0.0, linked=0.45, acknowledged=0.35, ended=0.35)
"""17.5 messages with the system's (the published corpus)."""


class WholeChatWriter(OfflineWriter):
    """Tells at length."""

    name = "whole"

    def __init__(self, lexicon: Lexicon) -> None:
        """`lexicon` is shared by all chats."""
        super().__init__(lexicon, STYLE)
