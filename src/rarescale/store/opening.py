"""Making, opening and migrating a store."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy import Connection, text

from rarescale.store.backups import KEY_CHECK, key_check
from rarescale.store.database import Database
from rarescale.store.migrating import check_version, migrate, version_of
from rarescale.store.schema import HEAD, settings
from rarescale.store.seal import seal_of
from rarescale.store.store import Store


def _random_id() -> str:
    return uuid.uuid4().hex


def open_store(url: str, key: bytes | None = None, *, new_id: Callable[[], str] = _random_id) -> Store:
    """Open the store at a URL, such as ``sqlite:///cases.sqlite`` or ``postgresql://me@host/cases``.

    `key` are the 32 bytes it was made with, if any; `new_id` makes ids of 32 hexadecimal digits. Raises Unavailable,
    WrongSchema (no store, older, newer), WrongKey, and UsageError for other URLs. A file that others may read is warned
    of in the log.
    """
    database, seal = Database(url), seal_of(key)
    try:
        database.warn_if_open()
        with database.reading() as connection:
            check_version(connection, database.where)
            seal.open(key_check(connection), KEY_CHECK)
    except BaseException:
        database.close()
        raise
    return Store(database, seal, new_id)


def init_store(url: str, key: bytes | None = None) -> bool:
    """Make the tables in an empty database; with a key, patient text will be sealed.

    Returns False when there is such a store already. Raises WrongKey when that has another key, WrongSchema when it
    is of another version. A file that was there gets mode 0600 before anything is written; that of a store keeps its
    mode, with a warning.
    """
    database, seal = Database(url), seal_of(key)
    try:
        database.create_file()
        with database.writing() as connection:
            _one_at_a_time(database, connection)
            new = version_of(connection) is None
            if new:
                database.for_the_owner_alone()
                migrate(connection, database.where)
                connection.execute(settings.insert(), {"name": KEY_CHECK, "value": seal.close("rarescale", KEY_CHECK)})
            check_version(connection, database.where)
            seal.open(key_check(connection), KEY_CHECK)
            database.warn_if_open()
            return new
    finally:
        database.close()


def migrate_store(url: str, to: str = HEAD) -> tuple[str | None, str]:
    """Bring the tables to a version, up or down, with everything in them. Returns the versions before and after.

    Raises WrongSchema for no store, for one of a newer program, and where going down would lose something.
    """
    database = Database(url)
    try:
        with database.writing() as connection:
            _one_at_a_time(database, connection)
            if version_of(connection) is None:
                check_version(connection, database.where)
            return migrate(connection, database.where, to)
    finally:
        database.close()


def _one_at_a_time(database: Database, connection: Connection) -> None:
    if database.path is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(7241905)"))
