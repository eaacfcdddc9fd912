"""Chat completions as JSON: a request as the body of a call, and the answer read with distrust.

The live endpoint and the lines of batch files share this, so that both ask and understand the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from rarescale.llm.failures import ModelError
from rarescale.llm.messages import Message, Reply, Request, Usage

Form = Literal["json_schema", "json_object", "plain"]
"""How a schema is put to the service: enforced, JSON of any shape, or by words alone."""

FORMS: tuple[Form, ...] = ("json_schema", "json_object", "plain")
RAW_CHARACTERS = 20_000
"""Raw texts kept in errors are cut here."""


def body_of(request: Request, form: Form = "json_schema", token_field: str = "max_tokens") -> dict[str, Any]:
    """The body of ``POST /v1/chat/completions``. Without an enforced schema, the schema is said in words."""
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    body: dict[str, Any] = {"model": request.model, "messages": messages, token_field: request.max_tokens}
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.seed is not None:
        body["seed"] = request.seed
    if request.schema is None:
        return body
    if form == "json_schema":
        name = re.sub(r"[^A-Za-z0-9_-]", "_", request.tag)[:64] or "reply"
        body["response_format"] = {"type": form, "json_schema": {"name": name, "schema": dict(request.schema)}}
        return body
    words = "Answer with JSON only, following this JSON Schema:\n" + json.dumps(dict(request.schema))
    body["messages"] = _with_instruction(messages, words)
    if form == "json_object":
        body["response_format"] = {"type": form}
    return body


def _with_instruction(messages: list[dict[str, str]], words: str) -> list[dict[str, str]]:
    # Many chat templates take a system message in first place only, so an existing one is extended.
    if messages[0]["role"] == "system":
        return [{"role": "system", "content": f"{messages[0]['content']}\n\n{words}"}, *messages[1:]]
    return [{"role": "system", "content": words}, *messages]


def request_of(body: Mapping[str, Any]) -> Request:
    """The request behind a body with an enforced schema or none. Raises KeyError, TypeError or ValueError."""
    form = body.get("response_format") or {}
    schema = (form.get("json_schema") or {}).get("schema")
    return Request(
        messages=tuple(Message(m["role"], m["content"]) for m in body["messages"]),
        model=body["model"],
        temperature=body.get("temperature"),
        max_tokens=body.get("max_tokens", body.get("max_completion_tokens", 1024)),
        schema=schema,
        seed=body.get("seed"),
    )


def completion_of(reply: Reply) -> dict[str, Any]:
    """A reply as the object a chat completions service sends."""
    usage = {
        "prompt_tokens": reply.usage.prompt_tokens,
        "completion_tokens": reply.usage.completion_tokens,
        "total_tokens": reply.usage.prompt_tokens + reply.usage.completion_tokens,
    }
    message = {"role": "assistant", "content": reply.text}
    return {
        "id": f"chatcmpl-{reply.key[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": reply.model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        "usage": usage,
    }


def reply_of(completion: Any, request: Request, where: str, raw: str = "") -> Reply:
    """The reply inside a chat completion. `where` names its source in messages.

    Raises ModelError: garbage when it is no completion, refused when the model or its filter declined.
    """
    raw = (raw or json.dumps(completion))[:RAW_CHARACTERS]
    try:
        choice = completion["choices"][0]
        message = choice["message"]
        text = message.get("content")
        finish = choice.get("finish_reason") or "stop"
        refusal = message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise garbage(where, "a chat completion with choices[0].message", raw) from error
    if refusal or finish == "content_filter":
        said = str(refusal or "stopped by its content filter")[:300]
        raise ModelError(
            f"{where}: the model declined to answer {request.tag or 'a request'}: {said}. Reword the prompt.",
            kind="refused",
            raws=(raw,),
        )
    if not isinstance(text, str) or not isinstance(finish, str):
        raise garbage(where, "choices[0].message.content as text", raw)
    return Reply(text, request.key, str(completion.get("model") or request.model), usage_of(completion), finish)


def usage_of(completion: Mapping[str, Any]) -> Usage:
    """Token counts; services that send none, or nonsense, count as 0."""
    usage = completion.get("usage")
    counts = [usage.get(n) if isinstance(usage, Mapping) else 0 for n in ("prompt_tokens", "completion_tokens")]
    prompt, completed = (c if isinstance(c, int) and c >= 0 else 0 for c in counts)
    return Usage(prompt, completed)


def garbage(where: str, expected: str, raw: str) -> ModelError:
    """What to raise for an answer that does not follow the protocol."""
    found = repr(raw[:80]) if raw else "nothing"
    return ModelError(
        f"{where}: expected {expected}, found {found}. Check that the address is a chat completions service.",
        kind="garbage",
        raws=(raw[:RAW_CHARACTERS],),
    )


def status_error(status: int, text: str, where: str, retry_after: float | None = None) -> ModelError:
    """What to raise for an HTTP status other than 200."""
    kind, advice = _meaning(status)
    return ModelError(
        f"{where}: expected status 200, found {status} ({' '.join(text.split())[:200] or 'no text'}). {advice}",
        kind=kind,
        raws=(text[:RAW_CHARACTERS],),
        retry_after=retry_after,
    )


def _meaning(status: int) -> tuple[str, str]:
    if status == 429:
        return "rate-limit", "Ask more slowly, or raise the limit of your account."
    if status in (401, 403):
        return "auth", "Set the environment variable of the key to one that this service accepts."
    if status in (408, 504):
        return "timeout", "Try again, or allow more time."
    if status >= 500 or status in (409, 425):
        return "server", "Try again later."
    return "refused", "Check the name of the model and the settings of the request."
