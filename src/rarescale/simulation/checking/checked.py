"""Check, edit, check again: a chat comes out clean or not at all.

The paper's order (section 3.2): a first edit and two more tries, then the chat is discarded. Rules that need no model
come first; a model is asked for its verdict when they find nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rarescale.llm import Task
from rarescale.record import Message
from rarescale.simulation.checking.editor import edited
from rarescale.simulation.checking.problems import Problem, Rejected
from rarescale.simulation.checking.verdict import judged
from rarescale.simulation.checking.violations import violations
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_settings import LlmSettings


@dataclass(frozen=True)
class Clean:
    """A chat that breaks no rule, the number of `edits` it took, and what they were for."""

    messages: tuple[Message, ...]
    edits: int
    repaired: tuple[Problem, ...]


def checked(assignment: Assignment, draft: Sequence[Message], settings: LlmSettings) -> Task[Clean]:
    """The chat, repaired where needed. Raises Rejected after the last try, ModelError where a model gives nothing."""
    messages, repaired = tuple(draft), list[Problem]()
    for edits in range(settings.edits + 1):
        problems = violations(assignment, messages)
        if not problems:
            problems = yield from judged(assignment, messages, settings)
        if not problems:
            return Clean(messages, edits, tuple(repaired))
        if edits < settings.edits:
            repaired += problems
            messages = yield from edited(assignment, messages, problems, settings)
    raise Rejected(problems, settings.edits)
