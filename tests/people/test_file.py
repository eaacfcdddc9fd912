"""The people file: what is written can be read, what is damaged lets nobody in, two who change wait for each other."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.people import (
    PeopleError,
    Person,
    Role,
    add_key,
    add_person,
    change_people,
    key_id_of,
    read_people,
    remove_person,
    revoke_key,
    rotate_key,
    set_roles,
)

People = dict[str, Person]
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=90)
DOCTOR = frozenset({Role.CLINICIAN})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.jsonl"


def with_ann(path: Path) -> str:
    """A file with one person; returns the text of her key."""
    with change_people(path) as people:
        add_person(people, "ann", DOCTOR)
        return add_key(people, "ann", NOW, LATER)[1]


def test_the_file_holds_a_hash_and_no_key_and_is_its_owners_alone(path: Path) -> None:
    shown = with_ann(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = shown.split("_", 2)[2]
    assert secret not in path.read_text() and len(secret) == 43
    key = read_people(path)["ann"].keys[0]
    assert key.opened_by(shown) and key_id_of(shown) == key.id and not key.opened_by(shown[:-1] + "!")


def test_what_is_changed_is_there_when_it_is_read_again(path: Path) -> None:
    with_ann(path)
    with change_people(path) as people:
        add_person(people, "bob", frozenset({Role.RESEARCHER, Role.ADMIN}))
        set_roles(people, "ann", frozenset({Role.ADMIN}))
    roles = {name: person.roles for name, person in read_people(path).items()}
    assert roles == {"ann": frozenset({Role.ADMIN}), "bob": frozenset({Role.RESEARCHER, Role.ADMIN})}


def test_somebody_removed_is_remembered_and_nothing_of_theirs_opens(path: Path) -> None:
    shown = with_ann(path)
    with change_people(path) as people:
        remove_person(people, "ann", LATER)
    ann = read_people(path)["ann"]
    assert ann.removed == LATER and ann.keys[0].opened_by(shown) and ann.keys[0].state(NOW) == "revoked"
    steps: list[Callable[[People], object]] = [
        lambda people: add_key(people, "ann", NOW, LATER),
        lambda people: set_roles(people, "ann", DOCTOR),
        lambda people: rotate_key(people, ann.keys[0].id, NOW, LATER),
        lambda people: remove_person(people, "ann", NOW),
    ]
    for step in steps:
        with pytest.raises(UsageError, match=r"removed|revoked"), change_people(path) as people:
            step(people)


def test_a_name_is_nobody_elses_unless_it_is_said_to_be_the_same_person(path: Path) -> None:
    with_ann(path)
    with change_people(path) as people:
        remove_person(people, "ann", LATER)
    with pytest.raises(UsageError, match=r"cases and history.*--again"), change_people(path) as people:
        add_person(people, "ann", DOCTOR)
    with change_people(path) as people:
        add_person(people, "ann", frozenset({Role.ADMIN}), again=True)
        add_key(people, "ann", NOW, LATER)
    ann = read_people(path)["ann"]
    assert (ann.removed, ann.roles) == (None, frozenset({Role.ADMIN}))
    assert [key.state(NOW) for key in ann.keys] == ["revoked", "good"]


@pytest.mark.parametrize(("name", "said"), [("bob", "Leave out --again"), ("ann", "already"), ("local", "already")])
def test_again_is_for_those_who_were_removed(path: Path, name: str, said: str) -> None:
    with_ann(path)
    with pytest.raises(UsageError, match=said), change_people(path) as people:
        add_person(people, name, DOCTOR, again=True)


def test_a_rotated_key_keeps_its_id_and_its_old_secret_opens_nothing(path: Path) -> None:
    old = with_ann(path)
    with change_people(path) as people:
        key, new = rotate_key(people, str(key_id_of(old)), LATER, LATER + timedelta(days=1))
    kept = read_people(path)["ann"].keys[0]
    assert key_id_of(new) == key_id_of(old) and kept.opened_by(new) and not kept.opened_by(old)
    assert kept.rotated == LATER and kept.created == NOW and key.state(LATER) == "good"
    assert kept.once_opened_by(old) and not kept.once_opened_by(new)
    assert old.split("_", 2)[2] not in path.read_text()


def test_a_key_that_is_rotated_often_can_still_be_read(path: Path) -> None:
    shown = [with_ann(path)]
    id = str(key_id_of(shown[0]))
    for _ in range(12):
        with change_people(path) as people:
            shown.append(rotate_key(people, id, NOW, LATER)[1])
    key = read_people(path)["ann"].keys[0]
    assert key.opened_by(shown[-1]) and [key.once_opened_by(old) for old in shown] == [False] * 2 + [True] * 10 + [
        False
    ]


def test_keys_end_by_time_and_by_hand(path: Path) -> None:
    id = str(key_id_of(with_ann(path)))
    with change_people(path) as people:
        revoke_key(people, id, NOW)
        with pytest.raises(UsageError, match="revoked"):
            rotate_key(people, id, NOW, LATER)
        key, _ = add_key(people, "ann", NOW, LATER)
    assert read_people(path)["ann"].keys[0].state(NOW) == "revoked"
    assert key.state(LATER - timedelta(seconds=1)) == "good" and key.state(LATER) == "expired"


@pytest.mark.parametrize("name", ["local", "ann", "", "Ann", "oidc:x", "a b", "x" * 65, "../x", "a\nb"])
def test_names_that_mean_another_or_cannot_be_read_are_refused(path: Path, name: str) -> None:
    with_ann(path)
    with change_people(path) as people, pytest.raises(UsageError):
        add_person(people, name, DOCTOR)


def test_nobody_is_without_a_role(path: Path) -> None:
    with change_people(path) as people, pytest.raises(UsageError, match="role"):
        add_person(people, "ann", frozenset())


def test_an_error_changes_nothing(path: Path) -> None:
    with_ann(path)
    before = path.read_bytes()
    with pytest.raises(UsageError), change_people(path) as people:
        add_person(people, "bob", DOCTOR)
        remove_person(people, "nobody", NOW)
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["people.jsonl"]


def test_somebody_with_many_keys_can_still_be_read_and_loses_the_oldest_that_opens_nothing(path: Path) -> None:
    with_ann(path)
    with change_people(path) as people:
        for _ in range(99):
            add_key(people, "ann", NOW, LATER)
    with pytest.raises(UsageError, match="100 keys in use"), change_people(path) as people:
        add_key(people, "ann", NOW, LATER)
    over = read_people(path)["ann"].keys[40].id
    with change_people(path) as people:
        revoke_key(people, over, NOW)
        new = add_key(people, "ann", NOW, LATER)[0]
    ids = [key.id for key in read_people(path)["ann"].keys]
    assert len(ids) == 100 and ids[-1] == new.id and over not in ids


def test_a_file_that_would_be_too_large_to_read_is_not_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_ann(path)
    before = path.read_bytes()
    monkeypatch.setattr("rarescale.people.file.LARGEST", len(before) + 10)
    with pytest.raises(PeopleError, match="removed long ago"), change_people(path) as people:
        add_person(people, "bob", DOCTOR)
    assert path.read_bytes() == before


def test_changes_at_once_are_all_kept(path: Path) -> None:
    def add(number: int) -> None:
        with change_people(path) as people:
            add_person(people, f"p{number}", DOCTOR)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert len(read_people(path)) == 40


def good_line(path: Path) -> dict[str, object]:
    with_ann(path)
    return dict(json.loads(path.read_text()))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ann Lee"},
        {"name": "local"},
        {"roles": []},
        {"roles": ["god"]},
        {"extra": 1},
        {"keys": [{"id": "x"}]},
        {"keys": None},
    ],
)
def test_a_line_that_is_wrong_is_named(path: Path, change: dict[str, object]) -> None:
    line = good_line(path)
    path.write_text("\n" + json.dumps(line | change))
    with pytest.raises(PeopleError, match=":2: "):
        read_people(path)


def test_the_same_person_or_key_twice_is_refused(path: Path) -> None:
    line = good_line(path)
    path.write_text(json.dumps(line) + "\n" + json.dumps(line))
    with pytest.raises(PeopleError, match="again"):
        read_people(path)
    path.write_text(json.dumps(line) + "\n" + json.dumps(line | {"name": "bob"}))
    with pytest.raises(PeopleError, match="one id"):
        read_people(path)


def test_a_file_that_others_may_touch_is_refused(path: Path) -> None:
    with_ann(path)
    for mode in (0o640, 0o604, 0o602, 0o660):
        path.chmod(mode)
        with pytest.raises(PeopleError, match="0600"):
            read_people(path)
    with pytest.raises(PeopleError, match="0600"), change_people(path):
        raise AssertionError("never handed out")


def test_no_file_is_an_error_for_reading(path: Path) -> None:
    with pytest.raises(PeopleError, match="people add"):
        read_people(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_people_or_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "people"
    path.touch(0o600)
    path.write_bytes(data)
    try:
        people = read_people(path)
    except PeopleError:
        return
    assert not people


@given(st.text(max_size=80))
def test_no_text_but_a_key_is_a_key(text: str) -> None:
    assert key_id_of(text) is None
    assert key_id_of(f"rs_{text}_{'a' * 43}") is None or len(text) == 12
