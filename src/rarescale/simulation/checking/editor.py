"""A model repairs a chat: told what is wrong, it gives the whole transcript back."""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.llm import Task, asking
from rarescale.record import Message
from rarescale.simulation.checking.problems import Problem
from rarescale.simulation.checking.wire import CHAT, context_of, messages_of
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_settings import LlmSettings, prompts_of, with_schema
from rarescale.simulation.writers.llm_slots import findings_slot, never_say_slot, profile_slot, transcript_slot

PROMPT = ("chat-edit", 1)


def edited(
    assignment: Assignment, messages: Sequence[Message], problems: Sequence[Problem], settings: LlmSettings
) -> Task[tuple[Message, ...]]:
    """The repaired chat, unchecked. Raises ModelError where the model gives none."""
    rendered = (
        prompts_of("rarescale.simulation.checking")
        .get(*PROMPT)
        .render(
            profile=profile_slot(assignment.persona),
            never_say=never_say_slot(assignment),
            findings=findings_slot(assignment.findings, hints=False),
            chat=transcript_slot(messages, labels=True),
            problems="\n".join(f"- {p.words}" for p in problems),
        )
    )
    request = with_schema(settings.writing(rendered, assignment), CHAT)
    answer = yield from asking(request, CHAT, context=context_of(assignment))
    return messages_of(answer.value.messages, assignment)
