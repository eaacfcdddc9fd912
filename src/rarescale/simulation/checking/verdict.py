"""The judgement of a model: is each finding told as it should be, and is a rule broken that words alone do not show?

The verdict is untrusted too: it must speak of each finding once, and what it calls told must have a quote that the
patient's side really says; without one the finding counts as not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, model_validator

from rarescale.llm import Task, asking
from rarescale.record import Message, Role
from rarescale.simulation.checking.problems import Problem
from rarescale.simulation.checking.wire import FindingId, Words, context_of, find_quote
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_settings import LlmSettings, prompts_of, with_schema
from rarescale.simulation.writers.llm_slots import findings_slot, never_say_slot, transcript_slot

PROMPT = ("chat-check", 1)

Told = Literal["present", "absent", "unclear", "missing"]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedFinding(_Wire):
    """What the transcript makes of a finding."""

    id: FindingId
    state: Told
    quote: str = Field(default="", max_length=4000)


class BrokenRule(_Wire):
    """A rule that the checker finds broken."""

    rule: Literal["diagnosis", "leading", "confirming", "crowded", "opening", "extra"]
    message: int = Field(ge=0)
    why: Words


class Verdict(_Wire):
    """The checker's answer."""

    findings: tuple[JudgedFinding, ...]
    broken: tuple[BrokenRule, ...] = ()

    @model_validator(mode="after")
    def _each_finding_once(self, info: ValidationInfo) -> Verdict:
        judged = Counter(f.id for f in self.findings)
        wrong = [i for i in (info.context or {}).get("wanted", ()) if judged[i] != 1]
        if wrong:
            raise ValueError(f"expected each finding exactly once; not so: {', '.join(wrong)}")
        return self


VERDICT = TypeAdapter(Verdict)


def judged(assignment: Assignment, messages: Sequence[Message], settings: LlmSettings) -> Task[tuple[Problem, ...]]:
    """What a model finds wrong with the chat. Raises ModelError where it gives no usable verdict."""
    rendered = (
        prompts_of("rarescale.simulation.checking")
        .get(*PROMPT)
        .render(
            never_say=never_say_slot(assignment),
            findings=findings_slot(assignment.findings, hints=False),
            chat=transcript_slot(messages),
        )
    )
    request = with_schema(settings.checking(rendered), VERDICT)
    answer = yield from asking(request, VERDICT, context=context_of(assignment))
    return tuple(problems_of(answer.value, assignment, messages))


def problems_of(verdict: Verdict, assignment: Assignment, messages: Sequence[Message]) -> Iterator[Problem]:
    """The verdict as problems, its quotes checked against what the patient's side says."""
    said = [m.content for m in messages if m.role is Role.PATIENT]
    judged = {f.id: f for f in verdict.findings}
    for wanted in assignment.findings:
        found, right = judged[wanted.id], "present" if wanted.present else "absent"
        if found.state != right:
            why = f"{wanted.label} ({wanted.id}) should be told as {right}; a reader finds it {found.state}"
            yield Problem("missing" if found.state in ("missing", "unclear") else "polarity", why)
        elif not any(find_quote(found.quote, text) for text in said):
            yield Problem("missing", f"{wanted.label} ({wanted.id}): a reader found no words of the patient telling it")
    for broken in verdict.broken:
        number = broken.message if broken.message < len(messages) else None
        yield Problem(broken.rule, broken.why, number)
