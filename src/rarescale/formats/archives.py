"""Members of zip archives as streams, refusing what an honest archive of cases does not hold."""

from __future__ import annotations

import gzip
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from rarescale.errors import InputError
from rarescale.formats.places import DOCUMENT_BYTES, Place, megabytes, refusal, too_large
from rarescale.formats.streams import Readable
from rarescale.record import Unreadable

_OFFICE = {"word/": "Word document (docx)", "xl/": "Excel workbook (xlsx)", "ppt/": "PowerPoint file (pptx)"}
_ENCRYPTED = 0x1
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile)
"""What reading compressed data raises where it is cut off or altered."""
# Offsets and counts of a damaged directory reach zipfile unchecked and come back as errors of seek, struct and codecs.
_BROKEN_DIRECTORY = (*DAMAGE, NotImplementedError, RuntimeError, ValueError, OverflowError, OSError, struct.error)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, open for reading."""

    name: str
    stream: Readable


def members(archive: BinaryIO, place: Place, wanted: Callable[[str], bool]) -> Iterator[Member | Unreadable]:
    """The members `wanted` by name, sorted; a bad one becomes an Unreadable in its place.

    Raises InputError where the archive itself is broken, an office document, or holds no case.
    """
    try:
        opened = zipfile.ZipFile(archive)
    except _BROKEN_DIRECTORY as error:
        raise broken(place.name, f"a broken zip archive ({error})") from error
    with opened:
        infos = sorted(opened.infolist(), key=lambda info: info.filename)
        _refuse_office(place, {info.filename for info in infos})
        chosen = [info for info in infos if wanted(info.filename) and not _hidden(info.filename)]
        if not chosen:
            raise refusal(
                "no-cases",
                place.name,
                found="a zip archive without cases",
                expected="members ending in .json, .jsonl, .txt, .md or one of these with .gz",
                next_step="Put the cases into the archive; archives within archives are not opened.",
            )
        for info in chosen:
            yield from _member(opened, info, place)


def _member(opened: zipfile.ZipFile, info: zipfile.ZipInfo, place: Place) -> Iterator[Member | Unreadable]:
    inner = Place(f"{place.name}!{info.filename}", PurePosixPath(info.filename).stem)
    try:
        _check(info, inner)
        try:
            stream = opened.open(info)
        except _BROKEN_DIRECTORY as error:
            raise broken(inner.name, f"a broken member ({error})") from error
    except InputError as error:
        yield inner.unreadable(error)
        return
    with stream:
        yield Member(info.filename, cast("Readable", stream))


def broken(where: str, found: str) -> InputError:
    """The error for an archive that cannot be unpacked."""
    return refusal(
        "broken-archive",
        where,
        found=found,
        expected="a complete archive",
        next_step="Fetch or pack the archive again.",
    )


def _check(info: zipfile.ZipInfo, inner: Place) -> None:
    """Refuse paths that lead elsewhere, links, encryption, and members that unpack to too much."""
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise broken(inner.name, "a path that leads out of the archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise broken(inner.name, "a link instead of a file")
    if info.flag_bits & _ENCRYPTED:
        raise broken(inner.name, "an encrypted member")
    if info.file_size > DOCUMENT_BYTES:
        raise too_large(
            inner.name,
            "a member",
            f"{megabytes(info.file_size)} unpacked",
            DOCUMENT_BYTES,
            "Unpack it yourself if you trust it, and give the file.",
        )


def _hidden(name: str) -> bool:
    """Files that desktop programs leave in archives, such as ``__MACOSX/._a.json``."""
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in name.replace("\\", "/").split("/"))


def _refuse_office(place: Place, names: set[str]) -> None:
    if "[Content_Types].xml" not in names:
        return
    found = next(
        (kind for folder, kind in _OFFICE.items() if any(n.startswith(folder) for n in names)), "office document"
    )
    raise binary(place.name, found)


def binary(where: str, found: str) -> InputError:
    """The error for a file that holds neither text nor JSON."""
    return refusal(
        "binary",
        where,
        found=f"binary data ({found})",
        expected="text, a case line, a chat line or a phenopacket",
        next_step="Save the text of it as a .txt file in UTF-8 and give that.",
    )
