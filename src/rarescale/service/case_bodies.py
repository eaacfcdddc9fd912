"""What a request about a saved case says: the patient with a title, and the revision that was read."""

from __future__ import annotations

import json
import re

from fastapi import Request

from rarescale.record import Case, Chat, Note
from rarescale.service.bodies import source_of
from rarescale.service.problems import Refusal

LONGEST_TITLE = 200
_TAG = re.compile(r'"(\d{1,9})"')


async def titled_source(request: Request) -> tuple[Case | Chat | Note, str]:
    """The one patient of a request, and the key `title` of its object, if it is JSON."""
    source = await source_of(request)
    title = source.extra.get("title") or _title(await request.body())
    if not isinstance(title, str) or len(title) > LONGEST_TITLE:
        raise Refusal("shape", f"the key title: expected text of at most {LONGEST_TITLE} characters; shorten it.")
    return source.model_copy(update={"extra": {k: v for k, v in source.extra.items() if k != "title"}}), title


def _title(body: bytes) -> object:
    """For a phenopacket, whose further keys are not kept."""
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    return value.get("title", "") if isinstance(value, dict) else ""


def tag(revision: int) -> str:
    """A revision as an ETag."""
    return f'"{revision}"'


def read_revision(if_match: str | None) -> int:
    """The revision of the header If-Match. `Refusal` where it is missing or is no revision of ours."""
    if if_match is None:
        raise Refusal(
            "if-match",
            'the header If-Match: found none; expected the revision that was read, such as If-Match: "3", so that '
            "nobody's work is overwritten. Get the case first; its ETag is the revision.",
            status=428,
        )
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise Refusal(
            "if-match",
            f'the header If-Match: found {if_match[:20]!r}; expected one revision in quotes, such as "3". Get the case '
            "first; its ETag is the revision.",
            status=412,
        )
    return int(found[1])
