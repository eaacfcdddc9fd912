"""Files that survive a kill at any moment: whole files by rename, logs by whole lines."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `path` so that it is either absent, old, or complete, whatever happens and whoever else writes.

    `durable` also waits until it is on the disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def json_line(data: Any) -> str:
    """One line of JSONL, with its newline."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n"


class Log:
    """A JSONL file that only grows, written by one process with many threads.

    A last line torn by a kill is dropped when the file is opened again.
    """

    def __init__(self, path: Path) -> None:
        """Creates the file and its folder when they are missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        _mend(path)
        self.path = path
        self._lock = threading.Lock()

    def append(self, data: Any) -> None:
        """Add one object; it is with the operating system when this returns."""
        line = json_line(data).encode()
        with self._lock, self.path.open("ab", buffering=0) as stream:
            stream.write(line)


def complete_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of each line that ends in a newline and is not blank."""
    for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n")[:-1], start=1):
        if line.strip():
            yield number, line


def _mend(path: Path) -> None:
    data = path.read_bytes() if path.exists() else b""
    if not path.exists() or not data.endswith(b"\n"):
        write_whole(path, data[: data.rfind(b"\n") + 1])
