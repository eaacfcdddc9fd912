"""Derived data computed once and kept in the user's cache folder, one file per artifact.

The folder is `RARESCALE_CACHE` if set, else the platform's cache folder. Concurrent first runs each build
and move their file into place; both files are equal, so the last one wins and nobody reads a half.
A cache that cannot be written (read-only, disk full) costs time, not results: the artifact stays in memory.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rarescale.knowledge.arrayfile import ArrayFileError, Arrays, read_arrays, write_arrays

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
        return read_arrays(path, key)
    except (ArrayFileError, OSError) as error:
        log.warning("%s is kept in memory only: %s (set RARESCALE_CACHE to a writable folder)", name, error)
        return dict(arrays)
