"""Writing a case down, inside one transaction of the caller: a step is saved whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy import Connection, case, select, union_all
from sqlalchemy.exc import IntegrityError

from rarescale.errors import UsageError
from rarescale.record import Differential
from rarescale.store.errors import Stale
from rarescale.store.lines import CASE_ID, case_row, person, stamp
from rarescale.store.schema import ENTRIES, VERSIONS, cases, contents, edits
from rarescale.store.seal import Seal
from rarescale.store.types import SINCE_0003, Content, Edit, SignOff

EDITS: TypeAdapter[tuple[Edit, ...]] = TypeAdapter(tuple[Edit, ...])


class Writer:
    """One step of one person on one case. `at` is the time of the step."""

    def __init__(self, connection: Connection, seal: Seal, by: str, at: datetime) -> None:
        """Raises UsageError for a name or time that makes no sense."""
        self._connection, self._seal, self._by, self._at = connection, seal, person(by), stamp(at)

    def new(self, case_id: str, owner: str) -> int:
        """A new case at revision 1. Raises Stale where the id is taken, so that saving twice makes one case."""
        row = {"id": _case_id(case_id), "owner": person(owner), "revision": 1, "entries": 0}
        try:
            with self._connection.begin_nested():
                self._connection.execute(cases.insert(), {**row, "created": self._at, "saved": self._at, "hold": False})
        except IntegrityError:
            self._current(case_id, 0)
        return 1

    def next(self, case_id: str, revision: int) -> int:
        """The next revision. Raises Stale when the case is not at `revision` any more, NotSaved when it is gone."""
        held = self._current(case_id, revision)
        return self._set(case_id, revision=held["revision"] + 1)

    def content(self, case_id: str, revision: int, content: Content) -> int:
        """Add what was read. Returns the entry number, as all of these do."""
        silent = {name for name in SINCE_0003 if getattr(content, name) == Content.model_fields[name].default}
        needs = VERSIONS[0] if silent == SINCE_0003 else "0003"
        return self._add("content", case_id, revision, _text(content, silent), needs=needs)

    def edits(self, case_id: str, revision: int, all_edits: Sequence[Edit]) -> int:
        """Add the list of all edits in force; the lists before it stay in the history."""
        return self._add("edits", case_id, revision, EDITS.dump_json(tuple(all_edits)).decode())

    def differential(self, case_id: str, revision: int, made: Differential) -> int:
        """Add a differential made from `revision`, which may be an older one. Raises UsageError for one to come."""
        current = case_row(self._connection, case_id, lock=True)["revision"]
        if not 1 <= revision <= current:
            raise UsageError(f"case {case_id}: expected a revision from 1 to {current}, found {revision}")
        engine = f"{made.engine.name} {made.engine.version}"
        known = {"release": made.knowledge.release, "hash": made.knowledge.hash, "engine": engine}
        return self._add("differential", case_id, revision, _text(made), **known)

    def sign_off(self, case_id: str, revision: int, sign_off: SignOff) -> int:
        """Add a sign-off of the case as it stands. Raises Stale when it changed meanwhile."""
        self._current(case_id, revision)
        if sign_off.differential is not None:
            self._check_differential(case_id, sign_off.differential)
        return self._add("sign-off", case_id, revision, _text(sign_off))

    def hold(self, case_id: str, hold: bool) -> None:
        """Keep retention away from a case, or let it."""
        case_row(self._connection, case_id, lock=True)
        self._connection.execute(cases.update().where(cases.c.id == case_id).values(hold=hold))

    def _current(self, case_id: str, revision: int) -> Any:
        row = case_row(self._connection, case_id, lock=True)
        if row["revision"] != revision:
            by, at = self._last(case_id)
            raise Stale(
                f"case {case_id}: expected revision {row['revision']}, found {revision}: {by} saved it meanwhile, at "
                f"{at}. Nothing of this step was saved. Read the case again, then save what is still missing",
                by=by,
                at=datetime.fromisoformat(at),
                revision=row["revision"],
            )
        return row

    def _last(self, case_id: str) -> tuple[str, str]:
        both = union_all(*(select(t.c.entry, t.c.by, t.c.at).where(t.c.case_id == case_id) for t in (contents, edits)))
        newest = both.subquery()
        row = self._connection.execute(select(newest).order_by(newest.c.entry.desc()).limit(1)).one()
        return row.by, row.at

    def _check_differential(self, case_id: str, entry: int) -> None:
        table = ENTRIES["differential"]
        query = select(table.c.entry).where(table.c.case_id == case_id, table.c.entry == entry)
        if self._connection.execute(query).first() is None:
            raise UsageError(f"case {case_id}: entry {entry} is no differential of it; give the entry that was signed")

    def _set(self, case_id: str, **values: Any) -> int:
        # A clock that jumped back must not make a case look older than it is: retention goes by `saved`.
        saved = case((cases.c.saved < self._at, self._at), else_=cases.c.saved)
        self._connection.execute(cases.update().where(cases.c.id == case_id).values(saved=saved, **values))
        row = self._connection.execute(select(cases.c.revision, cases.c.entries).where(cases.c.id == case_id)).one()
        return int(row.entries if "entries" in values else row.revision)

    def _add(self, kind: str, case_id: str, revision: int, text: str, **more: str) -> int:
        entry = self._set(case_id, entries=cases.c.entries + 1)
        body = self._seal.close(text, place(kind, case_id, entry))
        row = {"case_id": case_id, "entry": entry, "revision": revision, "by": self._by, "at": self._at, "body": body}
        self._connection.execute(ENTRIES[kind].insert(), {**row, **more})
        return entry


def place(kind: str, case_id: str, entry: int) -> str:
    """Where a body stands: what it is sealed to, and what messages call it."""
    return f"{kind} of case {case_id}, entry {entry}"


def _case_id(name: str) -> str:
    if not CASE_ID.fullmatch(name):
        raise UsageError(f"the id of a new case: expected 32 hexadecimal digits, found {len(name)} characters")
    return name


def _text(model: BaseModel, exclude: set[str] | None = None) -> str:
    """As JSON. Raises UsageError for what could not be read again, such as an infinite score."""
    try:
        text = model.model_dump_json(by_alias=True, exclude=exclude)
        type(model).model_validate_json(text)
    except (PydanticSerializationError, ValidationError) as error:
        raise UsageError(
            f"a {type(model).__name__.lower()} that cannot be written as JSON and read again ({type(error).__name__}); "
            "expected finite numbers and text. Nothing was saved"
        ) from None
    return text
