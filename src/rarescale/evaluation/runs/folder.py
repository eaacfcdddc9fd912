"""A finished run, read from its folder; what stands in which file is told in docs/evaluation.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarescale.errors import InputError
from rarescale.evaluation.score import read_lines
from rarescale.jobs import file_hash

CONFIG, CASES, PREDICTIONS, METRICS, REPORT, MANIFEST = (
    "config.json",
    "cases.jsonl",
    "predictions.jsonl",
    "metrics.json",
    "report.html",
    "manifest.json",
)


@dataclass(frozen=True)
class Run:
    """The parts of a run. `cases` and `predictions()` are in the same order."""

    folder: Path
    config: Mapping[str, Any]
    cases: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Any]
    manifest: Mapping[str, Any]

    def predictions(self) -> Iterator[dict[str, Any]]:
        """The answers, read one after the other."""
        with (self.folder / PREDICTIONS).open(encoding="utf-8", newline="\n") as stream:
            yield from map(json.loads, stream)


def is_finished(folder: Path) -> bool:
    """Whether a run in `folder` came to its end."""
    return (folder / MANIFEST).is_file() and (folder / CONFIG).is_file()


def read_run(folder: str | Path) -> Run:
    """The run in `folder`. Raises InputError where there is none, where it is unfinished, or where it was altered."""
    folder = Path(folder)
    if not (folder / CONFIG).is_file():
        raise InputError(f"{folder}: expected the folder of `rarescale evaluate run --out`; found no {CONFIG} there")
    if not is_finished(folder):
        raise InputError(f"{folder}: the run is unfinished; give its `rarescale evaluate run` again, and it goes on")
    manifest = read_object(folder / MANIFEST)
    files = manifest.get("files")
    for name in (CONFIG, CASES, METRICS):
        listed = files.get(name) if isinstance(files, dict) else None
        path = folder / name
        if not isinstance(listed, dict) or not path.is_file() or file_hash(path) != listed.get("sha256"):
            raise InputError(f"{path} is not the file that {MANIFEST} lists; it was altered or lost: run it again")
    return Run(
        folder, read_object(folder / CONFIG), read_lines(folder / CASES), read_object(folder / METRICS), manifest
    )


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises InputError for anything else."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: expected one JSON object; {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: expected one JSON object; found {type(value).__name__}")
    return value
