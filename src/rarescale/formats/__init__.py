"""Files in and out, structure only: what a term or disease means is not known here.

for found in read_inputs(["cases.jsonl", "packets/", "-"]):
    ...  # a Case, Chat or Note; an Unreadable in the place of an input that cannot be read
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from rarescale.formats.detect import FORMATS
from rarescale.formats.places import Place, refusal
from rarescale.formats.reader import check_format, inputs, read_source, records_of
from rarescale.formats.sources import Source
from rarescale.formats.streams import Reader
from rarescale.formats.write import write_jsonl
from rarescale.record import Input

__all__ = ["FORMATS", "parse_input", "read_inputs", "write_jsonl"]


def read_inputs(paths: Iterable[str], *, format: str | None = None, stdin: BinaryIO | None = None) -> Iterator[Input]:
    """All inputs of `paths` in order, read as they are asked for.

    A path is a file, a folder (read sorted and with its subfolders), a zip archive, or ``-`` for `stdin`
    (default: the standard input of the process); gz is unpacked. The kind of each input is told from its
    content, or given as `format` (case, chat, phenopacket or text; text is never taken for a conversation).
    One bad input never stops the others: an `Unreadable` stands in its place. Raises UsageError at once for
    another `format`.
    """
    check_format(format)
    return inputs([paths] if isinstance(paths, str) else paths, format, stdin)


def parse_input(source: str | Mapping[str, Any], *, format: str | None = None, id: str = "input") -> Input:
    """One input from a string (text, or JSON of one patient) or from an object as it stands in a file.

    `id` is for an input that names none. Raises UsageError for an unknown `format`.
    """
    check_format(format)
    place = Place(id, id)
    if isinstance(source, str):
        data = source.encode("utf-8", "replace")
        found = read_source(Source(place, "", Reader(BytesIO(data))), format)
    else:
        found = records_of(source, place, format)
    return _only(list(found), place)


def _only(found: list[Input], place: Place) -> Input:
    if len(found) == 1:
        return found[0]
    error = refusal(
        "shape",
        place.name,
        found=f"{len(found)} patients",
        expected="one patient",
        next_step="Read several with read_inputs.",
    )
    return place.unreadable(error)
