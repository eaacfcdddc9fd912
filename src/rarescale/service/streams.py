"""A differential with progress: one JSON object a line, or server-sent events, each sent as soon as it is known."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from rarescale.diagnose import Among, Diagnoser
from rarescale.record import Case, Chat, Note

EVENTS = "text/event-stream"
LINES = "application/x-ndjson"

Event = tuple[str, dict[str, Any] | BaseModel]


def wanted(accept: str) -> str | None:
    """The kind of stream that an Accept header asks for."""
    kinds = [part.partition(";")[0].strip() for part in accept.lower().split(",")]
    return next((k for k in kinds if k in (EVENTS, LINES)), None)


def progress(diagnoser: Diagnoser, source: Case | Chat | Note, top: int, among: Among) -> Iterator[Event]:
    """What happens, step by step; the last event is the answer."""
    yield "reading", {"id": source.id}
    understood = diagnoser.understand(source)
    yield "understood", understood
    yield "ranking", {"findings": len(understood.findings), "diseases": len(diagnoser.knowledge.diseases)}
    yield "answer", diagnoser.outcome(source, top=top, among=among, understood=understood).answer


def streamed(kind: str, events: Iterator[Event]) -> StreamingResponse:
    """The events as they come; each is worked out in a thread, and the client may go at any time."""
    write = _event if kind == EVENTS else _line

    async def chunks() -> AsyncIterator[bytes]:
        while (event := await run_in_threadpool(next, events, None)) is not None:
            yield write(*event)

    return StreamingResponse(chunks(), media_type=kind, headers={"X-Accel-Buffering": "no"})


def _text(content: dict[str, Any] | BaseModel) -> str:
    return content.model_dump_json(by_alias=True) if isinstance(content, BaseModel) else json.dumps(content)


def _line(name: str, content: dict[str, Any] | BaseModel) -> bytes:
    return f'{{"event": {json.dumps(name)}, "data": {_text(content)}}}\n'.encode()


def _event(name: str, content: dict[str, Any] | BaseModel) -> bytes:
    return f"event: {name}\ndata: {_text(content)}\n\n".encode()
