"""Derived data computed once and kept in the user's cache folder, one file per artifact.

The folder is `RARESCALE_CACHE` if set, else the platform's cache folder. Concurrent first runs each build
and move their file into place; both files are equal, so the last one wins and nobody reads a half.
A cache that cannot be written (read-only, disk full) costs time, not results: the artifact stays in memory, and one
warning a process says so. What a killed process left half-written is removed after a day.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from rarescale.knowledge.arrayfile import ArrayFileError, Arrays, read_arrays, write_arrays

_STALE = 24 * 3600.0
"""Seconds after which a half-written file belongs to nobody any more."""

log = logging.getLogger(__name__)

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0..1."""


def no_progress(_what: str, _share: float) -> None:
    """Show nothing."""


def cache_folder() -> Path:
    """Where compiled artifacts are kept; it may not exist yet."""
    if given := os.environ.get("RARESCALE_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~")).expanduser() / "rarescale"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/rarescale").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "rarescale"


def load_or_build(name: str, key: str, build: Callable[[], Arrays]) -> dict[str, np.ndarray]:
    """The artifact `name` for `key`: memory-mapped from the cache, or built now and kept there.

    `key` identifies everything the artifact was computed from (sources, version of the code that builds).
    A missing, truncated, damaged or foreign file is rebuilt, never trusted.
    """
    path = cache_folder() / f"{name}-{key}.arrays"
    try:
        return read_arrays(path, key)
    except FileNotFoundError:
        pass
    except (ArrayFileError, OSError) as error:
        log.warning("rebuilding %s: %s", name, error)
    arrays = build()
    try:
        write_arrays(path, key, arrays)
        _remove_stale(path, name)
        return read_arrays(path, key)
    except (ArrayFileError, OSError) as error:
        _warn_once(str(path.parent), str(getattr(error, "strerror", None) or error))
        return dict(arrays)


@cache
def _warn_once(folder: str, reason: str) -> None:
    """Several artifacts meet the same folder; one warning is enough to act on."""
    log.warning(
        "the cache folder %s cannot be written (%s). Results are the same, but every start computes again what it"
        " would have kept: make room there, or set RARESCALE_CACHE to a writable folder",
        folder,
        reason,
    )


def _remove_stale(written: Path, name: str) -> None:
    """Remove halves of `name` that are a day older than the file just `written`, by the file system's own clock."""
    now = written.stat().st_mtime
    for part in written.parent.glob(f"{name}-*.part"):
        if now - part.stat().st_mtime > _STALE:
            part.unlink(missing_ok=True)
