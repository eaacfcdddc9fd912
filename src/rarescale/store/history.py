"""Reading cases: as they stand, with all that came before, the audit log, and everything one person has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from rarescale.record import Differential, Release
from rarescale.store.lines import case_row, line_fields, line_of, stamp
from rarescale.store.schema import ENTRIES, audit, cases, differentials
from rarescale.store.seal import Seal
from rarescale.store.types import AuditEntry, CaseLine, Content, Entry, SavedCase, SavedDifferential, SignOff
from rarescale.store.writing import EDITS, place


def list_cases(connection: Connection, owner: str | None) -> tuple[CaseLine, ...]:
    """Cases of one owner or of all, last saved first."""
    query = select(cases).order_by(cases.c.saved.desc(), cases.c.id)
    if owner is not None:
        query = query.where(cases.c.owner == owner)
    return tuple(line_of(row) for row in connection.execute(query).mappings())


def read_case(connection: Connection, seal: Seal, case: str) -> SavedCase:
    """A case as it stands. Raises NotSaved."""
    row = case_row(connection, case)
    content = _newest(connection, "content", case)
    edits = _newest(connection, "edits", case)
    assert content is not None, "a case is never saved without its content"
    return SavedCase(
        **line_fields(row),
        content=Content.model_validate_json(_open(seal, "content", content)),
        edits=EDITS.validate_json(_open(seal, "edits", edits)) if edits else (),
    )


def read_history(connection: Connection, seal: Seal, case: str) -> tuple[Entry, ...]:
    """All entries of a case, oldest first, in the order in which they were saved. Raises NotSaved."""
    case_row(connection, case)
    found = []
    for kind, table in ENTRIES.items():
        rows = connection.execute(select(table).where(table.c.case_id == case)).mappings()
        found += [_entry(kind, row, _open(seal, kind, row)) for row in rows]
    return tuple(sorted(found, key=lambda entry: entry.entry))


def read_differentials(connection: Connection, seal: Seal, case: str) -> tuple[SavedDifferential, ...]:
    """All differentials of a case, oldest first, each as it was made. Raises NotSaved."""
    case_row(connection, case)
    table = differentials
    rows = connection.execute(select(table).where(table.c.case_id == case).order_by(table.c.entry)).mappings()
    return tuple(
        SavedDifferential(
            **{name: row[name] for name in ("entry", "revision", "by", "at", "engine")},
            knowledge=Release(release=row["release"], hash=row["hash"]),
            differential=Differential.model_validate_json(_open(seal, "differential", row)),
        )
        for row in rows
    )


def read_audit(connection: Connection, case: str | None = None, who: str | None = None) -> tuple[AuditEntry, ...]:
    """The audit log, oldest first."""
    query = select(audit).order_by(audit.c.id)
    if case is not None:
        query = query.where(audit.c.case_id == case)
    if who is not None:
        query = query.where(audit.c.who == who)
    return tuple(
        AuditEntry(who=r.who, what=r.what, when=r.when, case=r.case_id, outcome=r.outcome)
        for r in connection.execute(query)
    )


def export(connection: Connection, seal: Seal, person: str, ids: Collection[str], at: datetime) -> dict[str, Any]:
    """Those of a person's cases as JSON values with all history, and what the log says of the person."""
    lines = [line for line in list_cases(connection, person) if line.case in ids]
    return {
        "format": "rarescale-export",
        "schema_version": "1",
        "person": person,
        "exported": stamp(at),
        "cases": [
            {
                **line.model_dump(mode="json"),
                "history": [_exported(entry) for entry in read_history(connection, seal, line.case)],
            }
            for line in lines
        ],
        "audit": [entry.model_dump(mode="json") for entry in read_audit(connection, who=person)],
    }


def _exported(entry: Entry) -> dict[str, Any]:
    return {k: v for k, v in entry.model_dump(mode="json", by_alias=True).items() if v is not None}


def _newest(connection: Connection, kind: str, case: str) -> RowMapping | None:
    table = ENTRIES[kind]
    query = select(table).where(table.c.case_id == case).order_by(table.c.entry.desc()).limit(1)
    return connection.execute(query).mappings().first()


def _open(seal: Seal, kind: str, row: RowMapping) -> str:
    return seal.open(row["body"], place(kind, row["case_id"], row["entry"]))


def _entry(kind: str, row: RowMapping, text: str) -> Entry:
    common = {"kind": kind, **{name: row[name] for name in ("entry", "revision", "by", "at")}}
    if kind == "content":
        return Entry(**common, content=Content.model_validate_json(text))
    if kind == "edits":
        return Entry(**common, edits=EDITS.validate_json(text))
    if kind == "differential":
        return Entry(**common, differential=Differential.model_validate_json(text))
    return Entry(**common, sign_off=SignOff.model_validate_json(text))
