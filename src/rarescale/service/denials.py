"""What was refused to whom: every time a line of the log, and once a minute a row of the audit log of the store.

A flood of refusals must not fill the database, so of those with the same person and reason only the first of each
minute becomes a row, and at most `MOST` rows a minute are written in all; the log has every one of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from rarescale.people import NOBODY, Who
from rarescale.service.rights import line_of
from rarescale.service.watch import method_of

if TYPE_CHECKING:
    from rarescale.service.metrics import Metrics
    from rarescale.store import Store

MINUTE = 60.0
MOST = 100

audit = logging.getLogger("rarescale.audit")


class Denied(Exception):
    """A request that is refused. `reason` is one word for the log, the message is for whoever asked."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        who: Who = NOBODY,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`who` is whoever asked, as far as they proved it."""
        super().__init__(message)
        self.status, self.reason, self.message, self.who = status, reason, message, who
        self.headers = dict(headers or {})


def too_many(seconds: float, who: Who = NOBODY, reason: str = "too-many") -> Denied:
    """The refusal of one request too many."""
    wait = max(1, int(seconds) + 1)
    message = f"found more requests than are answered; expected fewer. Wait {wait} s, then go on."
    return Denied(429, reason, message, who=who, headers={"Retry-After": str(wait)})


class Denials:
    """Writes them down. `clock` counts seconds and never goes back, `now` is the time of day."""

    def __init__(
        self,
        store: Store | None,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        metrics: Metrics | None = None,
    ) -> None:
        """Without a store there is only the log; `metrics` counts them, where given."""
        self._metrics = metrics
        self._store, self._clock, self._now = store, clock, now
        self._minute, self._rows = float("-inf"), set[tuple[str, str]]()

    async def note(self, scope: Scope, denied: Denied, address: str) -> None:
        """Write a denial down; called when it was answered already, and never raises."""
        line = line_of(scope["path"])
        fields = {
            "who": denied.who.name,
            "what": method_of(scope),
            "route": line.path if line else "-",
            "reason": denied.reason,
            "status": denied.status,
            "address": address,
        }
        audit.warning("denied %s", json.dumps(fields), extra={"fields": fields})
        if self._metrics is not None:
            self._metrics.count("denied", reason=denied.reason)
        if self._store is None or not self._first(denied.who.name, denied.reason):
            return
        try:
            await run_in_threadpool(self._keep, self._store, denied.who.name, denied.reason)
        except Exception as error:  # noqa: BLE001 - a denial stands, whatever the database says to it
            audit.error("a denial is in this log only: the store said %s", type(error).__name__)

    def _first(self, who: str, reason: str) -> bool:
        """Whether this is the first of its kind in this minute, and not too much."""
        if self._clock() - self._minute >= MINUTE:
            self._minute = self._clock()
            self._rows.clear()
        if (who, reason) in self._rows or len(self._rows) >= MOST:
            return False
        self._rows.add((who, reason))
        return True

    def _keep(self, store: Store, who: str, reason: str) -> None:
        from rarescale.store import AuditEntry

        store.audit(AuditEntry(who=who, what=reason, when=self._now(), outcome="denied"))
