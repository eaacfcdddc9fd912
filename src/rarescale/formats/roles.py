"""One table for every spelling of a speaker, in chat lines and in pasted transcripts."""

from __future__ import annotations

import re

from rarescale.record import Role

_WORDS: dict[Role, str] = {
    Role.SYSTEM: "system",
    Role.CLINICIAN: "clinician doctor physician assistant nurse gp dr doc d",
    Role.PATIENT: "patient user parent mother father mom mum dad caregiver carer guardian pt p",
}
ROLES: dict[str, Role] = {word: role for role, words in _WORDS.items() for word in words.split()}
_TITLE = re.compile(r"(dr|doctor|nurse)\.?\s")


def role_of(word: str) -> Role | None:
    """The role a speaker's label means, such as ``Dr. Smith`` = clinician; None for any other word."""
    label = word.strip().lower()
    if role := ROLES.get(label.rstrip(".")):
        return role
    return Role.CLINICIAN if _TITLE.match(label) else None
