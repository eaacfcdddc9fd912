"""Bytes to text: byte order marks, UTF-8, and Windows-1252 where a file was saved by an old program."""

from __future__ import annotations

import codecs

from rarescale.formats.places import refusal

# UTF-32 first: its little-endian mark begins with the mark of UTF-16.
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def wide_encoding(head: bytes) -> str | None:
    """The codec (``utf-16``, ``utf-32``) a byte order mark announces, None where there is none."""
    return next((codec for mark, codec in _WIDE_MARKS if head.startswith(mark)), None)


def from_wide(data: bytes, codec: str, where: str) -> bytes:
    """Transcode UTF-16 or UTF-32 with its mark to UTF-8 bytes.

    Raises InputError (kind ``encoding``) where the bytes break the announced encoding.
    """
    try:
        return data.decode(codec).encode("utf-8")
    except UnicodeError as error:
        raise refusal(
            "encoding",
            where,
            found=f"bytes that are not {codec.upper()} ({error})",
            expected=f"{codec.upper()}, as the mark at its start announces",
            next_step="Save the file again as UTF-8.",
        ) from error


def text_of(data: bytes, where: str) -> tuple[str, str | None]:
    """Decode UTF-8, else Windows-1252 with a warning that names the first offending byte (1-based).

    Raises InputError (kind ``encoding``) where the bytes are neither.
    """
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        bad, byte = error.start + 1, data[error.start]
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise refusal(
            "encoding",
            where,
            found=f"byte 0x{byte:02X} at position {bad} and 0x{data[error.start]:02X} at position {error.start + 1}",
            expected="UTF-8 text (Windows-1252 has no such byte either)",
            next_step="Save the file again as UTF-8.",
        ) from error
    remedy = "Save the file as UTF-8 to be sure of its accents."
    return text, f"{where}: byte {bad} (0x{byte:02X}) is not UTF-8; read as Windows-1252. {remedy}"
