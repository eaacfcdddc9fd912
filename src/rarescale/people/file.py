"""The people file: one JSON object a line for each person, readable by its owner only.

    {"name": "ann", "roles": ["clinician"], "keys": [{"id": …, "sha256": …, "created": …, "expires": …}]}

It holds no secret, only hashes, but it says who may do what, so whoever can write it owns the service. Changes are
made to a copy that takes its place when it is complete, one at a time. Keys that were revoked stay in it, so that the
log can say that somebody still uses one. So do people who were removed: cases and audit log go by the name, and whoever
got it next would have those of the first.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from rarescale.errors import UsageError
from rarescale.people.errors import PeopleError
from rarescale.people.keys import Key, When, new_key, rotated
from rarescale.people.replacing import alone, put_in_place
from rarescale.people.who import Role
from rarescale.record import Record

LARGEST = 4_000_000
"""Bytes; some ten thousand people."""

MOST_KEYS = 100
"""Keys of one person, those included that open nothing any more."""

NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""No colon: names that a provider gives have one, so neither can pass for the other."""

TAKEN = ("local",)
"""Names that mean somebody else."""


class Person(Record):
    """Somebody who may come in by a key, or, once `removed`, could until then."""

    name: str = Field(pattern=NAME)
    roles: frozenset[Role] = Field(min_length=1)
    keys: tuple[Key, ...] = Field(default=(), max_length=MOST_KEYS)
    removed: When | None = None


People = dict[str, Person]


def only_the_owner_reads(path: Path) -> bool:
    """Whether neither the group nor others may read or write the file; also where there are no such modes."""
    return os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & 0o077


def read_people(path: Path) -> People:
    """Name -> person, those who were removed among them. Raises PeopleError where any of it is wrong.

    Half a file of people is none.
    """
    try:
        if not only_the_owner_reads(path):
            raise PeopleError(
                f"{path}: found a file that others may read or write; expected mode 0600. chmod 600 {path}"
            )
        data = path.read_bytes()
    except OSError as error:
        raise PeopleError(
            f"{path}: the people file cannot be read ({error.strerror}). Make one with: rarescale people add"
        ) from None
    if len(data) > LARGEST:
        raise PeopleError(f"{path}: found {len(data)} bytes; expected at most {LARGEST}. Is it the people file?")
    people: People = {}
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            person = _person(path, number, line)
            if person.name in people:
                raise PeopleError(f"{path}:{number}: found {person.name!r} again; expected one line a person")
            people[person.name] = person
    ids = [key.id for person in people.values() for key in person.keys]
    if len(set(ids)) != len(ids):
        raise PeopleError(f"{path}: found two keys of one id; expected each once. Revoke one and make another")
    return people


def _person(path: Path, number: int, line: bytes) -> Person:
    try:
        person = Person.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the line"
        raise PeopleError(
            f"{path}:{number}: {where}: {first['msg']}; expected a person as `rarescale people` writes it. "
            "Restore the file, or remove the line"
        ) from None
    if person.name in TAKEN:
        raise PeopleError(f"{path}:{number}: found the name {person.name!r}, which has a meaning; give another")
    return person


@contextmanager
def change_people(path: Path) -> Iterator[People]:
    """Hand out the people to be changed, and put them in the place of the file at the end; nothing on an error.

    A file that is not there yet has nobody. Two who change at once wait for each other.
    """
    try:
        with alone(path):
            people = read_people(path) if path.exists() else {}
            yield people
            put_in_place(path, _bytes(path, people))
    except OSError as error:
        raise PeopleError(f"{path}: the people file cannot be written ({error.strerror})") from None


