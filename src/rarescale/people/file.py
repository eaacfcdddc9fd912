"""The people file: one JSON object a line for each person, readable by its owner only.

    {"name": "ann", "roles": ["clinician"], "keys": [{"id": …, "sha256": …, "created": …, "expires": …}]}

It holds no secret, only hashes, but it says who may do what, so whoever can write it owns the service. Changes are
made to a copy that takes its place when it is complete, one at a time. Keys that were revoked stay in it, so that the
log can say that somebody still uses one.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from rarescale.errors import UsageError
from rarescale.people.errors import PeopleError
from rarescale.people.keys import Key, new_key, rotated
from rarescale.people.who import Role
from rarescale.record import Record

LARGEST = 4_000_000
"""Bytes; some ten thousand people."""

NAME = r"^[a-z0-9][a-z0-9._-]{0,63}$"
"""No colon: names that a provider gives have one, so neither can pass for the other."""

TAKEN = ("local",)
"""Names that mean somebody else."""


class Person(Record):
    """Somebody who may come in by a key."""

    name: str = Field(pattern=NAME)
    roles: frozenset[Role] = Field(min_length=1)
    keys: tuple[Key, ...] = Field(default=(), max_length=100)


People = dict[str, Person]


def only_the_owner_reads(path: Path) -> bool:
    """Whether neither the group nor others may read or write the file; also where there are no such modes."""
    return os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & 0o077


def read_people(path: Path) -> People:
    """Name -> person. Raises PeopleError where any of it is wrong: half a file of people is none."""
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
        with _alone(path):
            people = read_people(path) if path.exists() else {}
            yield people
            _write(path, people)
    except OSError as error:
        raise PeopleError(f"{path}: the people file cannot be written ({error.strerror})") from None


def add_person(people: People, name: str, roles: frozenset[Role]) -> None:
    """Somebody new, without a key. Raises UsageError for a name that is taken or none."""
    if name in people or name in TAKEN:
        raise UsageError(f"{name!r}: found this name already; expected a new one. Change roles with: people role")
    try:
        people[name] = Person(name=name, roles=roles)
    except ValidationError as error:
        raise UsageError(
            f"{name!r}: {error.errors()[0]['msg']}; expected small letters, digits, dots and dashes, "
            "and at least one --role"
        ) from None


def set_roles(people: People, name: str, roles: frozenset[Role]) -> None:
    """Give somebody these roles in the place of all they had."""
    people[name] = _of(people, name).model_copy(update={"roles": roles})


def remove_person(people: People, name: str) -> None:
    """Take somebody and all their keys out."""
    del people[_of(people, name).name]


def add_key(people: People, name: str, now: datetime, expires: datetime) -> tuple[Key, str]:
    """One more key for somebody, and its text."""
    person = _of(people, name)
    key, shown = new_key(now, expires)
    people[name] = person.model_copy(update={"keys": (*person.keys, key)})
    return key, shown


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
    _change_key(people, id, lambda key: key if key.revoked else key.model_copy(update={"revoked": now}))


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
    return people[name]


def _write(path: Path, people: People) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)  # 0600 from the start
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for person in people.values():
                file.write(person.model_dump_json(exclude_none=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError, PermissionError, AttributeError):
            was = path.stat()
            os.chown(part, was.st_uid, was.st_gid)  # so that root's change leaves it to the user of the service
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock beside the file; the file itself is replaced, so a lock on it would be lost."""
    try:
        import fcntl
    except ImportError:  # where there is no such lock, one person at a time has to change the file
        yield
        return
    with os.fdopen(os.open(f"{path}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
