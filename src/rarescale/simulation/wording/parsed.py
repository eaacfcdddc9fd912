"""What an expression is, once it has been read: its tokens, shape and verb."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Shape = Literal["np", "clause", "vp", "past", "modal", "be", "born", "ing", "like", "unclear"]
"""np: what somebody has; vp: present tense; past, modal: the same for all persons; be, born, ing: after "to be"."""

Person = Literal["i", "he", "she"]

_TOKEN = re.compile(r"[A-Za-z0-9'/\-]+|[^\sA-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression with its shape. `verb` is the token index of the finite verb of a clause, -1 = to be inserted."""

    text: str
    shape: Shape
    tokens: tuple[str, ...]
    verb: int = -1
    plural: bool = False
    negative: bool = False


def tokens_of(text: str) -> list[str]:
    """Words and punctuation marks."""
    return _TOKEN.findall(text)
