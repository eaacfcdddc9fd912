"""Really deleting: the case, its history and all texts go; the audit log keeps that it happened, without any text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from rarescale.errors import UsageError
from rarescale.store.lines import case_row, line_of, note, stamp
from rarescale.store.schema import ENTRIES, cases
from rarescale.store.types import CaseLine

TABLES = (*(table.name for table in ENTRIES.values()), cases.name)
"""Tables that deleted text leaves."""


def delete_cases(connection: Connection, ids: Sequence[str], by: str, at: datetime, what: str = "delete") -> None:
    """Delete cases, with one line of the audit log for each. Raises NotSaved, then nothing is deleted."""
    for case in sorted(ids):
        case_row(connection, case, lock=True)
        for table in ENTRIES.values():
            connection.execute(table.delete().where(table.c.case_id == case))
        connection.execute(cases.delete().where(cases.c.id == case))
        note(connection, by, what, at, case)


def expired(connection: Connection, days: int, now: datetime, *, all_of_them: bool = False) -> tuple[CaseLine, ...]:
    """Cases not saved for `days` days and not on hold, oldest first.

    Raises UsageError where the clock looks wrong: it is before the last save, or every case would go (which
    `all_of_them` allows).
    """
    if days < 1:
        raise UsageError(f"retention of {days} days: expected 1 or more")
    limit = stamp(now - timedelta(days=days))
    newest = connection.execute(select(func.max(cases.c.saved))).scalar()
    if newest is not None and newest > stamp(now):
        raise UsageError(
            f"the clock says {stamp(now)}, but a case was saved at {newest}; nothing was deleted. Check the clock"
        )
    if newest is not None and newest < limit and not all_of_them:
        raise UsageError(
            f"by this clock ({stamp(now)}) every case is older than {days} days, the newest of {newest}; nothing was "
            "deleted. Check the clock; if it is right, say so with --even-all"
        )
    query = select(cases).where(cases.c.saved < limit, cases.c.hold.is_(False)).order_by(cases.c.saved, cases.c.id)
    # Locked, so that a case saved again between the list and the deletion is not deleted.
    return tuple(line_of(row) for row in connection.execute(query.with_for_update()).mappings())
