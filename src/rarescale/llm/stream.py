"""A streamed answer (server-sent events) put together again, or found incomplete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rarescale.llm.failures import ModelError
from rarescale.llm.wire import RAW_CHARACTERS, garbage


def collect(text: str, where: str) -> dict[str, Any]:
    """The chat completion that the events of `text` add up to.

    Raises ModelError: cut when the stream stops before its end, garbage when an event is not JSON of the protocol.
    """
    parts: list[str] = []
    whole: dict[str, Any] = {"model": None, "usage": None}
    finish: str | None = None
    refusal: list[str] = []
    for event in _events(text):
        if event == "[DONE]":
            break
        chunk = _chunk(event, where, text)
        whole |= {name: chunk[name] for name in whole if chunk.get(name)}
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            parts.append(delta.get("content") or "")
            refusal.append(delta.get("refusal") or "")
            finish = choice.get("finish_reason") or finish
    if finish is None:
        raise ModelError(
            f"{where}: expected a stream that ends with a reason to stop, found its end after "
            f"{len(''.join(parts))} characters. Try again.",
            kind="cut",
            raws=(text[:RAW_CHARACTERS],),
        )
    message = {"content": "".join(parts), "refusal": "".join(refusal) or None}
    return whole | {"choices": [{"message": message, "finish_reason": finish}]}


def _events(text: str) -> Iterator[str]:
    # An event without its final newline is torn.
    for line in text.split("\n")[:-1]:
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


def _chunk(event: str, where: str, text: str) -> dict[str, Any]:
    try:
        chunk = json.loads(event)
    except (ValueError, RecursionError) as error:
        raise garbage(where, "events of JSON", text) from error
    choices = (chunk.get("choices") or []) if isinstance(chunk, dict) else None
    if not isinstance(choices, list) or not all(_is_choice(c) for c in choices):
        raise garbage(where, "events with choices[].delta", text)
    return dict(chunk)


def _is_choice(choice: Any) -> bool:
    delta = choice.get("delta") if isinstance(choice, dict) else 0
    return delta is None or (
        isinstance(delta, dict) and all(isinstance(delta.get(n) or "", str) for n in ("content", "refusal"))
    )
