"""Ask for a typed answer. The reply is untrusted: found, validated, repaired once, or a named failure."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from rarescale.llm.failures import ModelError
from rarescale.llm.jsontext import json_values
from rarescale.llm.messages import Model, Reply, Request
from rarescale.llm.prompt import Prompt, load_prompts
from rarescale.llm.tasks import Exchange, drive

T = TypeVar("T")

REPAIR_VERSION = 1
PROBLEMS_TOLD = 10
"""Validation errors named in a repair turn."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A validated value and the exchanges it took: one, or two when the first reply had to be repaired."""

    value: T
    exchanges: tuple[Exchange, ...]

    @property
    def repaired(self) -> bool:
        """Whether the first reply could not be used."""
        return len(self.exchanges) > 1


def asking(
    request: Request, wanted: type[T] | TypeAdapter[T], *, context: Any = None
) -> Generator[Request, Reply, Answer[T]]:
    """The steps of `ask`, for tasks: ``answer = yield from asking(request, Wanted)``.

    `wanted` is a pydantic model or any type that pydantic knows; its JSON Schema goes with the request unless that
    has one. `context` reaches validators (``info.context``), for instance the ids that may be answered.
    Raises ModelError: invalid-reply with both raw texts, or what the model raised.
    """
    adapter: TypeAdapter[T] = wanted if isinstance(wanted, TypeAdapter) else TypeAdapter(wanted)
    if request.schema is None:
        request = replace(request, schema=adapter.json_schema())
    first = yield request
    value, problem = _read_reply(first, request, adapter, context)
    if value is not None:
        return Answer(value[0], (Exchange(request, first),))
    again = repair_request(request, first.text, problem)
    try:
        second = yield again
    except ModelError as error:
        raise error.changed(raws=(first.text, *error.raws)) from error
    value, second_problem = _read_reply(second, again, adapter, context)
    if value is not None:
        return Answer(value[0], (Exchange(request, first), Exchange(again, second)))
    raise ModelError(
        f"The reply to {request.tag or 'a request'} ({request.model}, key {request.key[:16]}) is unusable, also after "
        f"one repair: {problem} Then: {second_problem} Look at both raw texts; reword the prompt or allow more tokens.",
        kind="invalid-reply",
        raws=(first.text, second.text),
        attempts=2,
    )


def ask(model: Model, request: Request, wanted: type[T] | TypeAdapter[T], *, context: Any = None) -> Answer[T]:
    """Ask `model` now; see `asking`."""
    return drive(asking(request, wanted, context=context), model)


def repair_request(request: Request, reply: str, problem: str) -> Request:
    """The request that tells the model what was wrong with its reply."""
    prompt = _repair_prompt()
    words = prompt.render(problem=problem, schema=json.dumps(request.schema)).messages[-1].content
    # Some services refuse an empty message of the assistant.
    again = request.then(reply.strip() or "(empty)", words)
    return replace(again, tag=f"{request.tag}+{prompt.name}@{prompt.version}")


@cache
def _repair_prompt() -> Prompt:
    return load_prompts("rarescale.llm").get("repair", REPAIR_VERSION)


def read(text: str, adapter: TypeAdapter[T], context: Any = None) -> tuple[tuple[T] | None, str]:
    """The one value of `text` that fits `adapter`, else None and what is wrong in words."""
    values = json_values(text)
    if not values:
        found = repr(text[:80]) if text.strip() else "an empty reply"
        return None, f"Expected JSON, found none in {found}."
    fitting: dict[str, T] = {}
    problems: list[str] = []
    for value in values:
        rendered = json.dumps(value, sort_keys=True)
        try:
            fitting[rendered] = adapter.validate_json(rendered, context=context)
        except ValidationError as error:
            problems.append(_in_words(error))
    if len(fitting) == 1:
        return (next(iter(fitting.values())),), ""
    if fitting:
        return None, f"Expected one answer, found {len(fitting)} different ones."
    return None, problems[-1]


def _read_reply(reply: Reply, request: Request, adapter: TypeAdapter[T], context: Any) -> tuple[tuple[T] | None, str]:
    value, problem = read(reply.text, adapter, context)
    if value is None and reply.finish == "length":
        problem += f" It was cut at the limit of {request.max_tokens} tokens."
    return value, problem


def _in_words(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{'.'.join(map(str, e['loc'])) or 'the value'}: {e['msg']}" for e in found[:PROBLEMS_TOLD]]
    more = f"; and {len(found) - PROBLEMS_TOLD} more" if len(found) > PROBLEMS_TOLD else ""
    return f"The JSON does not fit: {'; '.join(told)}{more}."
