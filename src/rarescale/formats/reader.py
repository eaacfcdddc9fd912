"""Open inputs to records: tells what each is, reads it, and puts an `Unreadable` where it cannot."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from rarescale.errors import InputError, UsageError
from rarescale.formats import archives, detect, phenopackets
from rarescale.formats.caselines import case_of, id_text
from rarescale.formats.chatlines import chat_of
from rarescale.formats.decode import from_wide, text_of, wide_encoding
from rarescale.formats.documents import Value, values
from rarescale.formats.files import sources
from rarescale.formats.places import DOCUMENT_BYTES, NOTE_BYTES, Place, megabytes, refusal, shown, too_large
from rarescale.formats.sources import Source
from rarescale.formats.streams import Reader
from rarescale.formats.transcripts import chat_in
from rarescale.record import Chat, Input, Note, Unreadable

_HEAD = 4096
_UTF8_MARK = b"\xef\xbb\xbf"


def check_format(format: str | None) -> None:
    """Raise UsageError for a format that is none of case, chat, phenopacket, text."""
    if format is not None and format not in detect.FORMATS:
        raise UsageError(
            f"format is {format!r}; expected one of {', '.join(detect.FORMATS)}, or none to tell it from the content"
        )


def inputs(paths: Iterable[str], format: str | None, stdin: BinaryIO | None) -> Iterator[Input]:
    """All inputs in order; the second use of an id is kept as it is, with a warning."""
    seen: dict[str, str] = {}
    for source in sources(paths, stdin):
        for found in (source,) if isinstance(source, Unreadable) else read_source(source, format):
            yield _warn_of_repeated_id(found, seen)


def _warn_of_repeated_id(found: Input, seen: dict[str, str]) -> Input:
    if isinstance(found, Unreadable):
        return found
    first = seen.setdefault(found.id, found.origin)
    if first is found.origin:
        return found
    warning = f"the id {shown(found.id)} was used before, in {first}"
    return found.model_copy(update={"warnings": (*found.warnings, warning)})


def read_source(source: Source, format: str | None) -> Iterator[Input]:
    """All inputs of one source; damage found on the way ends it with an Unreadable."""
    try:
        yield from _read(source, format)
    except InputError as error:
        yield source.place.unreadable(error)
    except archives.DAMAGE as error:
        yield source.place.unreadable(archives.broken(source.place.name, f"damaged compressed data ({error})"))
    except OSError as error:
        found = f"an error while reading ({error.strerror or error})"
        refused = refusal(
            "unreadable-file",
            source.place.name,
            found=found,
            expected="a readable, complete file",
            next_step="Check the disk or fetch the file again.",
        )
        yield source.place.unreadable(refused)


def _read(source: Source, format: str | None) -> Iterator[Input]:
    place = source.place
    if not source.reader.peek(1):
        raise _empty("empty-file", place, "an empty file")
    reader, head = _as_utf8(source)
    if detect.layout_of(head, source.suffix, format) == "text":
        yield _text(reader, place, format)
        return
    empty = True
    for value in values(reader, place, source.suffix):
        empty = False
        yield from _records(value, format)
    if empty:
        raise _empty("empty-file", place, "blanks only")


def _empty(kind: str, place: Place, found: str) -> InputError:
    return refusal(
        kind,
        place.name,
        found=found,
        expected="a case, a chat, a note or a phenopacket",
        next_step="Check that the right file was given and that writing it had finished.",
    )


def _as_utf8(source: Source) -> tuple[Reader, str]:
    """The stream without byte order mark, transcoded if it is UTF-16 or UTF-32, and its first characters."""
    reader, place = source.reader, source.place
    head = reader.peek(_HEAD)
    if codec := wide_encoding(head):
        data = reader.read(DOCUMENT_BYTES + 1)
        if len(data) > DOCUMENT_BYTES:
            raise too_large(
                place.name,
                f"{codec.upper()} text",
                f"more than {megabytes(DOCUMENT_BYTES)}",
                DOCUMENT_BYTES,
                "Save it as UTF-8.",
            )
        reader = Reader(io.BytesIO(from_wide(data, codec, place.name)))
    elif head.startswith(_UTF8_MARK):
        reader.read(len(_UTF8_MARK))
    head = reader.peek(_HEAD)
    if found := detect.binary_type(head):
        raise archives.binary(place.name, found)
    return reader, head.decode("utf-8", "replace")


def _text(reader: Reader, place: Place, format: str | None) -> Chat | Note:
    data = reader.read(NOTE_BYTES + 1)
    if len(data) > NOTE_BYTES:
        size = len(data) + reader.count_rest(DOCUMENT_BYTES)
        words = megabytes(size) if size < DOCUMENT_BYTES else f"more than {megabytes(DOCUMENT_BYTES)}"
        raise too_large(
            place.name,
            "a text",
            words,
            NOTE_BYTES,
            "Give one patient per file, and only the part that tells of the findings.",
        )
    if b"\0" in data:
        raise archives.binary(place.name, "NUL bytes")
    text, warning = text_of(data, place.name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise _empty("text-empty", place, "blanks only")
    warnings = (warning,) if warning else ()
    if format is None and detect.is_markup(text[:200]):
        raise refusal(
            "shape",
            place.name,
            found="XML or HTML",
            expected="plain text or JSON",
            next_step="Save it as plain text, or give --format text to read it with its markup.",
        )
    chat = chat_in(text, place) if format != "text" else None
    if chat is not None:
        return chat.model_copy(update={"warnings": warnings})
    if format == "chat":
        raise refusal(
            "shape",
            place.name,
            found="text in which no two speakers take turns",
            expected="a chat line, or lines starting with Doctor: and Patient:",
            next_step="Give it without --format chat to read it as a note.",
        )
    return Note(id=place.default_id, origin=place.origin, text=text, warnings=warnings)


def _records(value: Value, format: str | None) -> Iterator[Input]:
    if value.error is not None:
        yield value.place.unreadable(value.error, id=value.id)
        return
    for found in records_of(value.content, value.place, format):
        if value.warning and not isinstance(found, Unreadable):
            found = found.model_copy(update={"warnings": (value.warning, *found.warnings)})
        yield found


def records_of(content: Any, place: Place, format: str | None) -> Iterator[Input]:
    """The inputs in one JSON value: mostly one, as many as a Cohort has members."""
    try:
        kind = _kind(content, place, format)
        if kind in ("case", "chat"):
            yield case_of(content, place) if kind == "case" else chat_of(content, place)
            return
        packets = phenopackets.packets_of(content, kind, place)
    except InputError as error:
        yield place.unreadable(error, id=_id_in(content))
        return
    for packet in packets:
        yield _case_of_packet(packet)


def _case_of_packet(packet: phenopackets.Packet) -> Input:
    try:
        if _kind(packet.content, packet.place, "phenopacket") != "phenopacket":
            raise _unknown_shape(packet.place, "a family or cohort inside another")
        return phenopackets.case_of_packet(packet)
    except InputError as error:
        return packet.place.unreadable(error, id=_id_in(packet.content))


def _kind(content: Any, place: Place, format: str | None) -> str:
    """The kind of a JSON value that can be read; raises InputError for all else."""
    if not isinstance(content, Mapping):
        raise _unknown_shape(place, shown(content))
    kind = detect.kind_of(content, format)
    if kind is None:
        keys = ", ".join(f"`{key[:30]}`" for key in list(content)[:6])
        raise _unknown_shape(place, f"an object with the keys {keys}" if keys else "an object without keys")
    if kind == "fhir":
        raise refusal(
            "fhir",
            place.origin,
            found=f"a FHIR resource ({shown(content.get('resourceType'))})",
            expected="a case line, a chat line or a phenopacket",
            next_step="Reading FHIR comes in a later version; convert it to a phenopacket or case line.",
        )
    if kind == "phenopacket-v1":
        raise phenopackets.version_1(place)
    return kind


def _unknown_shape(place: Place, found: str) -> InputError:
    return refusal(
        "shape",
        place.origin,
        found=found,
        expected="an object with `present` or `absent` (case), `messages` (chat) or `phenotypicFeatures` (phenopacket)",
        next_step="See the format description, or give --format if the keys are missing on purpose.",
    )


def _id_in(content: Any) -> str | None:
    """The id of an object that could not be read further."""
    found = content.get("id") if isinstance(content, Mapping) else None
    usable = isinstance(found, str | int | float) and not isinstance(found, bool)
    return id_text(found) if usable else None
