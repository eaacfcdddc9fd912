"""What `/v1/cases` answers."""

from __future__ import annotations

from typing import Literal

from rarescale.record import SCHEMA_VERSION, Differential, Record
from rarescale.store import CaseLine, Changes, Entry, Listed, SavedDifferential


class CaseList(Record):
    """Own cases, last saved first."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    cases: tuple[Listed, ...]


class Kept(CaseLine):
    """A case that was just saved, with the differential that was kept with it."""

    differential: Differential


class History(Record):
    """Everything that was saved of a case, oldest first."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    case: str
    entries: tuple[Entry, ...]


class Differentials(Record):
    """All differentials of a case, oldest first, each with the knowledge it was made with."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    case: str
    differentials: tuple[SavedDifferential, ...]


class RunAgain(Record):
    """A differential made today and kept as one more; `changes` against the one before it, if there was one."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    case: str
    entry: int
    differential: Differential
    changes: Changes | None


class Signed(Record):
    """A sign-off that was kept; `entry` is its number in the history."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    case: str
    entry: int
    revision: int
