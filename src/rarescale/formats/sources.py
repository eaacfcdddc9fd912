"""An open input: its place, the suffix of its name, and its bytes."""

from __future__ import annotations

from dataclasses import dataclass

from rarescale.formats.places import Place
from rarescale.formats.streams import Reader


@dataclass(frozen=True, slots=True)
class Source:
    """One file, archive member or pipe."""

    place: Place
    suffix: str
    reader: Reader
