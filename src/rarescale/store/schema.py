"""The tables. Bodies hold patient text as JSON, sealed where the store has a key; everything else is in the clear.

The four kinds of entries stand in tables of their own: what was read, the clinician's edits, differentials, sign-offs.
Triggers, made by the migrations, refuse to change any entry or audit line.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, String, Table, Text, false

from rarescale.errors import UsageError

VERSIONS = ("0001", "0002", "0003")
"""All versions of the schema, oldest first; the last is the one this program reads and writes."""

HEAD = VERSIONS[-1]

VERSION_TABLE = "rarescale_schema"

metadata = MetaData()

settings = Table("settings", metadata, Column("name", String(40), primary_key=True), Column("value", Text))

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(200), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("created", String(32), nullable=False),
    Column("saved", String(32), nullable=False, index=True),
    Column("hold", Boolean, nullable=False, server_default=false()),
)


def _entries(name: str, *more: Column[str]) -> Table:
    return Table(
        name,
        metadata,
        Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
        Column("entry", Integer, primary_key=True, autoincrement=False),
        Column("revision", Integer, nullable=False),
        Column("by", String(200), nullable=False),
        Column("at", String(32), nullable=False),
        *more,
        Column("body", Text, nullable=False),
    )


contents = _entries("contents", Column("needs", String(4), nullable=False, server_default="0001"))
# `needs`: the oldest schema whose programs can read the body, which may be sealed.
edits = _entries("edits")
differentials = _entries(
    "differentials",
    Column("release", String(200), nullable=False),
    Column("hash", String(200), nullable=False),
    Column("engine", String(200), nullable=False),
)
sign_offs = _entries("sign_offs")

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("who", String(200), nullable=False, index=True),
    Column("what", String(64), nullable=False),
    Column("when", String(32), nullable=False),
    Column("case_id", String(32), index=True),
    Column("outcome", String(10), nullable=False),
)

ENTRIES: dict[str, Table] = {
    "content": contents,
    "edits": edits,
    "differential": differentials,
    "sign-off": sign_offs,
}

COPIED = (cases, contents, edits, differentials, sign_offs, audit)
"""What a backup holds, in the order in which it can be restored."""


def is_version(version: str) -> str:
    """The version itself. Raises UsageError for a version this program does not know."""
    if version not in VERSIONS:
        raise UsageError(f"schema version {version}: expected one of {', '.join(VERSIONS)}, or leave it out for {HEAD}")
    return version
