"""The published files in the user's folder: found, checked where a checksum is known, or told how to get."""

from __future__ import annotations

from pathlib import Path

from rarescale.errors import InputError
from rarescale.evaluation.benchmarks.damage import damaged
from rarescale.evaluation.benchmarks.registry import Benchmark, Wanted
from rarescale.jobs import file_hash
from rarescale.knowledge import cache_folder


def default_folder(benchmark: Benchmark) -> Path:
    """Where files are looked for when the user names no folder, and put by a download."""
    return cache_folder() / "benchmarks" / benchmark.name


def locate(benchmark: Benchmark, folder: Path) -> dict[str, Path]:
    """The files by their published name. Raises InputError where one is missing or has another checksum."""
    found: dict[str, Path] = {}
    for wanted in benchmark.files:
        path = _path(wanted, folder)
        if path is None:
            plain = all(w.url for w in benchmark.files)
            raise InputError(
                f"{folder}: found no {' or '.join(wanted.accept)}; expected the files of {benchmark.title}. "
                f"{benchmark.get.strip()} Then give their folder with --files"
                + (", or give --download." if plain else "."),
                kind="missing",
            )
        _check(wanted, path)
        found[wanted.name] = path
    return found


def _path(wanted: Wanted, folder: Path) -> Path | None:
    for name in wanted.accept:
        here = sorted(folder.glob(name)) or sorted(folder.rglob(name))
        files = [p for p in here if p.is_file()]
        if files:
            return files[0]
    return None


def _check(wanted: Wanted, path: Path) -> None:
    if wanted.sha256 is None or path.name != wanted.accept[0]:
        return
    if (found := file_hash(path)) != wanted.sha256:
        raise damaged(str(path), found=f"SHA-256 {found}", expected=f"SHA-256 {wanted.sha256}")
