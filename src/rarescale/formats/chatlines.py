"""Chat line to `Chat`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rarescale.formats.caselines import diagnosis_of, id_text
from rarescale.formats.demographics import onset_of
from rarescale.formats.explain import validated
from rarescale.formats.places import Place, refusal, shown
from rarescale.formats.roles import role_of
from rarescale.formats.wire import ChatLine, ChatMessage, MessageFinding
from rarescale.record import Chat, Finding, Message, Role, State, TermId


def chat_of(value: Mapping[str, Any], place: Place) -> Chat:
    """The chat of a chat line. Raises InputError (kind ``shape``) where a key holds the wrong type."""
    line = validated(ChatLine, value, place.origin)
    warnings: list[str] = []
    messages = tuple(_message(m, f"messages[{k}]", place, warnings) for k, m in enumerate(line.messages))
    extra = line.model_extra or {}
    ignored = [key for key in ("sex", "age", "present", "absent") if extra.get(key)]
    if ignored:
        warnings.append(
            f"{', '.join(ignored)} of a chat line is not read; say it in a message of the system or the patient"
        )
    if not any(m.role is Role.PATIENT and m.content.strip() for m in messages):
        warnings.append("the patient says nothing in this chat")
    return Chat(
        id=id_text(line.id) or place.default_id,
        origin=place.origin,
        diagnosis=diagnosis_of(line.diagnosis),
        diagnosis_name=line.diagnosis_name,
        warnings=tuple(warnings),
        extra=extra,
        messages=messages,
    )


def _message(message: ChatMessage, where: str, place: Place, warnings: list[str]) -> Message:
    role = role_of(message.role)
    if role is None:
        raise refusal(
            "shape",
            f"{place.origin}, key `{where}.role`",
            found=shown(message.role),
            expected="system, clinician or patient (also doctor, assistant, user, parent)",
            next_step="Name the speaker by one of these.",
        )
    labels = tuple(_label(f, f"{where}.findings[{k}]", place, warnings) for k, f in enumerate(message.findings or ()))
    return Message(role=role, content=message.content, labels=labels)


def _label(finding: MessageFinding, where: str, place: Place, warnings: list[str]) -> Finding:
    text = finding.label or finding.id
    if not text:
        raise refusal(
            "shape",
            f"{place.origin}, key `{where}`",
            found="a finding with neither id nor label",
            expected="an id such as HP:0001250, a label, or both",
            next_step="Name the finding or remove it.",
        )
    onset, more = onset_of(finding.onset, where)
    warnings.extend(more)
    return Finding(
        id=TermId(finding.id) if finding.id else None,
        text=text,
        label=finding.label or "",
        state=State.PRESENT if finding.present else State.ABSENT,
        onset=onset,
    )
