"""A database behind a URL: SQLite in a file (WAL), or PostgreSQL. One transaction for each step, faults explained."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from rarescale.errors import UsageError
from rarescale.store.errors import Unavailable
from rarescale.store.faults import explained

_WAIT_S = 5.0
"""How long a step waits for a lock before it gives up."""

_PURGE_MS = 500

_CONNECTIONS = 50

_BESIDE = ("", "-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps for one database; it makes them with the mode of the first."""

log = logging.getLogger("rarescale.store")


class Database:
    """Connections to one database. `path` is the file of SQLite, None for PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for a URL that is neither; connects to nothing yet."""
        parsed = _parsed(url)
        self.path = Path(parsed.database).absolute() if parsed.drivername == "sqlite" and parsed.database else None
        self.where = str(self.path) if self.path else parsed.render_as_string(hide_password=True)
        self.engine = _postgresql(parsed) if self.path is None else _sqlite(self.path)
        self._identity: tuple[int, int] | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that is saved whole at the end, or not at all."""
        with explained(self.where):
            self._check_file()
            with self.engine.connect() as connection:
                if self.path:
                    connection = connection.execution_options(rarescale_begin="BEGIN IMMEDIATE")
                with connection.begin():
                    yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of the database as it is now; what others save meanwhile is not seen."""
        with explained(self.where):
            self._check_file()
            with self.engine.connect() as connection:
                if not self.path:
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection

    def create_file(self) -> None:
        """For SQLite: make an empty file that only its owner can read, where there is none yet."""
        if self.path is None or self.path.exists():
            return
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise Unavailable(
                f"{self.path}: the file of the store cannot be made ({error.strerror}); expected a folder that exists "
                "and that you may write to"
            ) from None

    def for_the_owner_alone(self) -> None:
        """For SQLite: let nobody but the owner read a file that is to be a store. Raises Unavailable."""
        found = self._open_to_others()
        try:
            for path in found:
                path.chmod(0o600)
        except OSError as error:
            raise Unavailable(
                f"{self.path}: found a file that others may read, and its mode cannot be changed ({error.strerror}); "
                "expected mode 0600. Let its owner do it, or give another name"
            ) from None
        if found:
            log.warning("%s: others could read this file; its mode is 0600 now", self.path)

    def warn_if_open(self) -> None:
        """For SQLite: say which files others may read. Somebody may mean it, so nothing is changed."""
        if found := " ".join(map(str, self._open_to_others())):
            log.warning("%s: others may read these saved cases; expected mode 0600: chmod 600 %s", self.path, found)

    def _open_to_others(self) -> list[Path]:
        if self.path is None or os.name != "posix":
            return []
        files = (self.path.with_name(self.path.name + ending) for ending in _BESIDE)
        return [path for path in files if _others_may(path)]

    def purge(self, tables: tuple[str, ...]) -> bool:
        """Let deleted rows leave the files too; False where somebody still reads an older state.

        SQLite overwrites deleted text with zeros (secure_delete) and then empties the write-ahead log. PostgreSQL
        frees the rows (VACUUM); its own log and backups are the administrator's.
        """
        with explained(self.where), self.engine.connect() as connection:
            if self.path is None:
                free = connection.execution_options(isolation_level="AUTOCOMMIT")
                free.exec_driver_sql(f"VACUUM {', '.join(tables)}")
                return True
            direct = connection.execution_options(rarescale_begin=None)
            # A reader may take long; the deletion itself is done, so it is not worth waiting for.
            direct.exec_driver_sql(f"PRAGMA busy_timeout={_PURGE_MS}")
            try:
                return not direct.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            finally:
                direct.exec_driver_sql(f"PRAGMA busy_timeout={int(_WAIT_S * 1000)}")

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()

    def _check_file(self) -> None:
        """SQLite goes on writing to a file that was deleted or replaced; what it saves there is lost."""
        if self.path is None:
            return
        try:
            status = self.path.stat()
        except OSError:
            self.engine.dispose()
            raise Unavailable(
                f"{self.path}: the file of the store is not there; nothing of this step was saved. Bring it back, or "
                "restore a backup into a new store (rarescale store init, rarescale store restore)"
            ) from None
        identity = (status.st_dev, status.st_ino)
        if self._identity not in (None, identity):
            self.engine.dispose()
            raise Unavailable(
                f"{self.path}: the file of the store was replaced by another one; nothing of this step was saved. "
                "Start the program again"
            )
        self._identity = identity


def _others_may(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except OSError:  # SQLite takes its logs away when the last one closes the database
        return False


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The URL itself is not repeated: it may hold a password.
        raise UsageError(_EXPECTED) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise UsageError(_EXPECTED)


_EXPECTED = (
    "the address of the store: expected sqlite:///FILE (four slashes for an absolute path) or "
    "postgresql://USER@HOST/NAME; found something else"
)


def _sqlite(path: Path) -> Engine:
    address = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=_WAIT_S, isolation_level=None)
        # FULL: a commit survives a power cut. secure_delete: deleted text is overwritten with zeros.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=10, max_overflow=_CONNECTIONS - 10
    )
    _begin_explicitly(engine)
    return engine


def _begin_explicitly(engine: Engine) -> None:
    # Python's sqlite3 begins late and not before DDL; we begin ourselves, so that each step is one transaction.
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        command = connection.get_execution_options().get("rarescale_begin", "BEGIN")
        if command:
            connection.exec_driver_sql(command)


def _postgresql(url: URL) -> Engine:
    wait_ms = int(_WAIT_S * 1000)
    return create_engine(
        url,
        pool_size=10,
        max_overflow=_CONNECTIONS - 10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": int(_WAIT_S), "options": f"-c lock_timeout={wait_ms}"},
    )
