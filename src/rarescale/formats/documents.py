"""JSON values of a file, one at a time: JSONL, one object over many lines, arrays, objects one after another.

Lines are streamed, so a JSONL file may be of any size. A bad line yields its error and the next line goes on;
in other layouts nothing can be trusted behind a syntax error, so reading stops there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any

from rarescale.errors import InputError
from rarescale.formats.decode import text_of
from rarescale.formats.jsontext import DECODER, bad_json, decoded, first_id
from rarescale.formats.places import DOCUMENT_BYTES, LINE_BYTES, Place, megabytes, refusal, too_large
from rarescale.formats.streams import Reader

_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value and where it stood, or the error in its place with the id that could still be read."""

    place: Place
    content: Any = None
    warning: str | None = None
    error: InputError | None = None
    id: str | None = None


def values(reader: Reader, place: Place, suffix: str) -> Iterator[Value]:
    """All values of the stream in order; nothing for a blank one."""
    number, first = _first_line(reader)
    if not first:
        return
    reader.push(first)
    start = first.lstrip()[:1]
    if start == b"[":
        yield from _whole(reader, place, number)
    elif start == b"{":
        yield from _objects(reader, place, number, first, suffix)
    elif suffix == ".jsonl" or reader.peek(len(first) + 100)[len(first) :].lstrip().startswith(b"{"):
        yield from _lines(reader, place, number)
    else:
        text = first[:200].decode("utf-8", "replace").strip()
        yield Value(place.at(number), error=bad_json(place, number, 1, "no JSON object starts here", text))


def _objects(reader: Reader, place: Place, number: int, first: bytes, suffix: str) -> Iterator[Value]:
    """Tell JSONL from an object over several lines; `first` is the first line, still to be read."""
    if _is_complete(first):
        yield from _lines(reader, place, number)
        return
    body = reader.read(DOCUMENT_BYTES + 1)
    reader.push(body)
    too_long_for_one = len(body) > DOCUMENT_BYTES and len(first.strip()) > 1
    if too_long_for_one or _goes_on_as_lines(body, first, suffix):
        yield from _lines(reader, place, number)
    else:
        yield from _whole(reader, place, number)


def _whole(reader: Reader, place: Place, number: int) -> Iterator[Value]:
    body = reader.read(DOCUMENT_BYTES + 1)
    if len(body) <= DOCUMENT_BYTES:
        yield from _document(body, place, number)
        return
    size = f"more than {megabytes(DOCUMENT_BYTES)}"
    error = too_large(place.origin, "a JSON document", size, DOCUMENT_BYTES, "Write it as JSONL, one object a line.")
    yield Value(place, error=error)


def _first_line(reader: Reader) -> tuple[int, bytes]:
    """The first line that is not blank, cut at the limit, and its 1-based number."""
    number = 1
    while line := reader.readline(LINE_BYTES + 1):
        if line.strip():
            return number, line
        number += line.endswith(b"\n")
    return number, b""


def _is_complete(line: bytes) -> bool:
    """Whether the line is one whole JSON value, or so long that it must be judged as a line."""
    if len(line) > LINE_BYTES:
        return True
    text = line.decode("utf-8", "replace").strip()
    try:
        DECODER.raw_decode(text)
    except JSONDecodeError as error:
        # A fault inside a line that ends as an object ends is a bad JSONL line, not a part of a longer object.
        return error.pos < len(text) and text.endswith("}")
    except (ValueError, RecursionError):
        return text.endswith("}")
    return True


def _goes_on_as_lines(body: bytes, first: bytes, suffix: str) -> bool:
    """Whether an incomplete first line is a cut JSONL line rather than the start of a longer object."""
    rest = body[len(first) : len(first) + 4096].lstrip()
    if len(first.strip()) == 1:
        return False
    if not rest:
        return True
    if not rest.startswith(b"{"):
        return False
    if suffix == ".jsonl":
        return True
    try:
        DECODER.raw_decode(body.decode("utf-8", "replace").lstrip())
    except (ValueError, RecursionError):
        return True
    return False


