"""The refusal of a benchmark file, always with what, where, expected, found and the next step."""

from __future__ import annotations

from typing import Any

from rarescale.errors import InputError

AGAIN = "Fetch the file again; `rarescale benchmarks show NAME` tells from where."


def damaged(where: str, *, found: str, expected: str, next_step: str = AGAIN) -> InputError:
    """The error for a file that is not as it was published (kind ``damaged``)."""
    return InputError(f"{where}: found {found}; expected {expected}. {next_step}", kind="damaged")


def in_words(value: Any) -> str:
    """A value of a file, short enough for a sentence."""
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:59] + '…'}"
