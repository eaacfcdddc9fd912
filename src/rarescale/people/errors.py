"""What can go wrong with people, each a sentence for acting on.

RareScaleError
├── PeopleError        kind "people"    the people file, or the settings of the login, cannot be used
├── LoginFailed        kind "login"     what a provider sent back proves nothing; `reason` is a word for the log
└── ProviderDown       kind "provider"  the provider does not answer, or not sensibly
"""

from __future__ import annotations

from rarescale.errors import RareScaleError


class PeopleError(RareScaleError):
    """The people file is missing, damaged, or readable by others; nobody is let in by it."""

    kind = "people"


class LoginFailed(RareScaleError):
    """A login through the provider that proves nothing. The message never holds what was sent."""

    kind = "login"

    def __init__(self, reason: str, message: str) -> None:
        """`reason` is one word, such as `wrong-nonce`."""
        super().__init__(message)
        self.reason = reason


class ProviderDown(RareScaleError):
    """The provider cannot be reached, or answers what no provider should."""

    kind = "provider"
