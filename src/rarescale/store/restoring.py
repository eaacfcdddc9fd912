"""Reading a backup of any released version back into an empty store, whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, create_engine, select, table
from sqlalchemy.pool import StaticPool

from rarescale.errors import InputError
from rarescale.store.backups import FORMAT, KEY_CHECK, read_only
from rarescale.store.errors import StoreError, WrongSchema
from rarescale.store.migrating import check_version, migrate
from rarescale.store.schema import COPIED, ENTRIES, HEAD, VERSION_TABLE, VERSIONS, cases
from rarescale.store.seal import Seal
from rarescale.store.writing import place

Row = tuple[str, dict[str, Any]]
_AT_ONCE = 500


@dataclass(frozen=True)
class Backup:
    """An opened backup; `rows` can be walked once: table and columns of each row."""

    path: Path
    version: str
    key_check: str
    rows: Iterator[Row]


def restore(connection: Connection, backup: Backup, old: Seal, new: Seal) -> int:
    """Put all rows into an empty store, opened with `old` and closed with `new`. Returns the number of rows.

    Raises StoreError when the store has cases, WrongKey when `old` is another key than the backup was made with.
    """
    if connection.execute(select(cases.c.id).limit(1)).first() is not None:
        raise StoreError("the store has cases already; a backup is restored into an empty one: rarescale store init")
    old.open(backup.key_check, KEY_CHECK)
    count = 0
    for name, rows in groupby(_current(backup), key=lambda row: row[0]):
        target = next(t for t in COPIED if t.name == name)
        while batch := [_resealed(name, row, old, new) for _, row in islice(rows, _AT_ONCE)]:
            connection.execute(target.insert(), batch)
            count += len(batch)
    return count


def open_backup(path: Path) -> Backup:
    """Look into a backup of either kind. Raises InputError for other or damaged files, WrongSchema for newer ones."""
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise InputError(f"{path}: the backup cannot be read ({error.strerror})") from None
    try:
        backup = _file(path) if start == b"SQLite format 3\0" else _lines(path)
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        raise InputError(
            f"{path}: expected a backup made by `rarescale store backup`, found another, cut off or damaged file"
        ) from None
    if backup.version not in VERSIONS:
        raise WrongSchema(
            f"{path}: schema {backup.version} is newer than this program (up to {HEAD}); use the newer one"
        )
    return backup


def _file(path: Path) -> Backup:
    with closing(sqlite3.connect(read_only(path), uri=True)) as file:
        if file.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise ValueError("damaged")
        version = file.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()[0]
        check = file.execute("SELECT value FROM settings WHERE name = ?", (KEY_CHECK,)).fetchone()[0]
    return Backup(path, version, check, _rows_of_file(path))


def _rows_of_file(path: Path) -> Iterator[Row]:
    with closing(sqlite3.connect(read_only(path), uri=True)) as file:
        file.row_factory = sqlite3.Row
        for source in COPIED:
            order = ", ".join(c.name for c in source.primary_key.columns)
            for row in file.execute(f"SELECT * FROM {source.name} ORDER BY {order}"):
                yield source.name, dict(row)


def _lines(path: Path) -> Backup:
    digest, last, rows = sha256(), b"", -2
    with path.open("rb") as file:
        for line in file:
            digest.update(last)
            last, rows = line, rows + 1
    end = json.loads(last)
    if end != {"rows": rows, "sha256": digest.hexdigest()}:
        raise ValueError("damaged")
    with path.open("rb") as file:
        head = json.loads(file.readline())
    if head["format"] != FORMAT:
        raise ValueError("foreign")
    return Backup(path, head["schema"], head[KEY_CHECK], _rows_of_lines(path, rows))


def _rows_of_lines(path: Path, rows: int) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in islice(file, 1, rows + 1):
            value = json.loads(line)
            yield value["table"], value["row"]


def _current(backup: Backup) -> Iterable[Row]:
    """The rows as this program's schema has them; those of an older one are migrated in memory."""
    if backup.version == HEAD:
        yield from backup.rows
        return
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as memory:
        migrate(memory, str(backup.path), backup.version)
        for name, row in backup.rows:
            memory.execute(table(name, *map(column, row)).insert(), row)
        migrate(memory, str(backup.path))
        check_version(memory, str(backup.path))
        for source in COPIED:
            query = select(source).order_by(*source.primary_key.columns)
            yield from ((source.name, dict(row)) for row in memory.execute(query).mappings())
    engine.dispose()


def _resealed(name: str, row: dict[str, Any], old: Seal, new: Seal) -> dict[str, Any]:
    kind = next((kind for kind, entries in ENTRIES.items() if entries.name == name), None)
    if kind is not None:
        where = place(kind, row["case_id"], row["entry"])
        return {**row, "body": new.close(old.open(row["body"], where), where)}
    # Lines of the log get new numbers: the store has a few of its own already.
    return {k: v for k, v in row.items() if k != "id"} if name == "audit" else row
