"""The body of a request to one input, or to several."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from rarescale.formats import parse_input, read_inputs
from rarescale.record import Case, Chat, Input, Note, Unreadable
from rarescale.service.problems import Refusal
from rarescale.service.turns import LARGE

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
    # What is large is parsed in a thread; for the rest the way there and back takes longer than the work.
    small = len(text) < LARGE
    found = parse_input(text, id=NAME) if small else await run_in_threadpool(parse_input, text, id=NAME)
    if found.id == f"{NAME}:1":
        found = found.model_copy(update={"id": NAME})
    if isinstance(found, Unreadable):
        raise Refusal(found.kind, found.message, id=found.id)
    return found


class Patients:
    """All patients of a batch, unreadable ones in their places.

    Only the bytes are kept, and read anew each time: as objects they take up to a hundred times as much.
    """

    def __init__(self, body: bytes, most: int) -> None:
        """Reads it all once. Raises Refusal for more than `most`."""
        self._body, self._count = body, 0
        for _ in self:
            self._count += 1
            if self._count > most:
                raise Refusal(
                    "too-large",
                    f"the body: found more than {most} patients; expected at most that. Send several batches.",
                )

    def __len__(self) -> int:
        """How many."""
        return self._count

    def __iter__(self) -> Iterator[Input]:
        """One after the other, in the order they came."""
        return read_inputs(["-"], stdin=BytesIO(self._body))


async def sources_of(request: Request, most: int) -> Patients:
    """The patients of a batch."""
    _content_type(request, (JSON, TEXT, *LINES))
    # In a thread: a large body takes seconds, and meanwhile others are answered.
    return await run_in_threadpool(Patients, await request.body(), most)


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
