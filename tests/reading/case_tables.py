"""Tables of cases beside the tests."""

from __future__ import annotations

from pathlib import Path


def cases(name: str) -> list[list[str]]:
    """The rows of a table, without comments and heading."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")][1:]
