"""Passages that address the software instead of telling of a patient ("ignore your instructions", role marks, code).

Known patterns in words, so it is one layer among several and can be got around: whatever passes still meets a prompt
that calls it data, a closed form of reply, and checks of every name and quote.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

MARK = "[a passage addressed to the software was left out here]"
"""Stands in the place of what a model is not shown."""

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?\n]+|\Z)\s*")
_LOOKALIKE = str.maketrans("аеорсухіԁ", "aeopcyxid")
_SPACED = re.compile(r"\b(?:\w[ .\-_*]){5,}\w\b")


def rules() -> list[dict[str, str]]:
    """The rows of ``llm_screen.tsv``: `kind`, `pattern`, a sentence that is `caught` by it and an `innocent` one."""
    text = files("rarescale.reading").joinpath("llm_screen.tsv").read_text(encoding="utf-8")
    head, *rows = (line.split("\t") for line in text.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rule["pattern"], re.IGNORECASE) for rule in rules())


def screened(text: str) -> tuple[str, str]:
    """`text` up to the first sentence that addresses the software, with a mark for the rest; and that rest.

    The rest goes whole, since orders run over several sentences. Both parts are `text` and nothing where there is none.
    """
    plain, places = _plain(text)
    starts = [m.start() for m in _SENTENCE.finditer(plain) if m.group()]
    found = [m.start() for rule in _patterns() if (m := rule.search(plain)) is not None]
    spaced = next((m.start() for m in _SPACED.finditer(plain) if _is_order(m.group())), None)
    if spaced is not None:
        found.append(spaced)
    if not found:
        return text, ""
    first = min(found)
    # A rule may begin at the end of the sentence before.
    while first < len(plain) - 1 and (plain[first].isspace() or plain[first] in ".!?:;,"):
        first += 1
    start = max((s for s in starts if s <= first), default=0)
    cut = places[start] if start < len(places) else 0
    return f"{text[:cut]}{MARK}", text[cut:]


def _is_order(spaced: str) -> bool:
    closed = re.sub(r"[ .\-_*]", "", spaced)
    return re.search(r"ignore|disregard|instruction|prompt|output", closed, re.IGNORECASE) is not None


def _plain(text: str) -> tuple[str, list[int]]:
    """Letters as they look: compatible forms folded, invisible characters gone; with the position of each in `text`."""
    plain: list[str] = []
    places: list[int] = []
    for k, character in enumerate(text):
        if unicodedata.category(character) == "Cf":
            continue
        for letter in unicodedata.normalize("NFKC", character).translate(_LOOKALIKE):
            plain.append(letter)
            places.append(k)
    return "".join(plain), places
