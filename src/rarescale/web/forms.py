"""A posted form as plain texts."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from rarescale.errors import InputError

LARGEST = 1_000_000
"""Bytes of one field; a form this small is parsed in memory and never written to a disk."""

MOST_FIELDS = 2_000


async def form_of(request: Request) -> dict[str, str]:
    """The fields as text; of several of one name the last, of a file its content. Raises InputError."""
    try:
        async with request.form(max_files=2, max_fields=MOST_FIELDS, max_part_size=LARGEST) as form:
            return {key: await _text(value) for key, value in form.multi_items()}
    except HTTPException as error:
        raise InputError(
            f"the form: found what cannot be read ({error.detail}); expected a form of the page. Reload the page.",
            kind="form",
        ) from error


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
