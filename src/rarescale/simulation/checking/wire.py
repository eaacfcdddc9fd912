"""What a model answers, as types. Replies are untrusted: other findings, other speakers and other keys are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, model_validator

from rarescale.record import Finding, Message, Role, State, TermId
from rarescale.simulation.writers.contract import Assignment

LONGEST_MESSAGE = 4000
"""Characters of one message."""
MOST_MESSAGES = 120


def one_line(text: str) -> str:
    """The text on one line, without control characters. Raises ValueError when nothing is left."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not plain:
        raise ValueError("expected words, found none")
    return plain


Words = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE), AfterValidator(one_line)]


def finding_id(value: str, info: ValidationInfo) -> str:
    """A finding of the assignment. Raises ValueError for any other."""
    wanted: Sequence[str] = (info.context or {}).get("wanted", ())
    if value not in wanted:
        raise ValueError(f"{value[:40]!r} is no finding of the list; expected one of {', '.join(wanted)}")
    return value


FindingId = Annotated[str, AfterValidator(finding_id)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToldFinding(_Told):
    """A finding that a patient's message tells, by the words `quote`."""

    id: FindingId
    present: bool
    quote: Words


class ToldMessage(_Told):
    """One message; only those of the patient tell findings."""

    role: Literal["system", "clinician", "patient"]
    text: Words
    findings: tuple[ToldFinding, ...] = ()

    @model_validator(mode="after")
    def _only_patients_tell(self) -> ToldMessage:
        if self.findings and self.role != "patient":
            raise ValueError(f"a message of the {self.role} has findings; only those of the patient tell any")
        return self


class ToldChat(_Told):
    """A whole chat, or one turn of it; `roles` of the context are then those of its messages."""

    messages: tuple[ToldMessage, ...] = Field(min_length=1, max_length=MOST_MESSAGES)

    @model_validator(mode="after")
    def _roles_of_a_turn(self, info: ValidationInfo) -> ToldChat:
        roles, found = (info.context or {}).get("roles"), tuple(m.role for m in self.messages)
        if roles is not None and found != roles:
            raise ValueError(
                f"expected one message each of {', '.join(roles)}, in this order; found {', '.join(found)}"
            )
        return self


CHAT = TypeAdapter(ToldChat)
"""Made once: adapters and their schemas take longer to build than a reply to read."""


def context_of(assignment: Assignment) -> dict[str, Any]:
    """What validators have to know."""
    return {"wanted": tuple(f.id for f in assignment.findings)}


def messages_of(told: Sequence[ToldMessage], assignment: Assignment) -> tuple[Message, ...]:
    """The messages of a chat; a quote that is found is kept as the message spells it."""
    labels = {f.id: f.label for f in assignment.findings}
    return tuple(
        Message(
            role=Role(message.role),
            content=message.text,
            labels=tuple(_label(f, labels[f.id], message.text) for f in message.findings),
        )
        for message in told
    )


def _label(told: ToldFinding, label: str, text: str) -> Finding:
    span = find_quote(told.quote, text)
    quote = told.quote if span is None else text[slice(*span)]
    state = State.PRESENT if told.present else State.ABSENT
    return Finding(id=TermId(told.id), text=label, label=label, state=state, quote=quote)


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Where `quote` stands in `text`, half-open; capitals, kinds of apostrophes and outer punctuation do not matter."""
    core = _even(quote).strip(" .,;:!?\"'…")
    if not core:
        return None
    found = re.search(rf"(?<!\w){re.escape(core)}(?!\w)", _even(text), re.IGNORECASE)
    return found.span() if found else None


def _even(text: str) -> str:
    return text.translate(str.maketrans("’‘‛“”„", "'''\"\"\""))
