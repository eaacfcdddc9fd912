"""Pasted conversations: text whose lines start with the speaker, such as ``Doctor:`` and ``Patient:``.

Notes may use the same words as headings ("Patient: Ann Lee", "Mother: diabetes"), so a text counts as a
conversation only if both a clinician and a patient speak and either somebody speaks twice or a question is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from rarescale.formats.places import Place
from rarescale.formats.roles import role_of
from rarescale.record import Chat, Message, Role

# An optional list mark and time stamp, the speaker (at most three words, perhaps bold), a colon, the words.
_TURN = re.compile(
    r"""\s* (?:[-*>]\s+)?
    (?:[\[(]? \d{1,2}:\d{2} (?::\d{2})? (?:\s?[ap]\.?m\.?)? [\])]? \s* [-–]? \s*)?
    [*_]{0,2} (?P<speaker> [a-z][a-z'-]*\.? (?:[ ][a-z][a-z.'-]*){0,2}) (?:[ ]?\([^)]{1,30}\))? [*_]{0,2} \s?
    : [*_]{0,2} (?:\s+|$) (?P<words>.*)""",
    re.VERBOSE | re.IGNORECASE,
)
MAX_PREAMBLE = 300
"""Characters before the first turn that may still be a heading such as name, age and sex."""
MIN_SHARE = 0.1
"""Least share of lines that name a speaker; the others continue a turn."""


@dataclass
class _Turn:
    role: Role
    label: str
    lines: list[str] = field(default_factory=list)

    @property
    def content(self) -> str:
        return "\n".join(self.lines).strip()


def chat_in(text: str, place: Place) -> Chat | None:
    """The conversation a text is, None if it is a note. Text before the first turn becomes the system message."""
    lines = [line.rstrip() for line in text.split("\n")]
    preamble, turns = _split(lines)
    filled = [turn for turn in turns if turn.content]
    if not _is_conversation(preamble, filled, sum(1 for line in lines if line)):
        return None
    messages = [Message(role=turn.role, content=turn.content) for turn in filled]
    if preamble:
        messages.insert(0, Message(role=Role.SYSTEM, content=preamble))
    return Chat(id=place.default_id, origin=place.origin, messages=tuple(messages))


def _split(lines: list[str]) -> tuple[str, list[_Turn]]:
    before = _Turn(Role.SYSTEM, "")
    turns: list[_Turn] = []
    for line in lines:
        match = _TURN.match(line)
        role = role_of(match["speaker"]) if match else None
        if match and role:
            turns.append(_Turn(role, match["speaker"].lower(), [match["words"]]))
        else:
            (turns[-1] if turns else before).lines.append(line)
    return before.content, turns


def _is_conversation(preamble: str, turns: list[_Turn], lines: int) -> bool:
    spoken = [turn for turn in turns if turn.role is not Role.SYSTEM]
    if len(preamble) > MAX_PREAMBLE or {turn.role for turn in spoken} != {Role.CLINICIAN, Role.PATIENT}:
        return False
    if len(spoken) < MIN_SHARE * lines:
        return False
    twice = max(Counter(turn.label for turn in spoken).values()) > 1
    return twice or any("?" in turn.content for turn in spoken if turn.role is Role.CLINICIAN)