def _lines(reader: Reader, place: Place, number: int) -> Iterator[Value]:
    while line := reader.readline(LINE_BYTES + 1):
        here = place.at(number)
        number += 1
        if len(line) > LINE_BYTES and not line.endswith(b"\n"):
            yield _too_long(here, line, reader)
        elif not line.isspace():
            yield _line(line, here)


def _too_long(here: Place, line: bytes, reader: Reader) -> Value:
    size = len(line) + reader.skip_line()
    error = too_large(here.origin, "a line", megabytes(size), LINE_BYTES, "Split it into one case per line.")
    return Value(here, error=error, id=first_id(line[:4096].decode("utf-8", "replace")))


def _line(line: bytes, here: Place) -> Value:
    try:
        text, warning = text_of(line, here.origin)
    except InputError as error:
        return Value(here, error=error)
    number, text = here.line or 1, text.rstrip()
    start = len(text) - len(text.lstrip())
    try:
        content, end = decoded(text, start, here, number, start)
        if rest := text[end:].strip():
            raise bad_json(here, number, end + 1, "extra characters behind the object", rest)
    except InputError as error:
        return Value(here, error=error, id=first_id(text))
    return Value(here, content, warning)


def _document(body: bytes, place: Place, line: int) -> Iterator[Value]:
    """Values separated by blanks; the items of arrays count as values of their own."""
    try:
        text, warning = text_of(body, place.origin)
    except InputError as error:
        yield Value(place, error=error)
        return
    scan = _Scan(text, place, line)
    while not scan.at_end:
        yield scan.next(warning)


class _Scan:
    """Walks over a JSON document, keeping the line number."""

    def __init__(self, text: str, place: Place, line: int) -> None:
        self.text, self.place = text, place
        self.pos = self.counted = self._after_blanks(0)
        self.line, self.line_start = line, 0
        self.item: int | None = None

    @property
    def at_end(self) -> bool:
        """Whether nothing is left; an array that is not closed has something left to complain about."""
        return self.pos >= len(self.text) and self.item is None

    def next(self, warning: str | None) -> Value:
        """The value at the position, or the error there, behind which the document is not read."""
        if self.item is None and self.text[self.pos] == "[":
            self.item = 0
            self.pos = self._after_blanks(self.pos + 1)
            if self.text.startswith("]", self.pos):
                return self._empty_array()
        self._count_lines()
        if self.item is not None:
            self.item += 1
        here = self.place.at(self.line, self.item)
        start = self.pos
        try:
            content, end = decoded(self.text, start, here, self.line, start - self.line_start)
        except InputError as error:
            self.pos, self.item = len(self.text), None
            return Value(here, error=error, id=first_id(self.text[start : start + 4096]))
        self.pos = self._after_blanks(end)
        self._separator()
        if end - start > LINE_BYTES:
            size = megabytes(end - start)
            too_long = too_large(here.origin, "an object", size, LINE_BYTES, "Give one case per object.")
            return Value(here, error=too_long, id=first_id(self.text[start : start + 4096]))
        return Value(here, content, warning)

    def _separator(self) -> None:
        """Step over the comma or bracket behind an item of an array."""
        if self.item is None:
            return
        mark = self.text[self.pos : self.pos + 1]
        if mark == "]":
            self.item = None
        # Anything else than a comma is left for the next step to stumble over: this item is whole.
        if mark in ("]", ","):
            self.pos = self._after_blanks(self.pos + 1)

    def _empty_array(self) -> Value:
        self.item = None
        self.pos = self._after_blanks(self.pos + 1)
        error = refusal(
            "no-cases",
            self.place.origin,
            found="an empty list",
            expected="at least one case",
            next_step="Check how the file was exported.",
        )
        return Value(self.place, error=error)

    def _after_blanks(self, pos: int) -> int:
        match = _BLANK.match(self.text, pos)
        return match.end() if match else pos

    def _count_lines(self) -> None:
        """Keep line number and start; only the part since the last call is looked at, as lines may be very long."""
        if newlines := self.text.count("\n", self.counted, self.pos):
            self.line += newlines
            self.line_start = self.text.rfind("\n", self.counted, self.pos) + 1
        self.counted = self.pos
