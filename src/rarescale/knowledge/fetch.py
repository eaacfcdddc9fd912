"""Bring one file from an address or a folder, whole or not at all.

A file counts as whole when the server said how long it is, or sent it in chunks with an end mark, and all of it came.
The machinery of the web is imported where it is used: every start would pay for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from rarescale.errors import KnowledgeError, UsageError

if TYPE_CHECKING:
    from http.client import HTTPResponse

CHUNK = 1 << 16
WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one file may take, in seconds: without a single byte, and in all. `clock` counts seconds."""

    silence: float = 60.0
    total: float = 1800.0
    clock: Callable[[], float] = monotonic


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where a file came from, after redirects; its size in bytes; its SHA-256 (hex)."""

    address: str
    bytes: int
    sha256: str


def fetch(source: str, name: str, target: Path, *, patience: Patience, largest: int) -> Fetched:
    """Write the file `name` below `source`, a web address or a folder, to `target`, and see it to the disk.

    Raises UsageError where `source` is neither; KnowledgeError of kind "network" where the file does not come whole,
    is longer than `largest` bytes, or an encrypted address leads to one that is not; OSError where `target` cannot be
    written.
    """
    if source.startswith(WEB):
        address = f"{source.rstrip('/')}/{name}"
        with _answer(address, patience) as answer:
            return _keep(_bytes_of(answer, address, patience), answer.url, target, largest)
    if "://" in source:
        raise UsageError(f"{source}: expected a folder or an address that begins with https:// or http://")
    path = Path(source).expanduser() / name
    if not path.is_file():
        raise KnowledgeError(f"{path} is not there; expected a folder with {name}", kind="network")
    return _keep(_bytes_in(path), str(path.resolve()), target, largest)


@contextmanager
def _answer(address: str, patience: Patience) -> Iterator[HTTPResponse]:
    """The open answer, reached over the protocol that was asked for."""
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    try:
        answer = urllib.request.urlopen(address, timeout=patience.silence)
    except urllib.error.HTTPError as error:
        error.close()
        raise _no_file(address, f"the server says {error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise _no_file(address, why(error)) from error
    with answer:
        if not answer.url.startswith(WEB[:1] if address.startswith(WEB[0]) else WEB):
            raise _no_file(address, f"the server sends us on to {answer.url}, which is not encrypted")
        if answer.length is None and not answer.chunked:
            raise _no_file(address, "the server does not say how long it is, so a cut could not be told")
        yield answer


def _bytes_of(answer: HTTPResponse, address: str, patience: Patience) -> Iterator[bytes]:
    """What the server sends, as it comes; a server that trickles is left when the time is up."""
    from http.client import HTTPException

    expected, found, end = answer.length, 0, patience.clock() + patience.total
    while True:
        try:
            chunk = answer.read1(CHUNK)
        except (OSError, HTTPException, ValueError) as error:
            raise _no_file(address, f"it stopped after {found:,} bytes: {why(error)}") from error
        if not chunk:
            break
        found += len(chunk)
        yield chunk
        if patience.clock() > end:
            raise _no_file(address, f"only {found:,} bytes came within {patience.total:g} seconds")
    if expected is not None and found != expected:
        raise _no_file(address, f"it was cut: found {found:,} bytes, expected {expected:,}")


def _bytes_in(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except OSError as error:
        raise KnowledgeError(f"{path} cannot be read: {why(error)}", kind="network") from error


def _keep(chunks: Iterator[bytes], address: str, target: Path, largest: int) -> Fetched:
    """Write the chunks and make the disk confirm them."""
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as stream:
        for chunk in chunks:
            size += len(chunk)
            if size > largest:
                raise _no_file(address, f"it is longer than {largest:,} bytes, which no HPO file is")
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return Fetched(address, size, digest.hexdigest())


def why(error: Exception) -> str:
    """The reason in words, without the wrapping of urllib."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "no byte came for too long"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _no_file(address: str, reason: str) -> KnowledgeError:
    return KnowledgeError(
        f"{address} could not be fetched: {reason}. Nothing was changed: try again later, or fetch the files by hand"
        " and give their folder with --from DIR",
        kind="network",
    )
