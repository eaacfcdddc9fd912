"""Bringing the tables to another version, up or down, with everything in them. A failed migration changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from rarescale.store.errors import WrongSchema
from rarescale.store.schema import HEAD, VERSION_TABLE, VERSIONS, is_version


def version_of(connection: Connection) -> str | None:
    """The schema version of a database, None where it has no store."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return found


def check_version(connection: Connection, where: str) -> None:
    """Raises WrongSchema unless the tables are those of this program."""
    found = version_of(connection)
    if found == HEAD:
        return
    if found is None:
        raise WrongSchema(f"{where}: there is no store in this database yet; make one with: rarescale store init")
    if found in VERSIONS:
        raise WrongSchema(
            f"{where}: the store has schema {found}, this program needs {HEAD}; make a backup with the program that "
            "wrote it, then run: rarescale store migrate"
        )
    raise WrongSchema(
        f"{where}: the store has schema {found}, which is newer than this program (it knows up to {HEAD}); nothing was "
        "read or changed. Use the newer program, or let it migrate the store down first"
    )


def migrate(connection: Connection, where: str, to: str = HEAD) -> tuple[str | None, str]:
    """Migrate inside the transaction of `connection`. Returns the versions before and after.

    Raises WrongSchema for tables of a newer program, and where going down would lose something.
    """
    from alembic import command

    found = version_of(connection)
    if found is not None and found not in VERSIONS:
        check_version(connection, where)
    # Text comparison is right as long as versions have the same width.
    step = command.upgrade if found is None or found < is_version(to) else command.downgrade
    step(_config(connection), to)
    return found, to


def _config(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
