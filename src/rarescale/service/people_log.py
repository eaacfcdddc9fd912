"""What changes in the people file: a line of the log for each step, and a row of the audit log of the store.

The command that changes the file has no store, and a file can be changed by hand as well, so the service that goes by
it writes. It does not know who made the change; a row stands under the name of the person whom it is about.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from rarescale.people import Change

if TYPE_CHECKING:
    from rarescale.store import Store

log = logging.getLogger("rarescale.people.changes")


class PeopleLog:
    """Writes changes down. `now` is the time of day."""

    def __init__(self, store: Store | None, *, now: Callable[[], datetime]) -> None:
        """Without a store there is only the log."""
        self._store, self._now = store, now
        self._waiting: deque[tuple[Change, datetime]] = deque()

    def changed(self, changes: tuple[Change, ...]) -> None:
        """Write the lines of the log; the rows wait for `keep`, as a database may be slow."""
        for change in changes:
            log.info("people %s", json.dumps(change.fields), extra={"fields": change.fields})
            if self._store is not None:
                self._waiting.append((change, self._now()))

    async def keep(self) -> None:
        """Write the rows that wait; never raises for what the database says."""
        if self._store is not None and self._waiting:
            await run_in_threadpool(self._keep, self._store)

    def _keep(self, store: Store) -> None:
        from rarescale.store import AuditEntry

        try:
            while True:
                change, when = self._waiting.popleft()
                store.audit(AuditEntry(who=change.person, what=change.word, when=when))
        except IndexError:
            return
        except Exception as error:  # noqa: BLE001 - a change of the file counts, whatever the database says to it
            self._waiting.clear()
            log.error("changes of people are in this log only: the store said %s", type(error).__name__)
