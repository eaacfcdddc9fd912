"""Fetch the files of a benchmark that can be had by a plain request; never without being asked to."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from rarescale.errors import InputError, UsageError
from rarescale.evaluation.benchmarks.registry import Benchmark, Wanted
from rarescale.jobs import file_hash

CHUNK = 1 << 20
TIMEOUT = 60.0
"""Seconds without any byte."""
LARGEST = 4_000_000_000
"""Bytes; more is no benchmark of ours."""

Told = Callable[[str], None]


def fetch_benchmark(benchmark: Benchmark, folder: Path, told: Told = lambda _line: None) -> list[Path]:
    """Put all files of `benchmark` into `folder`; those that are there stay. `told` hears of each file.

    A file appears under its name only when it is whole and its checksum, where one is known, is right. Raises
    UsageError where a file has no plain address, InputError where it cannot be fetched.
    """
    without = [w.name for w in benchmark.files if w.url is None]
    if without:
        raise UsageError(
            f"{benchmark.name} cannot be downloaded from here: {', '.join(without)} has no plain address. "
            f"{benchmark.get.strip()}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    fetched = []
    for wanted in benchmark.files:
        target = folder / wanted.accept[0]
        if not target.is_file():
            told(f"fetching {wanted.url}")
            _fetch(wanted, target)
            told(f"{target}: SHA-256 {file_hash(target)}" + ("" if wanted.sha256 else " (none is known to compare)"))
        fetched.append(target)
    return fetched


def _fetch(wanted: Wanted, target: Path) -> None:
    url = wanted.url or ""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url}: expected an address that begins with https:// or http://")
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _stream(url, part)
        found = file_hash(part)
        if wanted.sha256 is not None and found != wanted.sha256:
            raise InputError(
                f"{url}: found SHA-256 {found}; expected {wanted.sha256}. Nothing was kept; the publisher may have"
                " replaced the file: compare versions before you use it.",
                kind="damaged",
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _stream(url: str, part: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer, part.open("wb") as stream:
            announced, size = answer.headers.get("Content-Length"), 0
            while chunk := answer.read(CHUNK):
                size += len(chunk)
                if size > LARGEST:
                    raise InputError(f"{url}: found more than {LARGEST} bytes; expected a benchmark's file")
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        raise InputError(
            f"{url}: cannot be fetched ({error}); expected the file. Try again, or fetch it by hand and give its"
            " folder with --files.",
            kind="network",
        ) from error
    if announced is not None and int(announced) != size:
        raise InputError(f"{url}: found {size} bytes; expected {announced}. Try again.", kind="network")
