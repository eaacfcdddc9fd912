"""What goes through the door: messages and settings in, text and usage out.

A request has one canonical rendering, and the SHA-256 of it is its `key`: same key, same question. Caches,
recordings, ledgers and batch files all speak of requests by that key.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol, get_args

from pydantic import TypeAdapter

from rarescale.errors import UsageError

Speaker = Literal["system", "user", "assistant"]
"""Who speaks to or for the model. (Roles of a patient's chat are `rarescale.record.Role`.)"""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. Raises UsageError for another role or for text that UTF-8 cannot hold."""

    role: Speaker
    content: str

    def __post_init__(self) -> None:
        """Check the values."""
        if self.role not in get_args(Speaker):
            raise UsageError(f"A message has role {self.role!r}; expected one of {', '.join(get_args(Speaker))}.")
        try:
            self.content.encode()
        except UnicodeEncodeError as error:
            raise UsageError(
                f"A {self.role} message holds a lone surrogate at character {error.start}; expected text that can "
                "be written as UTF-8. Read the source file with the right encoding."
            ) from error


Conversation = tuple[Message, ...]


@dataclass(frozen=True)
class Request:
    """One question to a model.

    `temperature` None leaves it to the service. `max_tokens` bounds the reply. `schema` is the JSON Schema the
    reply should follow (sent where the service takes one, checked by `ask` in any case). `seed` tells samples of
    the same question apart. `tag` says what it is for (``differential@3``) and is not part of the question.
    Raises UsageError when a setting makes no sense.
    """

    messages: Conversation
    model: str
    temperature: float | None = 0.0
    max_tokens: int = 1024
    schema: Mapping[str, Any] | None = None
    seed: int | None = None
    tag: str = ""

    def __post_init__(self) -> None:
        """Check the values."""
        object.__setattr__(self, "messages", tuple(self.messages))
        if not self.messages:
            raise UsageError("A request to a model has no messages; expected at least one.")
        if not self.model:
            raise UsageError("A request names no model; expected a name such as 'llama3.1'.")
        if self.max_tokens < 1:
            raise UsageError(f"max_tokens is {self.max_tokens}; expected 1 or more.")
        if self.temperature is not None and not (math.isfinite(self.temperature) and 0 <= self.temperature <= 2):
            raise UsageError(f"temperature is {self.temperature}; expected 0 to 2, or None for the service's own.")

    def question(self) -> dict[str, Any]:
        """Everything that decides the answer, as JSON."""
        return {
            "messages": [{"role": m.role, "content": m.content} for m in self.messages],
            "model": self.model,
            "temperature": None if self.temperature is None else float(self.temperature),
            "max_tokens": self.max_tokens,
            "schema": None if self.schema is None else dict(self.schema),
            "seed": self.seed,
        }

    @cached_property
    def rendered(self) -> str:
        """The canonical JSON of the question: sorted keys, no spaces, ASCII."""
        return json.dumps(self.question(), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @cached_property
    def key(self) -> str:
        """SHA-256 of `rendered`, 64 hexadecimal digits."""
        return hashlib.sha256(self.rendered.encode()).hexdigest()

    def then(self, reply: str, user: str) -> Request:
        """The same conversation, one reply and one user message later."""
        return replace(self, messages=(*self.messages, Message("assistant", reply), Message("user", user)))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or many calls. `cost` is in the currency of the price table; None = no price known."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    def __add__(self, other: Usage) -> Usage:
        """Sum; a cost known on one side only is kept."""
        costs = [c for c in (self.cost, other.cost) if c is not None]
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs else None,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `text` is untrusted.

    `model` is the name the service gave itself, `key` that of the request, `finish` the service's reason to stop
    (``length`` = cut at max_tokens), `calls` the HTTP requests it took, `cached` whether it was answered
    without asking.
    """

    text: str
    key: str
    model: str
    usage: Usage = field(default_factory=Usage)
    finish: str = "stop"
    cached: bool = False
    calls: int = 1

    def to_data(self) -> dict[str, Any]:
        """As JSON; `reply_from_data` reads it back."""
        return asdict(self)


class Model(Protocol):
    """Anything that answers requests, from a service on the network to a list of strings."""

    def complete(self, request: Request) -> Reply:
        """Answer, or raise `ModelError`. Called from many threads at once."""
        ...


_REQUEST = TypeAdapter(Request)
_REPLY = TypeAdapter(Reply)


def request_from_data(data: object) -> Request:
    """The request that `Request.question` (with or without a ``tag``) described. Raises ValueError."""
    return _REQUEST.validate_python(data)


def reply_from_data(data: object) -> Reply:
    """The reply that `Reply.to_data` described. Raises ValueError."""
    return _REPLY.validate_python(data)
