"""The roll follows the file: what is taken away is refused at once, and a file that is damaged lets nobody in."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from rarescale.people import (
    BadKey,
    PeopleError,
    Role,
    Roll,
    add_key,
    add_person,
    change_people,
    key_id_of,
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
    assert refused(roll, shown) == "unknown-key"
    with pytest.raises(BadKey) as rotated:
        roll.still(key)
    assert (rotated.value.reason, rotated.value.owner) == ("rotated-key", "ann")
    with change_people(path) as people:
        revoke_key(people, key.id, times.now())
    times.pass_by(1)
    assert refused(roll, new) == "revoked-key"
    with pytest.raises(BadKey):
        roll.still(key)


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
