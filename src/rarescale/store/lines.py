"""Small things that all writers share: times, the audit log, the row of a case."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, RowMapping, select

from rarescale.errors import UsageError
from rarescale.store.errors import NotSaved
from rarescale.store.schema import audit, cases
from rarescale.store.types import AuditEntry, CaseLine, Who

CASE_ID = re.compile(r"[0-9a-f]{32}")
"""What an id looks like; anything else is no case, and some of it no text a database takes."""

_WHO: TypeAdapter[str] = TypeAdapter(Who)


def stamp(at: datetime) -> str:
    """The instant as text that sorts like time: UTC, microseconds. Raises UsageError without a time zone."""
    if at.tzinfo is None:
        raise UsageError(f"the time {at} has no time zone; expected one, such as datetime.now(UTC)")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def person(name: str) -> str:
    """The name itself. Raises UsageError for a name that is empty, longer than 200 or has control characters."""
    try:
        return _WHO.validate_python(name)
    except ValidationError:
        raise UsageError(f"a name of {len(name)} characters: expected 1 to 200, no control characters") from None


def note(connection: Connection, by: str, what: str, at: datetime, case: str | None = None) -> None:
    """Write one line of the audit log in the transaction of the step itself."""
    stamp(at)
    write_audit(connection, AuditEntry(who=person(by), what=what, when=at, case=case))


def write_audit(connection: Connection, entry: AuditEntry) -> None:
    """Write one line of the audit log."""
    row = {"who": entry.who, "what": entry.what, "when": stamp(entry.when), "case_id": entry.case}
    connection.execute(audit.insert(), {**row, "outcome": entry.outcome})


def case_row(connection: Connection, case: str, *, lock: bool = False) -> RowMapping:
    """The row of a case; `lock` keeps others from changing it. Raises NotSaved when there is none."""
    if not CASE_ID.fullmatch(case):
        raise not_saved(case)
    query = select(cases).where(cases.c.id == case)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise not_saved(case)
    return row


def not_saved(case: str) -> NotSaved:
    """What is said of a case that is not there, and in the same words of another person's."""
    return NotSaved(f"case {case[:40]!r}: it is not in the store, or was deleted; expected an id as listed by `cases`")


def line_of(row: RowMapping) -> CaseLine:
    """The line of a list for a row of `cases`."""
    return CaseLine(**line_fields(row))


def line_fields(row: RowMapping) -> dict[str, Any]:
    """The fields of a CaseLine."""
    named = {"case": row["id"], "hold": bool(row["hold"])}
    return {**named, **{name: row[name] for name in ("owner", "revision", "created", "saved")}}
