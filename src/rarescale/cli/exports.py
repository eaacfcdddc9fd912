"""What `rarescale diagnose` writes besides what it prints: pages and phenopackets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rarescale.errors import UsageError
from rarescale.record import Failure, Input, Understanding

Answer = Understanding | Failure
Sink = Callable[[Input, Answer], None]


@contextmanager
def html_sink(path: Path, *, deidentified: bool) -> Iterator[Sink]:
    """Gathers answers and writes one page at the end, also when we are interrupted: what is finished is not lost.

    Raises UsageError where the file cannot be written, before anything is diagnosed.
    """
    from rarescale.report import page_parts

    _writable(path)
    sources: list[Input] = []
    answers: list[Answer] = []

    def take(source: Input, answer: Answer) -> None:
        sources.append(source)
        answers.append(answer)

    try:
        yield take
    finally:
        today = datetime.now(UTC).date().isoformat()
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(page_parts(answers, sources=sources, created=today, deidentified=deidentified))


@contextmanager
def phenopacket_sink(folder: Path, *, deidentified: bool) -> Iterator[Sink]:
    """Writes one phenopacket per patient into `folder`, named after the patient. Raises UsageError where it cannot."""
    from rarescale.report import phenopacket

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--phenopacket {folder}: expected a folder to write to; {error.strerror}") from error
    used: set[str] = set()
    count = 0

    def take(source: Input, answer: Answer) -> None:
        nonlocal count
        count += 1
        if isinstance(answer, Failure):
            return
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        packet = phenopacket(answer, created=created, deidentified=deidentified, number=count)
        text = json.dumps(packet, ensure_ascii=False, indent=1)
        (folder / f"{_file_name(packet['id'], used)}.json").write_text(text + "\n", encoding="utf-8")

    yield take


def _writable(path: Path) -> None:
    """Raises UsageError where `path` cannot be opened for writing."""
    try:
        path.open("a").close()
    except OSError as error:
        raise UsageError(f"--html {path}: expected a file that can be written; {error.strerror}") from error


def _file_name(patient: str, used: set[str]) -> str:
    """A name that is safe on every system and not in `used`, to which it is added."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", patient).strip("._")[:100] or "patient"
    name, number = plain, 1
    while name.lower() in used:
        number += 1
        name = f"{plain}-{number}"
    used.add(name.lower())
    return name
