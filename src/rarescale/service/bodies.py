"""The body of a request to one input, or to several."""

from __future__ import annotations

from io import BytesIO

from fastapi import Request

from rarescale.formats import parse_input, read_inputs
from rarescale.record import Case, Chat, Input, Note, Unreadable
from rarescale.service.problems import Refusal

JSON = "application/json"
TEXT = "text/plain"
LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
NAME = "request"
"""Id of a patient that names none."""


async def source_of(request: Request) -> Case | Chat | Note:
    """The one patient of a request; `Refusal` where it cannot be read."""
    kind = _content_type(request)
    text = _text(await request.body())
    if kind == JSON and not text.lstrip().startswith("{"):
        raise Refusal(
            "shape",
            "the body: found JSON that is no object, or no JSON; expected one case line, chat line or phenopacket. "
            f"Send text as {TEXT}, and several patients to /v1/jobs.",
        )
    found = parse_input(text, id=NAME)
    if found.id == f"{NAME}:1":
        found = found.model_copy(update={"id": NAME})
    if isinstance(found, Unreadable):
        raise Refusal(found.kind, found.message, id=found.id)
    return found


async def sources_of(request: Request, most: int) -> list[Input]:
    """All patients of a batch, unreadable ones in their places."""
    _content_type(request, (JSON, TEXT, *LINES))
    inputs: list[Input] = []
    for found in read_inputs(["-"], stdin=BytesIO(await request.body())):
        inputs.append(found)
        if len(inputs) > most:
            raise Refusal(
                "too-large", f"the body: found more than {most} patients; expected at most that. Send several batches."
            )
    return inputs


def _content_type(request: Request, allowed: tuple[str, ...] = (JSON, TEXT)) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in allowed:
        raise Refusal(
            "content-type",
            f"the header Content-Type: found {kind[:40]!r}; expected one of {', '.join(allowed)}. "
            f"With curl: -H 'Content-Type: {JSON}'.",
        )
    return kind


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(
            "encoding", f"the body: found bytes that are not UTF-8 at byte {error.start}; expected UTF-8. Save it so."
        ) from error
