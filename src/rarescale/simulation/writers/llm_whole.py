"""The writer that asks for the whole chat at once (the paper's first prompt, in our words)."""

from __future__ import annotations

from rarescale.llm import Task, asking
from rarescale.record import Message
from rarescale.simulation.checking.wire import CHAT, context_of, messages_of
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_settings import LlmSettings, prompts_of, with_schema
from rarescale.simulation.writers.llm_slots import disease_slot, findings_slot, never_say_slot, profile_slot

PROMPT = ("chat-whole", 1)


def whole_chat(assignment: Assignment, settings: LlmSettings) -> Task[tuple[Message, ...]]:
    """The draft of one chat, unchecked. Raises ModelError where the model gives none."""
    rendered = (
        prompts_of("rarescale.simulation.writers")
        .get(*PROMPT)
        .render(
            profile=profile_slot(assignment.persona),
            disease=disease_slot(assignment),
            never_say=never_say_slot(assignment),
            findings=findings_slot(assignment.findings),
        )
    )
    request = with_schema(settings.writing(rendered, assignment), CHAT)
    answer = yield from asking(request, CHAT, context=context_of(assignment))
    return messages_of(answer.value.messages, assignment)
