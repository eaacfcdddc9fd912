"""The store: what may be done with saved cases. Nothing gets in unless it is saved here by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rarescale.record import Differential
from rarescale.store.backups import backup
from rarescale.store.database import Database
from rarescale.store.history import export, list_cases, read_audit, read_case, read_differentials, read_history
from rarescale.store.lines import case_row, line_of, note, write_audit
from rarescale.store.migrating import check_version
from rarescale.store.removal import TABLES, delete_cases, expired
from rarescale.store.restoring import open_backup, restore
from rarescale.store.seal import Seal, seal_of
from rarescale.store.types import (
    AuditEntry,
    CaseLine,
    Content,
    Deleted,
    Edit,
    Entry,
    SavedCase,
    SavedDifferential,
    SignOff,
)
from rarescale.store.writing import Writer


class Store:
    """An open store; safe to use from many threads. All times are arguments and need a time zone.

    Every method raises Unavailable where the database is full, gone, locked, read-only or broken, and then nothing of
    the step is saved.
    """

    def __init__(self, database: Database, seal: Seal, new_id: Callable[[], str]) -> None:
        """Use `open_store` instead."""
        self._database, self._seal, self._new_id = database, seal, new_id

    def save_case(
        self,
        content: Content,
        *,
        by: str,
        at: datetime,
        case: str | None = None,
        revision: int | None = None,
        owner: str | None = None,
        edits: Sequence[Edit] | None = None,
        differential: Differential | None = None,
    ) -> SavedCase:
        """Save all of one case in one step: a new one, or on top of the `revision` of a `case` that was read.

        Without a `revision` the case is new; `case` is then the id it gets, so that a repeated save is found out, by
        default a fresh one. `edits` are all edits in force (None leaves those saved before). `owner` is for new
        cases, by default `by`. Raises Stale when somebody saved in between or the id is taken, NotSaved when the case
        is gone; then nothing is written.
        """
        with self._database.writing() as connection:
            writer = Writer(connection, self._seal, by, at)
            case = case or self._new_id()
            now = writer.new(case, owner or by) if revision is None else writer.next(case, revision)
            writer.content(case, now, content)
            if edits is not None:
                writer.edits(case, now, edits)
            if differential is not None:
                writer.differential(case, now, differential)
            note(connection, by, "save-case", at, case)
            return read_case(connection, self._seal, case)

    def save_edits(self, case: str, revision: int, edits: Sequence[Edit], *, by: str, at: datetime) -> int:
        """Save the list of all edits in force. Returns the new revision. Raises Stale, NotSaved."""
        with self._database.writing() as connection:
            writer = Writer(connection, self._seal, by, at)
            now = writer.next(case, revision)
            writer.edits(case, now, edits)
            note(connection, by, "save-edits", at, case)
            return now

    def add_differential(self, case: str, revision: int, made: Differential, *, by: str, at: datetime) -> int:
        """Keep a differential made from `revision` with the knowledge it names. Returns its entry number.

        It is never changed; a run with newer knowledge is one more. Raises NotSaved, UsageError.
        """
        with self._database.writing() as connection:
            entry = Writer(connection, self._seal, by, at).differential(case, revision, made)
            note(connection, by, "add-differential", at, case)
            return entry

    def sign_off(self, case: str, revision: int, sign_off: SignOff, *, by: str, at: datetime) -> int:
        """Sign the case as it stands at `revision`. Returns the entry number. Raises Stale, NotSaved, UsageError."""
        with self._database.writing() as connection:
            entry = Writer(connection, self._seal, by, at).sign_off(case, revision, sign_off)
            note(connection, by, "sign-off", at, case)
            return entry

    def hold(self, case: str, hold: bool, *, by: str, at: datetime) -> None:
        """Keep retention from deleting a case, or let it again. Raises NotSaved."""
        with self._database.writing() as connection:
            Writer(connection, self._seal, by, at).hold(case, hold)
            note(connection, by, "hold" if hold else "release", at, case)

    def cases(self, owner: str | None = None) -> tuple[CaseLine, ...]:
        """Cases of one owner or of all, last saved first."""
        with self._database.reading() as connection:
            return list_cases(connection, owner)

    def line(self, case: str) -> CaseLine:
        """Whose a case is and how it stands, nothing of the patient. Raises NotSaved."""
        with self._database.reading() as connection:
            return line_of(case_row(connection, case))

    def titles(self, *cases: str) -> dict[str, str]:
        """The titles of cases, which are text of patients. Raises NotSaved."""
        with self._database.reading() as connection:
            return {case: read_case(connection, self._seal, case).content.title for case in cases}

    def case(self, case: str) -> SavedCase:
        """A case as it stands. Raises NotSaved. Who reads it is for the caller to write into the audit log."""
        with self._database.reading() as connection:
            return read_case(connection, self._seal, case)

    def history(self, case: str) -> tuple[Entry, ...]:
        """Everything that was saved of a case, oldest first. Raises NotSaved."""
        with self._database.reading() as connection:
            return read_history(connection, self._seal, case)

    def differentials(self, case: str) -> tuple[SavedDifferential, ...]:
        """All differentials of a case, oldest first. Raises NotSaved."""
        with self._database.reading() as connection:
            return read_differentials(connection, self._seal, case)

    def audit(self, entry: AuditEntry) -> None:
        """Write one line of the audit log; it has no place for text of a patient."""
        with self._database.writing() as connection:
            write_audit(connection, entry)

    def audit_log(self, *, case: str | None = None, who: str | None = None) -> tuple[AuditEntry, ...]:
        """The audit log, oldest first; every step of this class writes its line in the same transaction."""
        with self._database.reading() as connection:
            return read_audit(connection, case, who)

    def export_all(self, person: str, *, by: str, at: datetime) -> dict[str, Any]:
        """Everything one person has, as JSON values in the clear; the log keeps which cases were taken out."""
        with self._database.writing() as connection:
            note(connection, by, "export", at)
            cases = tuple(line.case for line in list_cases(connection, person))
            for case in cases:
                note(connection, by, "export", at, case)
        with self._database.reading() as connection:
            return export(connection, self._seal, person, cases, at)

    def delete(self, *cases: str, by: str, at: datetime) -> Deleted:
        """Really delete cases with all their history; the audit log keeps that it happened. Raises NotSaved."""
        with self._database.writing() as connection:
            delete_cases(connection, cases, by, at)
        return Deleted(cases=cases, purged=self._database.purge(TABLES))

    def retention(self, days: int, *, by: str, at: datetime, even_all: bool = False, dry: bool = False) -> Deleted:
        """Delete the cases not saved for `days` days and not on hold; `dry` only says which.

        Raises UsageError where the clock looks wrong: `at` before the last save, or every case too old (unless
        `even_all`).
        """
        with self._database.writing() as connection:
            found = tuple(line.case for line in expired(connection, days, at, all_of_them=even_all))
            if not dry:
                delete_cases(connection, found, by, at, "retention")
        return Deleted(cases=found, purged=not dry and self._database.purge(TABLES))

    def backup(self, path: Path, *, by: str, at: datetime) -> None:
        """Write a backup of this moment to a new file, `.jsonl` or (SQLite only) `.sqlite`; others go on working."""
        backup(self._database, path, at)
        with self._database.writing() as connection:
            note(connection, by, "backup", at)

    def restore(self, path: Path, *, by: str, at: datetime, backup_key: bytes | None = None) -> int:
        """Put a backup of either kind into this empty store. Returns the number of rows.

        `backup_key` is the key the backup was made with; text is sealed anew with the key of this store. Raises
        InputError for a damaged backup, WrongKey, StoreError when there are cases already; then nothing is restored.
        """
        found = open_backup(path)
        with self._database.writing() as connection:
            count = restore(connection, found, seal_of(backup_key), self._seal)
            note(connection, by, "restore", at)
        return count

    def ping(self) -> None:
        """Say whether the database answers: raises Unavailable or WrongSchema when it does not."""
        with self._database.reading() as connection:
            check_version(connection, self._database.where)

    def close(self) -> None:
        """Let all connections go."""
        self._database.close()

    def __enter__(self) -> Store:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
