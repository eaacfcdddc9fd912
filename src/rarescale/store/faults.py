"""What the database drivers say when something is wrong, turned into sentences."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rarescale.store.errors import Unavailable

_FULL = "the disk or database is full; nothing of this step was saved, what was saved before is intact. Make room"
_LOCKED = "another program keeps the database locked; nothing of this step was saved. Try again in a moment"
_READ_ONLY = "the database cannot be written; nothing of this step was saved. Check the rights of file and folder"
_GONE = "the database cannot be reached; nothing of this step was saved. Check that it is there and running, try again"
_BROKEN = "the file is damaged or no database; nothing of this step was saved. Restore a backup into a new store"
_INPUT_OUTPUT = "the disk failed to read or write; nothing of this step was saved. Check the disk, try again"

_SQLITE = {
    "SQLITE_FULL": _FULL,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": _GONE,
    "SQLITE_NOTADB": _BROKEN,
    "SQLITE_CORRUPT": _BROKEN,
    "SQLITE_IOERR": _INPUT_OUTPUT,
}

# SQLSTATE, by its beginning: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "53100": _FULL,
    "53300": "all connections are taken; nothing of this step was saved. Try again in a moment",
    "55P03": _LOCKED,
    "57014": _LOCKED,
    "40": _LOCKED,
    "25006": _READ_ONLY,
    "42501": _READ_ONLY,
    "57P0": _GONE,
    "08": _GONE,
    "28": "the database refuses this user or password; check the URL",
    "3D": "there is no database of this name on the server; make one with createdb, or check the URL",
    "XX001": _BROKEN,
}


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Raise Unavailable for what an operator can mend; anything else of the database is a bug and passes."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = _sentence(error)
        if said is None:
            raise
        # The driver's own message may hold values, and so text of a patient; only its code is told.
        raise Unavailable(f"{where}: {said}") from None
    except PoolTimeout:
        raise Unavailable(f"{where}: all connections are busy; nothing of this step was saved. Try again") from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Unavailable(f"{where}: {_FULL}") from None


def _sentence(error: DBAPIError | sqlite3.Error) -> str | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorname", "") or ""
        return next((s for name, s in _SQLITE.items() if code.startswith(name)), None)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg has no code where it never reached the server or lost it on the way.
        return _GONE if type(cause).__name__ == "OperationalError" else None
    return next((s for start, s in _POSTGRESQL.items() if state.startswith(start)), None)
