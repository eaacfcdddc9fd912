"""Lists of words written as running text, which is easier to read and to review than one quoted word after another."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, parted by white space."""
    return frozenset(text.split())


def word_list(text: str) -> list[str]:
    """The words of `text` in order."""
    return list(text.split())