def add_person(people: People, name: str, roles: frozenset[Role], *, again: bool = False) -> None:
    """Somebody new, or with `again` the very person who was removed under this name; without a key that opens.

    Raises UsageError for a name that is taken or none, and for one that was somebody's unless `again` says whose.
    """
    before = people.get(name)
    if name in TAKEN or (before is not None and before.removed is None):
        raise UsageError(f"{name!r}: found this name already; expected a new one. Change roles with: people role")
    if before is not None and not again:
        raise UsageError(
            f"{name!r}: found somebody of this name who was removed on {before.removed:%Y-%m-%d}; expected a name that "
            "was nobody's, or their cases and history would be taken for this person's. If it is the same person: "
            "--again"
        )
    if before is None and again:
        raise UsageError(f"{name!r}: found nobody who was removed under this name; expected one. Leave out --again")
    # Their keys are revoked when they are removed, and should be where the file was written by hand.
    keys = tuple(_revoked(key, before.removed) for key in before.keys) if before and before.removed else ()
    try:
        people[name] = Person(name=name, roles=roles, keys=keys)
    except ValidationError as error:
        raise UsageError(
            f"{name!r}: {error.errors()[0]['msg']}; expected small letters, digits, dots and dashes, "
            "and at least one --role"
        ) from None


def set_roles(people: People, name: str, roles: frozenset[Role]) -> None:
    """Give somebody these roles in the place of all they had."""
    people[name] = _of(people, name).model_copy(update={"roles": roles})


def remove_person(people: People, name: str, now: datetime) -> None:
    """From now on somebody may not come in, and none of their keys opens; the file remembers name and keys."""
    person = _of(people, name)
    people[name] = person.model_copy(update={"removed": now, "keys": tuple(_revoked(key, now) for key in person.keys)})


def add_key(people: People, name: str, now: datetime, expires: datetime) -> tuple[Key, str]:
    """One more key for somebody, and its text. Raises UsageError where they have too many that open."""
    person = _of(people, name)
    key, shown = new_key(now, expires)
    people[name] = person.model_copy(update={"keys": (*_with_room(person, now), key)})
    return key, shown


def _with_room(person: Person, now: datetime) -> tuple[Key, ...]:
    """Their keys with room for one more: the oldest that opens nothing is forgotten."""
    if len(person.keys) < MOST_KEYS:
        return person.keys
    over = next((key for key in person.keys if key.state(now) != "good"), None)
    if over is None:
        raise UsageError(f"{person.name!r}: found {MOST_KEYS} keys in use; expected fewer. Revoke one: people revoke")
    return tuple(key for key in person.keys if key is not over)


def rotate_key(people: People, id: str, now: datetime, expires: datetime) -> tuple[Key, str]:
    """Another secret for a key that was not revoked, and its text; the old one opens nothing from now on."""
    made: list[tuple[Key, str]] = []

    def change(key: Key) -> Key:
        if key.revoked is not None:
            raise UsageError(f"key {id}: found one that was revoked; expected one in use. Make a new one: people key")
        made.append(rotated(key, now, expires))
        return made[0][0]

    _change_key(people, id, change)
    return made[0]


def revoke_key(people: People, id: str, now: datetime) -> None:
    """From now on the key opens nothing; it stays in the file, so that its use can be logged."""
    _change_key(people, id, lambda key: _revoked(key, now))


def _revoked(key: Key, now: datetime) -> Key:
    return key if key.revoked else key.model_copy(update={"revoked": now})


def _change_key(people: People, id: str, change: Callable[[Key], Key]) -> None:
    for person in people.values():
        if any(key.id == id for key in person.keys):
            keys = tuple(change(key) if key.id == id else key for key in person.keys)
            people[person.name] = person.model_copy(update={"keys": keys})
            return
    raise UsageError(f"key {id[:20]!r}: found none of this id; expected one that `rarescale people list` shows")


def _of(people: People, name: str) -> Person:
    if name not in people:
        raise UsageError(f"{name!r}: found nobody of this name; expected one that `rarescale people list` shows")
    if people[name].removed is not None:
        raise UsageError(
            f"{name!r}: found somebody who was removed; expected one that `rarescale people list` shows. If the same "
            f"person is back: rarescale people add {name} --again"
        )
    return people[name]


def _bytes(path: Path, people: People) -> bytes:
    data = "".join(person.model_dump_json(exclude_defaults=True) + "\n" for person in people.values()).encode()
    if len(data) > LARGEST:
        raise PeopleError(
            f"{path}: found {len(data)} bytes to write; expected at most {LARGEST}. Take out lines of people who were "
            "removed long ago"
        )
    return data
