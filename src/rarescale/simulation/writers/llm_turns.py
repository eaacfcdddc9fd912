"""The writer that asks for one turn after the other (the paper's second and third prompt, in our words).

Each request holds the chat so far, the findings it already tells and those still to add, so the model never has to
keep count. The paper does not say when to stop asking for turns that add nothing; here the chat then goes to the
editor as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.llm import Request, Task, asking
from rarescale.record import Message
from rarescale.simulation.checking.wire import CHAT, ToldMessage, context_of, messages_of
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_settings import LlmSettings, prompts_of, with_schema
from rarescale.simulation.writers.llm_slots import (
    disease_slot,
    findings_slot,
    never_say_slot,
    profile_slot,
    transcript_slot,
)

PROMPT = ("chat-turn", 1)
IDLE_TURNS = 3
"""Turns one after the other that add nothing before the writer gives up."""
FIRST_ROLES = ("system", "clinician", "patient")
NEXT_ROLES = ("clinician", "patient")

FIRST = "Write the first turn: the system message, the greeting, and the patient's first message."
NEXT = "Write the next turn: one question and its answer."
LAST = "Write the next turn: one question and its answer. It is the last one if it adds all that is still to add."


def turn_by_turn(assignment: Assignment, settings: LlmSettings) -> Task[tuple[Message, ...]]:
    """The draft of one chat, unchecked. Raises ModelError where the model gives none."""
    said: list[ToldMessage] = []
    idle = 0
    while (left := _still_to_add(assignment, said)) and idle < IDLE_TURNS:
        request = _request(assignment, said, settings)
        roles = NEXT_ROLES if said else FIRST_ROLES
        answer = yield from asking(request, CHAT, context=context_of(assignment) | {"roles": roles})
        said += answer.value.messages
        idle = idle + 1 if _still_to_add(assignment, said) == left else 0
    return messages_of(said, assignment)


def _still_to_add(assignment: Assignment, said: Sequence[ToldMessage]) -> set[str]:
    return {f.id for f in assignment.findings} - {f.id for message in said for f in message.findings}


def _request(assignment: Assignment, said: Sequence[ToldMessage], settings: LlmSettings) -> Request:
    left = _still_to_add(assignment, said)
    rendered = (
        prompts_of("rarescale.simulation.writers")
        .get(*PROMPT)
        .render(
            profile=profile_slot(assignment.persona),
            disease=disease_slot(assignment),
            never_say=never_say_slot(assignment),
            included=findings_slot((f for f in assignment.findings if f.id not in left), hints=False),
            to_add=findings_slot(f for f in assignment.findings if f.id in left),
            so_far=transcript_slot(messages_of(said, assignment)),
            task=_task(said, len(left)),
        )
    )
    return with_schema(settings.writing(rendered, assignment), CHAT)


def _task(said: Sequence[ToldMessage], left: int) -> str:
    if not said:
        return FIRST
    return LAST if left <= 2 else NEXT
