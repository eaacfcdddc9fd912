"""What loaders of multiple-choice questions share: letters, and an order of options that gives nothing away."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from typing import Any

from rarescale.errors import InputError
from rarescale.evaluation.benchmarks.damage import damaged, in_words
from rarescale.evaluation.benchmarks.rows import Row

LETTERS = string.ascii_uppercase


def lettered(options: Sequence[str]) -> dict[str, str]:
    """Options in their order, by letter."""
    return dict(zip(LETTERS, options, strict=False))


def shuffled(right: str, wrong: Sequence[str], key: str) -> tuple[dict[str, str], str]:
    """Options by letter and the right letter; the order hangs on the texts and `key` alone, the same for everybody."""
    order = sorted([right, *wrong], key=lambda o: hashlib.sha256(f"{key}\n{o}".encode()).hexdigest())
    options = lettered(order)
    return options, next(letter for letter, text in options.items() if text == right)


def options_of(row: Row, key: str) -> dict[str, str]:
    """The options of an object letter -> text. Raises InputError."""
    value: Any = row.value.get(key)
    if not isinstance(value, Mapping) or len(value) < 2:
        raise row.wrong(key, value, "an object of two or more options by letter")
    for letter, text in value.items():
        if letter not in LETTERS or not isinstance(text, str) or not text.strip():
            raise row.wrong(key, {letter: text}, "capital letters with a text each")
    return {letter: text.strip() for letter, text in value.items()}


def letter_of(row: Row, key: str, options: Mapping[str, str]) -> str:
    """The right letter; it must be one of the options. Raises InputError."""
    letter = row.text(key)
    if letter not in options:
        raise row.wrong(key, letter, f"one of the letters {', '.join(options)}")
    return letter


def must_agree(row: Row, key: str, text: str) -> None:
    """Refuse a row whose answer in words under `key` is not the option that its letter means."""
    if row.text(key) != text:
        raise damaged(
            f"{row.origin}, key {key!r}", found=in_words(row.text(key)), expected=f"the option of its letter, {text!r}"
        )


def too_few(row: Row, texts: Sequence[str]) -> InputError:
    """The refusal of options that are not all different."""
    return damaged(row.origin, found=f"options {', '.join(texts)}", expected="options that all differ")
