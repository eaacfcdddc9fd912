"""What can go wrong with a store, each a sentence for acting on.

RareScaleError
└── StoreError        kind "store"
    ├── NotSaved      "not-saved"          there is no such case
    ├── Stale         "stale-revision"     somebody saved in between
    ├── WrongKey      "wrong-key"          the key does not open this store
    ├── WrongSchema   "wrong-schema"       made by an older or newer program, or empty
    └── Unavailable   "store-unavailable"  full, gone, locked, read-only or broken
"""

from __future__ import annotations

from datetime import datetime

from rarescale.errors import RareScaleError


class StoreError(RareScaleError):
    """Base of all errors of the store."""

    kind = "store"


class NotSaved(StoreError):
    """The case is not, or no longer, in the store."""

    kind = "not-saved"


class Stale(StoreError):
    """The case was saved since it was read; nothing was written. `by`, `at` and `revision` are of that save."""

    kind = "stale-revision"

    def __init__(self, message: str, *, by: str, at: datetime, revision: int) -> None:
        """All of it stands in the message too."""
        super().__init__(message)
        self.by, self.at, self.revision = by, at, revision


class WrongKey(StoreError):
    """The key is missing, malformed or another one than the store was made with."""

    kind = "wrong-key"


class WrongSchema(StoreError):
    """The tables are missing, older or newer than this program."""

    kind = "wrong-schema"


class Unavailable(StoreError):
    """The database is full, gone, locked, read-only or broken; nothing was half-saved."""

    kind = "store-unavailable"
