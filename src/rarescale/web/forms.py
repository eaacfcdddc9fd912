"""A posted form as plain texts."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from rarescale.errors import InputError

LARGEST = 1_000_000
"""Bytes of one field."""

MOST_FIELDS = 2_000
MOST_FILES = 2


class _InMemory(MultiPartParser):
    """Keeps files in memory however large they are, which the limit of a request bounds; never on a disk."""

    spool_max_size = 0


async def form_of(request: Request) -> dict[str, str]:
    """The fields as text; of several of one name the last, of a file its content. Raises InputError."""
    try:
        form = await _parsed(request)
    except (HTTPException, MultiPartException) as error:
        found = error.detail if isinstance(error, HTTPException) else error.message
        raise InputError(
            f"the form: found what cannot be read ({found}); expected a form of the page. Reload the page.",
            kind="form",
        ) from error
    try:
        return {key: await _text(value) for key, value in form.multi_items()}
    finally:
        await form.close()


async def _parsed(request: Request) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return await request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST)
    parser = _InMemory(
        request.headers, request.stream(), max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST
    )
    return await parser.parse()


async def _text(value: UploadFile | str) -> str:
    if isinstance(value, str):
        return value
    data = await value.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the file: found bytes that are not UTF-8 text (at byte {error.start}); expected a text or JSON file. "
            "Save it as plain text in UTF-8.",
            kind="encoding",
        ) from error
