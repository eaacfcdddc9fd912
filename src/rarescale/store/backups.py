"""Backups. Either a copy of the SQLite file (`.sqlite`, `.db`), made while the store is in use, or a dump of our tables
as JSON lines (`.jsonl`); both can be restored on SQLite and on PostgreSQL. Sealed text stays sealed in them.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, select

from rarescale.errors import UsageError
from rarescale.store.database import Database
from rarescale.store.faults import explained
from rarescale.store.lines import stamp
from rarescale.store.migrating import version_of
from rarescale.store.new_file import new_file
from rarescale.store.schema import COPIED, settings

FORMAT = "rarescale-store"
KEY_CHECK = "key-check"
FILE_ENDINGS = (".sqlite", ".sqlite3", ".db")
DUMP_ENDING = ".jsonl"


def backup(database: Database, path: Path, at: datetime) -> None:
    """Write a backup of one moment to a new file. Raises UsageError for a name that exists or has another ending."""
    step = f"backup of {database.where} to {path}"
    if path.suffix == DUMP_ENDING:
        with database.reading() as connection, explained(step), new_file(path) as part:
            _dump(connection, part, at)
    elif path.suffix in FILE_ENDINGS and database.path is not None:
        with explained(step), new_file(path) as part:
            _copy(database.path, part)
    else:
        endings = (DUMP_ENDING, *(FILE_ENDINGS if database.path else ()))
        raise UsageError(f"{path}: expected a name that ends in {' or '.join(endings)}, found {path.suffix or 'none'}")


def read_only(path: Path) -> str:
    """The address under which sqlite3 reads a file and never makes or changes one."""
    return f"file:{quote(str(path))}?mode=ro"


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(read_only(source), uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        # One file that can be carried away, without a log beside it.
        new.execute("PRAGMA journal_mode=DELETE").fetchall()


def _dump(connection: Connection, target: Path, at: datetime) -> None:
    digest, rows = sha256(), 0
    with target.open("w", encoding="utf-8") as file:

        def write(value: object) -> None:
            line = json.dumps(value, ensure_ascii=False) + "\n"
            digest.update(line.encode())
            file.write(line)

        write({"format": FORMAT, "schema": version_of(connection), "made": stamp(at), KEY_CHECK: key_check(connection)})
        for table in COPIED:
            query = select(table).order_by(*table.primary_key.columns).execution_options(stream_results=True)
            for row in connection.execute(query).mappings():
                write({"table": table.name, "row": dict(row)})
                rows += 1
        file.write(json.dumps({"rows": rows, "sha256": digest.hexdigest()}) + "\n")


def key_check(connection: Connection) -> str:
    """The word that only the right key opens."""
    return str(connection.execute(select(settings.c.value).where(settings.c.name == KEY_CHECK)).scalar_one())
