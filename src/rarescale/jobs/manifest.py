"""The manifest of a folder: what was made, from what, the hash of each file. Written last, so it means complete."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Manifest = Mapping[str, Any]

MANIFEST = "manifest.json"


def file_hash(path: Path) -> str:
    """SHA-256 of the content, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path, facts: Manifest, files: list[Path]) -> Path:
    """Write `manifest.json` into `folder`: `facts`, and hash and size of `files` by their path in the folder."""
    listed = {
        path.relative_to(folder).as_posix(): {"sha256": file_hash(path), "bytes": path.stat().st_size} for path in files
    }
    target = folder / MANIFEST
    write_text(target, json.dumps({**facts, "files": listed}, indent=2, ensure_ascii=False) + "\n")
    return target


def write_text(path: Path, text: str) -> None:
    """Write under another name and move into place, so that nobody reads a half."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
