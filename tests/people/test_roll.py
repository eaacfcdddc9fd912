"""The roll follows the file: what is taken away is refused at once, and a file that is damaged lets nobody in."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from rarescale.people import (
    BadKey,
    Change,
    PeopleError,
    Role,
    Roll,
    add_key,
    add_person,
    change_people,
    key_id_of,
    remove_person,
    revoke_key,
    rotate_key,
    set_roles,
)
from tests.people.provider import Times


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people"


@pytest.fixture
def shown(path: Path, times: Times) -> str:
    with change_people(path) as people:
        add_person(people, "ann", frozenset({Role.CLINICIAN}))
        return add_key(people, "ann", times.now(), times.now() + timedelta(days=1))[1]


@pytest.fixture
def roll(path: Path, shown: str, times: Times) -> Roll:
    return Roll(path, clock=times.clock, now=times.now)


def refused(roll: Roll, shown: str) -> str:
    with pytest.raises(BadKey) as error:
        roll.by_key(shown)
    assert shown not in str(error.value)
    return error.value.reason


def test_a_key_is_its_owners(roll: Roll, shown: str) -> None:
    who, key = roll.by_key(shown)
    assert who.name == "ann" and who.roles == {Role.CLINICIAN} and key.id == key_id_of(shown)
    assert roll.still(key) == who


@pytest.mark.parametrize("change", [lambda k: k[:-1], lambda k: "rs_" + "0" * 12 + k[15:], lambda k: "zz", str.upper])
def test_what_is_not_the_key_opens_nothing(roll: Roll, shown: str, change: object) -> None:
    assert refused(roll, change(shown)) == "unknown-key"  # type: ignore[operator]


def test_a_key_ends_with_its_time(roll: Roll, shown: str, times: Times) -> None:
    times.pass_by(86_399)
    roll.by_key(shown)
    times.pass_by(1)
    assert refused(roll, shown) == "expired-key"


def test_a_change_counts_a_second_later_without_a_restart(roll: Roll, shown: str, path: Path, times: Times) -> None:
    key = roll.by_key(shown)[1]
    with change_people(path) as people:
        set_roles(people, "ann", frozenset({Role.ADMIN}))
    times.pass_by(1)
    assert roll.by_key(shown)[0].roles == {Role.ADMIN}
    with change_people(path) as people:
        new = rotate_key(people, key.id, times.now(), times.now() + timedelta(days=1))[1]
    times.pass_by(1)
    assert refused(roll, shown) == "rotated-key"
    with pytest.raises(BadKey) as rotated:
        roll.still(key)
    assert (rotated.value.reason, rotated.value.owner) == ("rotated-key", "ann")
    with change_people(path) as people:
        revoke_key(people, key.id, times.now())
    times.pass_by(1)
    assert refused(roll, new) == "revoked-key"
    with pytest.raises(BadKey):
        roll.still(key)


def test_a_key_of_somebody_removed_says_whose_it_was(roll: Roll, shown: str, path: Path, times: Times) -> None:
    key = roll.by_key(shown)[1]
    with change_people(path) as people:
        remove_person(people, "ann", times.now())
    times.pass_by(1)
    for step in (lambda: roll.by_key(shown), lambda: roll.still(key)):
        with pytest.raises(BadKey) as error:
            step()
        assert (error.value.reason, error.value.owner) == ("revoked-key", "ann")


def test_a_removed_person_whose_key_was_left_open_by_hand_stays_out(
    roll: Roll, shown: str, path: Path, times: Times
) -> None:
    with change_people(path) as people:
        people["ann"] = people["ann"].model_copy(update={"removed": times.now()})
    times.pass_by(1)
    assert refused(roll, shown) == "revoked-key"


class Told(list[tuple[str, str]]):
    """What a roll says of changes."""

    def __call__(self, changes: tuple[Change, ...]) -> None:
        self.extend((change.person, change.word) for change in changes)

    def since(self) -> list[tuple[str, str]]:
        found = list(self)
        self.clear()
        return found


def test_each_change_is_told_once(path: Path, shown: str, times: Times) -> None:
    told, id = Told(), key_id_of(shown)
    roll = Roll(path, clock=times.clock, now=times.now, changed=told)

    def seen() -> list[tuple[str, str]]:
        times.pass_by(1)
        for _ in range(2):
            with suppress(BadKey):
                roll.by_key(shown)
        return told.since()

    assert seen() == []
    with change_people(path) as people:
        add_person(people, "bob", frozenset({Role.RESEARCHER, Role.ADMIN}))
        new = add_key(people, "bob", times.now(), times.now() + timedelta(days=1))[0].id
        set_roles(people, "ann", frozenset({Role.RESEARCHER}))
    assert seen() == [
        ("ann", "role-given-researcher"),
        ("ann", "role-taken-clinician"),
        ("bob", "person-added"),
        ("bob", "role-given-admin"),
        ("bob", "role-given-researcher"),
        ("bob", f"key-made-{new}"),
    ]
    with change_people(path) as people:
        rotate_key(people, str(id), times.now(), times.now() + timedelta(days=1))
        revoke_key(people, new, times.now())
    assert seen() == [("ann", f"key-rotated-{id}"), ("bob", f"key-revoked-{new}")]
    with change_people(path) as people:
        remove_person(people, "ann", times.now())
        del people["bob"]
    assert seen() == [
        ("ann", "role-taken-researcher"),
        ("ann", f"key-revoked-{id}"),
        ("ann", "person-removed"),
        ("bob", "role-taken-admin"),
        ("bob", "role-taken-researcher"),
        ("bob", f"key-forgotten-{new}"),
        ("bob", "person-removed"),
        ("bob", "person-forgotten"),
    ]
    with change_people(path) as people:
        add_person(people, "ann", frozenset({Role.ADMIN}), again=True)
        key = people["ann"].keys[0]
        people["ann"] = people["ann"].model_copy(update={"keys": (key.model_copy(update={"revoked": None}),)})
    assert seen() == [("ann", "person-added"), ("ann", "role-given-admin"), ("ann", f"key-changed-{id}")]


def test_what_changes_while_the_file_cannot_be_used_is_told_when_it_can(path: Path, shown: str, times: Times) -> None:
    told = Told()
    roll = Roll(path, clock=times.clock, now=times.now, changed=told)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(PeopleError):
        roll.by_key(shown)
    assert told.since() == []
    path.write_bytes(whole)
    with change_people(path) as people:
        add_person(people, "bob", frozenset({Role.ADMIN}))
    times.pass_by(1)
    roll.by_key(shown)
    assert told.since() == [("bob", "person-added"), ("bob", "role-given-admin")]


@pytest.mark.parametrize("damage", ["cut", "gone", "open"])
def test_a_file_that_cannot_be_used_lets_nobody_in_until_it_can(
    roll: Roll, shown: str, path: Path, times: Times, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    roll.by_key(shown)
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[:-20])
    elif damage == "gone":
        path.unlink()
    else:
        path.chmod(0o644)
    times.pass_by(1)
    for _ in range(3):
        with pytest.raises(PeopleError):
            roll.by_key(shown)
        times.pass_by(1)
    errors = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(errors) == 1 and str(path) in errors[0].getMessage()
    path.write_bytes(whole)
    path.chmod(0o600)
    times.pass_by(1)
    assert roll.by_key(shown)[0].name == "ann"


def test_the_file_is_looked_at_once_a_second_at_most(
    roll: Roll, shown: str, path: Path, times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    found = Path.stat
    monkeypatch.setattr(Path, "stat", lambda self, **k: looks.append(self) or found(self, **k))
    for _ in range(100):
        roll.by_key(shown)
    first = len([p for p in looks if p == path])
    times.pass_by(1)
    roll.by_key(shown)
    assert len([p for p in looks if p == path]) == first + 1
