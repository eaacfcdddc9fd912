"""How the language model writers ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from rarescale.errors import UsageError
from rarescale.llm import Prompts, Rendered, Request, Task, load_prompts
from rarescale.record import Message
from rarescale.simulation.writers.contract import Assignment

SEEDS = 2**31
"""Seeds are sent below this: services take 32-bit ones."""


@dataclass(frozen=True)
class LlmSettings:
    """Everything about the asking that decides the chats.

    `model` writes and edits, `checker` (None: the same) judges. `temperature` of writing and editing; None leaves
    it, and that of the checker, to the service; otherwise the checker is asked at 0. `max_tokens` bounds one reply.
    `edits` is the number of tries to repair a chat before it is dropped: three in the paper (section 3.2). `memory`
    is the number of chats of one disease that are written one after the other, each told how the one before put its
    findings; 1 = none is told. Raises UsageError for values that make no sense.
    """

    model: str
    checker: str | None = None
    temperature: float | None = 1.0
    max_tokens: int = 6000
    edits: int = 3
    memory: int = 4

    def __post_init__(self) -> None:
        """Check the values that `Request` does not."""
        if self.edits < 0 or self.memory < 1:
            raise UsageError(f"edits is {self.edits} and memory {self.memory}; expected 0 or more, and 1 or more.")

    def writing(self, prompt: Rendered, assignment: Assignment) -> Request:
        """The request of a writer or editor; samples of the same question are told apart by the chat's seed."""
        seed = assignment.seed % SEEDS
        return prompt.request(self.model, temperature=self.temperature, max_tokens=self.max_tokens, seed=seed)

    def checking(self, prompt: Rendered) -> Request:
        """The request of a checker."""
        temperature = None if self.temperature is None else 0.0
        return prompt.request(self.checker or self.model, temperature=temperature, max_tokens=self.max_tokens)


def with_schema(request: Request, wanted: TypeAdapter[Any]) -> Request:
    """The request with the JSON Schema of what is wanted, made once and not for every request."""
    return replace(request, schema=_schema(wanted))


@cache
def _schema(wanted: TypeAdapter[Any]) -> dict[str, Any]:
    return wanted.json_schema()


LlmWriter: TypeAlias = Callable[[Assignment, LlmSettings], Task[tuple[Message, ...]]]
"""Writes the draft of one chat as a task of several requests, so that it runs live, replayed and in rounds alike."""


@cache
def prompts_of(package: str) -> Prompts:
    """The prompts in the folder ``prompts`` of a package."""
    return load_prompts(package)
