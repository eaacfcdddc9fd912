"""Cases, their entries, the audit log; and triggers that refuse to change what was written once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ENTRIES = ("contents", "edits", "differentials", "sign_offs")


def upgrade() -> None:
    """From nothing."""
    op.create_table("settings", sa.Column("name", sa.String(40), primary_key=True), sa.Column("value", sa.Text))
    op.create_table(
        "cases",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("saved", sa.String(32), nullable=False, index=True),
    )
    for name in _ENTRIES:
        op.create_table(name, *_entry_columns(name))
        _refuse(name, "UPDATE")
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("who", sa.String(200), nullable=False, index=True),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("when", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), index=True),
        sa.Column("outcome", sa.String(10), nullable=False),
    )
    _refuse("audit", "UPDATE")
    _refuse("audit", "DELETE")


def downgrade() -> None:
    """Never: it would throw all cases away."""
    raise NotImplementedError("there is no schema before 0001")


def _entry_columns(name: str) -> list[sa.Column[Any]]:
    known = ("release", "hash", "engine") if name == "differentials" else ()
    return [
        sa.Column("case_id", sa.String(32), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        *(sa.Column(column, sa.String(200), nullable=False) for column in known),
        sa.Column("body", sa.Text, nullable=False),
    ]


def _refuse(table: str, command: str) -> None:
    """A trigger that stops `command`: written once, read for ever."""
    name = f"{table}_no_{command.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {command} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} never change'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {command} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
