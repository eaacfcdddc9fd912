"""The errors a user can act on; anything else is a bug and keeps its traceback.

    RareScaleError
    ├── InputError        a case, chat, note or phenopacket cannot be read
    ├── KnowledgeError    the knowledge files or their cache are missing, broken or foreign
    └── UsageError        an option or argument makes no sense

Each message is a sentence that says what, where, what was expected, what was found, and the next step.
"""

from __future__ import annotations


class RareScaleError(Exception):
    """Base of all errors that the user can fix. `kind` is a short machine-readable word."""

    kind = "error"

    def __init__(self, message: str, *, kind: str | None = None) -> None:
        """`kind` overrides that of the class."""
        super().__init__(message)
        if kind is not None:
            self.kind = kind


class InputError(RareScaleError):
    """One case, chat, note or phenopacket cannot be read; the others go on."""

    kind = "input"


class KnowledgeError(RareScaleError):
    """The knowledge files or the compiled cache are missing, truncated or foreign."""

    kind = "knowledge"


class UsageError(RareScaleError):
    """An option or argument makes no sense."""

    kind = "usage"
