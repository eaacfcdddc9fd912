"""API keys: an id that may be seen, and a secret that is shown once and kept as a hash only.

The secret is 256 random bits, so one SHA-256 is enough: a slow hash protects what people choose and others can guess;
nobody can guess this, however fast they hash, and a fast hash keeps each request cheap.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from rarescale.record import Record

PREFIX = "rs"
MOST_EARLIER = 10
"""Secrets before rotations that are still known to have been good once."""

_FORM = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")


def _aware(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("the time has no time zone; expected one such as 2026-11-26T09:00:00Z")
    return when.astimezone(UTC)


When = Annotated[datetime, AfterValidator(_aware)]


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Key(Record):
    """One key as it is kept. `rotated`: when it last got another secret under the same id; `earlier`: those before."""

    id: str = Field(pattern=r"^[0-9a-f]{12}$")
    sha256: Digest
    created: When
    expires: When
    rotated: When | None = None
    revoked: When | None = None
    earlier: tuple[Digest, ...] = Field(default=(), max_length=MOST_EARLIER)

    def opened_by(self, shown: str) -> bool:
        """Whether `shown` is this key; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(_digest(shown), self.sha256)

    def once_opened_by(self, shown: str) -> bool:
        """Whether `shown` was this key before a rotation."""
        return any([hmac.compare_digest(_digest(shown), digest) for digest in self.earlier])

    def state(self, now: datetime) -> str:
        """`good`, `expired` or `revoked`."""
        if self.revoked is not None:
            return "revoked"
        return "good" if now < self.expires else "expired"


def new_key(now: datetime, expires: datetime) -> tuple[Key, str]:
    """A key, and its text to be shown once."""
    id = secrets.token_hex(6)
    shown = _shown(id)
    return Key(id=id, sha256=_digest(shown), created=now, expires=expires), shown


def rotated(key: Key, now: datetime, expires: datetime) -> tuple[Key, str]:
    """The key with another secret; the old secret opens nothing from now on."""
    shown = _shown(key.id)
    earlier = (*key.earlier, key.sha256)[-MOST_EARLIER:]
    changed = {"sha256": _digest(shown), "rotated": now, "expires": expires, "earlier": earlier}
    return key.model_copy(update=changed), shown


def key_id_of(shown: str) -> str | None:
    """The id in the text of a key; None where it is no key of ours."""
    found = _FORM.fullmatch(shown)
    return found[1] if found else None


def _shown(id: str) -> str:
    return f"{PREFIX}_{id}_{secrets.token_urlsafe(32)}"


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()
