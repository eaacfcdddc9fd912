"""Helpers to put bytes into files and read them back through the front door."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarescale.formats import read_inputs
from rarescale.record import Input


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Input]]:
    """`read(content, name)`: write bytes, text, or objects (as JSONL) to a file of that name and read it."""

    def reading(content: Any, name: str = "in.jsonl", format: str | None = None) -> list[Input]:
        if isinstance(content, list | dict):
            objects = content if isinstance(content, list) else [content]
            content = "".join(json.dumps(o) + "\n" for o in objects)
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_inputs([str(path)], format=format))

    return reading


@pytest.fixture
def one(read: Callable[..., list[Input]]) -> Callable[..., Any]:
    """`read` for a file that holds exactly one input."""

    def only(content: Any, name: str = "in.jsonl", format: str | None = None) -> Any:
        (found,) = read(content, name, format)
        return found

    return only
