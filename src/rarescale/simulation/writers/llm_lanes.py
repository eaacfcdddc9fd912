"""One chat after the other: write, check, remember.

The paper tells the writer, for each finding, how an earlier patient with the same disease put it (section 3.2). That
makes chats depend on each other, so chats of one disease run in lanes of a few: within a lane each is told of the one
before, and lanes run side by side. What a lane does follows from its replies alone, hence live, replayed and in batch
rounds the chats are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice

from rarescale.errors import RareScaleError
from rarescale.llm import ModelError, Task
from rarescale.record import Message, State
from rarescale.simulation.checking import Problem, Rejected, checked
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_settings import LlmSettings, LlmWriter


@dataclass(frozen=True)
class Written:
    """A chat that passed the checker; `repaired` is what had to be edited away in `edits` tries."""

    assignment: Assignment
    messages: tuple[Message, ...]
    edits: int = 0
    repaired: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Unwritten:
    """An assignment without a chat, and why: `Rejected` by the checker, or a `ModelError`."""

    assignment: Assignment
    failure: RareScaleError


Result = Written | Unwritten

Memory = dict[tuple[str, bool], str]
"""How a finding, present or absent, was last put."""


def one_chat(write: LlmWriter, assignment: Assignment, settings: LlmSettings) -> Task[Result]:
    """Write and check one chat. Never raises what a model or its replies did."""
    try:
        draft = yield from write(assignment, settings)
        clean = yield from checked(assignment, draft, settings)
    except (ModelError, Rejected) as error:
        return Unwritten(assignment, error)
    return Written(assignment, clean.messages, clean.edits, clean.repaired)


def lane(write: LlmWriter, assignments: Iterable[Assignment], settings: LlmSettings) -> Task[tuple[Result, ...]]:
    """Chats of one disease, each told how those before put their findings; a failed one does not stop the next."""
    results: list[Result] = []
    memory: Memory = {}
    for assignment in assignments:
        result = yield from one_chat(write, remembering(assignment, memory), settings)
        results.append(replace(result, assignment=assignment))
        if isinstance(result, Written):
            memory |= memory_of(result.messages)
    return tuple(results)


def remembering(assignment: Assignment, memory: Memory) -> Assignment:
    """The assignment, each finding with the message in which it was last told where there is one."""
    findings = (replace(f, earlier=memory.get((f.id, f.present), f.earlier)) for f in assignment.findings)
    return replace(assignment, findings=tuple(findings))


def memory_of(messages: Iterable[Message]) -> Memory:
    """The patient messages by what they tell."""
    return {(str(f.id), f.state is State.PRESENT): m.content for m in messages for f in m.labels}


def lanes_of(assignments: Iterable[Assignment], length: int) -> Iterator[tuple[Assignment, ...]]:
    """Neighbours with the same disease, `length` at most; the order stays."""
    for _, same in groupby(assignments, key=lambda a: a.disease_name):
        while group := tuple(islice(same, length)):
            yield group
