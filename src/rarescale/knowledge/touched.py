"""Which lines of our own tables name a term or disease that a newer release changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rarescale.errors import KnowledgeError
from rarescale.knowledge.curated import TABLES

_ID = re.compile(r"\b(?:HP:\d{7}|(?:OMIM|ORPHA|DECIPHER):\d+)\b")


ChangeKind = Literal["replaced", "obsolete", "renamed", "gone"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an id. `now`: the id that replaces it, the ids to consider, or the new name, by `kind`.

    A line is touched by a new name only where it holds the old one, `label`.
    """

    kind: ChangeKind
    now: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """The `lines` (from 1) of `table` that name `id`; `change` and `now` as in `Change`."""

    table: str
    id: str
    change: ChangeKind
    now: str
    lines: tuple[int, ...]


def touched_lines(curated: Path, changes: Mapping[str, Change]) -> Iterator[Touched]:
    """All lines of the tables in `curated` that name an id of `changes`, ordered by table, then id.

    Raises KnowledgeError for a table that cannot be read; a missing one is an empty one.
    """
    for table in TABLES:
        path = curated / table
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeError(f"{path} cannot be read: {error}; expected a UTF-8 table") from error
        lines: dict[str, list[int]] = {}
        for number, line in enumerate(text.split("\n"), 1):
            for id in dict.fromkeys(_ID.findall(line)):
                if id in changes and changes[id].label in line:
                    lines.setdefault(id, []).append(number)
        for id in sorted(lines):
            yield Touched(table, id, changes[id].kind, changes[id].now, tuple(lines[id]))
