"""Candidates of any origin from a file: the output of a candidate model, of `rarescale diagnose --json`, or by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rarescale.differential.llm_names import CandidateName, cleaned
from rarescale.errors import InputError
from rarescale.record import DiseaseId


def read_candidates(path: Path) -> dict[str, tuple[CandidateName, ...]]:
    """Candidates by patient id, in their order.

    Each line is an object with `id` and either `differential` or `candidates`: a list of objects with `name` and, where
    it is known, `id`. Ids and names are data of the file and are not looked up. Raises InputError with the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected candidates as JSON lines in UTF-8; {error}. Check the path.") from error
    found: dict[str, tuple[CandidateName, ...]] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            id, proposals = _line(path, number, line)
            found[id] = proposals
    return found


def _line(path: Path, number: int, line: str) -> tuple[str, tuple[CandidateName, ...]]:
    try:
        data = json.loads(line)
        if "error" in data:
            return str(data["id"]), ()
        listed = data["candidates"] if "candidates" in data else data["differential"]
        return str(data["id"]), tuple(_proposal(c) for c in listed)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} line {number}: expected an object with id and differential or candidates, each entry with a name; "
            f"found {line[:80]!r} ({error!r}). Correct or remove the line."
        ) from error


def _proposal(entry: Any) -> CandidateName:
    name, id = entry["name"], entry.get("id")
    if not isinstance(name, str) or not name.strip():
        raise TypeError("a name is no text")
    return CandidateName(DiseaseId(id) if isinstance(id, str) and id else None, cleaned(name))
