"""Paths, folders and standard input to open byte streams, one after the other, with gz and zip unpacked.

What cannot be opened becomes an `Unreadable` in its place. Nothing is ever written to disk.
"""

from __future__ import annotations

import gzip
import io
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from rarescale.errors import InputError
from rarescale.formats import archives
from rarescale.formats.places import DOCUMENT_BYTES, Place, megabytes, refusal, too_large
from rarescale.formats.sources import Source
from rarescale.formats.streams import Readable, Reader
from rarescale.record import Unreadable

SUFFIXES = (".json", ".jsonl", ".txt", ".md")
"""What is taken from folders and zip archives, also with ``.gz`` behind it."""
_WANTED = ", ".join(SUFFIXES) + ", the same with .gz, or .zip"
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def sources(paths: Iterable[str], stdin: BinaryIO | None) -> Iterator[Source | Unreadable]:
    """Open each path in order; a stream is closed when the next one is asked for."""
    for path in paths:
        if path == "-":
            stream = sys.stdin.buffer if stdin is None else stdin
            yield from _opened(Place("standard input", "stdin"), PurePosixPath("stdin"), stream, seekable=False)
        else:
            yield from _path(path)


def _path(name: str) -> Iterator[Source | Unreadable]:
    path = Path(name)
    try:
        mode = path.stat().st_mode if name else None
    except (FileNotFoundError, NotADirectoryError, ValueError):
        mode = None
    except OSError as error:
        yield _cannot_open(name, path, error)
        return
    if mode is None:
        yield _missing(name, path)
    elif stat.S_ISDIR(mode):
        yield from _folder(name, path)
    else:
        yield from _file(name, path)


def _missing(name: str, path: Path) -> Unreadable:
    error = refusal(
        "missing-file",
        name or "an empty file name",
        found="no such file or folder",
        expected="a file, a folder or - for standard input",
        next_step="Check the spelling and the folder you are in.",
    )
    return Place(name, _stem(path)[0] or "input").unreadable(error)


def _cannot_open(name: str, path: Path, error: OSError) -> Unreadable:
    found = error.strerror or type(error).__name__
    refused = refusal(
        "unreadable-file",
        name,
        found=f"a file or folder that cannot be opened ({found})",
        expected="one you may read",
        next_step="Check its permissions, or copy it to a place you can read.",
    )
    return Place(name, _stem(path)[0]).unreadable(refused)


def _folder(name: str, folder: Path) -> Iterator[Source | Unreadable]:
    empty = True
    for found in _walk(folder):
        empty = False
        if isinstance(found, Unreadable):
            yield found
        else:
            yield from _file(str(found), found)
    if empty:
        error = refusal(
            "no-cases",
            name,
            found="a folder without cases",
            expected=f"files ending in {_WANTED}",
            next_step="Name the folder or file that holds the cases.",
        )
        yield Place(name, folder.name or "folder").unreadable(error)


def _walk(folder: Path) -> Iterator[Path | Unreadable]:
    """Files with a wanted suffix, sorted, also in subfolders; hidden ones and linked folders are left alone."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield _cannot_open(str(folder), folder, error)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(entry)
        elif wanted(entry.name) or entry.name.lower().endswith(".zip"):
            yield entry


def wanted(name: str) -> bool:
    """Whether a file of a folder or archive is read, judged by its name."""
    return name.lower().removesuffix(".gz").endswith(SUFFIXES)


def _file(name: str, path: Path) -> Iterator[Source | Unreadable]:
    try:
        stream = path.open("rb")
    except OSError as error:
        yield _cannot_open(name, path, error)
        return
    with stream:
        yield from _opened(Place(name, _stem(path)[0]), path, stream, seekable=stream.seekable())


def _opened(
    place: Place, path: PurePosixPath | Path, stream: BinaryIO, *, seekable: bool
) -> Iterator[Source | Unreadable]:
    """Look at the first bytes and unpack what they announce."""
    reader = Reader(stream)
    suffix = _stem(path)[1]
    try:
        head = reader.peek(4)
        if head.startswith(_GZIP):
            yield _gunzipped(place, suffix, reader)
        elif path.name.lower().endswith(".gz"):
            yield place.unreadable(_not_gzip(place, head))
        elif head.startswith(_ZIP):
            archive = stream if seekable else _in_memory(place, reader)
            yield from _members(place, archive)
        else:
            yield Source(place, suffix, reader)
    except InputError as error:
        yield place.unreadable(error)
    except OSError as error:
        yield _cannot_open(place.name, Path(path), error)


def _gunzipped(place: Place, suffix: str, reader: Reader) -> Source:
    unpacked = gzip.GzipFile(fileobj=cast("BinaryIO", reader), mode="rb")
    return Source(place, suffix, Reader(cast("Readable", unpacked)))


def _not_gzip(place: Place, head: bytes) -> InputError:
    found = "an empty file" if not head else "other content"
    return refusal(
        "broken-archive" if head else "empty-file",
        place.name,
        found=found,
        expected="gzip data, as its name ends in .gz",
        next_step="Rename the file if it is not compressed, or fetch it again.",
    )


def _in_memory(place: Place, reader: Reader) -> BinaryIO:
    data = reader.read(DOCUMENT_BYTES + 1)
    if len(data) > DOCUMENT_BYTES:
        raise too_large(
            place.name,
            "a zip archive",
            f"more than {megabytes(DOCUMENT_BYTES)}",
            DOCUMENT_BYTES,
            "Give it as a file instead.",
        )
    return io.BytesIO(data)


def _members(place: Place, archive: BinaryIO) -> Iterator[Source | Unreadable]:
    """The members of a zip archive that look like cases, sorted by name."""
    for member in archives.members(archive, place, wanted):
        if isinstance(member, Unreadable):
            yield member
            continue
        stem, suffix = _stem(PurePosixPath(member.name))
        inner = Place(f"{place.name}!{member.name}", stem)
        reader = Reader(member.stream)
        try:
            zipped = reader.peek(2) == _GZIP
        except (*archives.DAMAGE, OSError) as error:
            yield inner.unreadable(archives.broken(inner.name, f"damaged compressed data ({error})"))
            continue
        yield _gunzipped(inner, suffix, reader) if zipped else Source(inner, suffix, reader)


def _stem(path: PurePosixPath | Path) -> tuple[str, str]:
    """Stem and suffix of a file name without its ``.gz``: ``cases.jsonl.gz`` is (``cases``, ``.jsonl``)."""
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return bare.stem, bare.suffix.lower()
