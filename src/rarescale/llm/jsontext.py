"""The JSON inside the text of a reply: bare, in a code fence, or amid prose. Nothing is guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

LONGEST = 1_000_000
"""Characters of a reply that are looked at."""
STARTS = 1_000
"""Brackets tried as the beginning of a value, so that hostile text costs little."""

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({k for k, _ in pairs}) != len(pairs):
        raise ValueError("an object names one key twice")
    return dict(pairs)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)


def json_values(text: str) -> list[Any]:
    """The JSON values in `text`, by the first reading that finds any: whole text, code fences, values amid prose.

    A thought before the answer (``<think>``) is passed over. NaN, endless numbers and keys named twice are not JSON.
    """
    text = _THOUGHT.sub("", text[:LONGEST])
    for candidates in ([text], _FENCED.findall(text)):
        values = [v for c in candidates for v in _whole(c)]
        if values:
            return values
    return list(_bare(text))


def _whole(text: str) -> list[Any]:
    try:
        return [_DECODER.decode(text)]
    except (ValueError, RecursionError):
        return []


def _bare(text: str) -> Iterator[Any]:
    position = 0
    for _ in range(STARTS):
        found = re.compile(r"[{\[]").search(text, position)
        if found is None:
            return
        try:
            value, position = _DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            position = found.start() + 1
            continue
        yield value
