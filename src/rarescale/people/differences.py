"""What differs between two states of the people file, one thing at a time, and without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rarescale.people.file import People, Person
from rarescale.people.keys import Key
from rarescale.people.who import Role


@dataclass(frozen=True)
class Change:
    """One thing that became different for one person.

    `what` is `person-` added, removed or forgotten, `role-` given or taken, or `key-` made, rotated, revoked, changed
    or forgotten; forgotten is what stands in the file no more. `about` is the role or the id of the key.
    """

    person: str
    what: str
    about: str = ""

    @property
    def word(self) -> str:
        """All but the person in one word, such as `role-given-clinician`."""
        return f"{self.what}-{self.about}" if self.about else self.what

    @property
    def fields(self) -> dict[str, str]:
        """The change as fields of a log line."""
        fields = {"person": self.person, "what": self.what}
        return fields | {self.what.partition("-")[0]: self.about} if self.about else fields


def differences(before: People, after: People) -> tuple[Change, ...]:
    """What became different, by the names of people."""
    return tuple(
        change for name in sorted({*before, *after}) for change in _of_person(name, before.get(name), after.get(name))
    )


def _of_person(name: str, old: Person | None, new: Person | None) -> Iterator[Change]:
    was, is_now = old is not None and old.removed is None, new is not None and new.removed is None
    if is_now and not was:
        yield Change(name, "person-added")
    had, has = _roles(old), _roles(new)
    yield from (Change(name, "role-given", role) for role in sorted(has - had))
    yield from (Change(name, "role-taken", role) for role in sorted(had - has))
    yield from _of_keys(name, _keys(old), _keys(new))
    if was and not is_now:
        yield Change(name, "person-removed")
    if new is None:
        yield Change(name, "person-forgotten")


def _of_keys(name: str, old: dict[str, Key], new: dict[str, Key]) -> Iterator[Change]:
    for id in sorted({*old, *new}):
        if old.get(id) != new.get(id):
            yield from (Change(name, f"key-{step}", id) for step in _steps(old.get(id), new.get(id)))


def _steps(old: Key | None, new: Key | None) -> Iterator[str]:
    """What happened to a key since somebody looked; it may be several things."""
    if new is None:
        yield "forgotten"
        return
    if old is None:
        yield "made"
    elif new.sha256 != old.sha256:
        yield "rotated"
    revoked = new.revoked is not None and (old is None or old.revoked is None)
    if revoked:
        yield "revoked"
    elif old is not None and new.sha256 == old.sha256:
        yield "changed"


def _roles(person: Person | None) -> frozenset[Role]:
    """Those in force."""
    return frozenset() if person is None or person.removed else person.roles


def _keys(person: Person | None) -> dict[str, Key]:
    return {} if person is None else {key.id: key for key in person.keys}
