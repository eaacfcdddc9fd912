"""Where an input was read, the sentence that says what is wrong there, and the limits on sizes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rarescale.errors import InputError
from rarescale.record import Unreadable

MB = 1_000_000
NOTE_BYTES = 2 * MB
"""Largest plain text read as one note, in bytes."""
LINE_BYTES = 20 * MB
"""Largest JSON object, on one line or spread over several, in bytes."""
DOCUMENT_BYTES = 64 * MB
"""Largest JSON file that is not JSONL, and largest uncompressed member of a zip archive, in bytes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in an input: `name` as the user knows the file, `stem` for ids, 1-based `line` and `item`."""

    name: str
    stem: str
    line: int | None = None
    item: int | None = None

    def at(self, line: int | None, item: int | None = None) -> Place:
        """The same file at another line (and item of an array)."""
        return replace(self, line=line, item=item)

    @property
    def origin(self) -> str:
        """Such as ``cases.jsonl line 3``."""
        line = "" if self.line is None else f" line {self.line}"
        return self.name + line + ("" if self.item is None else f" item {self.item}")

    @property
    def default_id(self) -> str:
        """Id of an input that states none, such as ``cases:3``."""
        number = self.line if self.item is None else self.item
        return self.stem if number is None else f"{self.stem}:{number}"

    def unreadable(self, error: InputError, *, id: str | None = None) -> Unreadable:
        """Put `error` in the place of the input that caused it."""
        return Unreadable(id=id or self.default_id, origin=self.origin, kind=error.kind, message=str(error))


def refusal(kind: str, where: str, *, found: str, expected: str, next_step: str) -> InputError:
    """Build the error for one input, so that every message has all five parts in the same order."""
    return InputError(f"{where}: found {found}; expected {expected}. {next_step}", kind=kind)


def too_large(where: str, what: str, size: str, limit: int, next_step: str) -> InputError:
    """Build the error for an input over a limit; `size` is in words, `limit` in bytes."""
    return refusal(
        "too-large", where, found=f"{what} of {size}", expected=f"at most {limit // MB} MB", next_step=next_step
    )


def megabytes(size: int) -> str:
    """Bytes in words: 20_000_000 is ``20.0 MB``."""
    return f"{size / MB:.1f} MB"


def shown(value: Any, width: int = 60) -> str:
    """A JSON value in words, short enough for a sentence whatever its size or depth."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {cut(value, width)!r}" if value else "an empty text"
    if isinstance(value, int | float):
        return f"the number {cut(str(value) if abs(value) < 1e30 else f'{float_of(value):.3g}', width)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else f"a {type(value).__name__}"


def float_of(value: int | float) -> float:
    """The number as a float; integers beyond its range become infinite instead of raising."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def cut(text: str, width: int = 60) -> str:
    """The text, its end replaced by an ellipsis beyond `width` characters."""
    return text if len(text) <= width else text[: width - 1] + "…"
