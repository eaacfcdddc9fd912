"""A backup of either database is restored on either, whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import InputError, UsageError
from rarescale.store import Store, StoreError, WrongKey, WrongSchema, init_store, migrate_store, open_store
from tests.store.fixtures import NewUrl
from tests.store.samples import ABSENT, NINE, SECRET, at, content, differential
from tests.store.test_deleting import full_case

KEY, OTHER = b"k" * 32, b"o" * 32


def all_of(store: Store) -> list[Any]:
    return [(line, store.case(line.case), store.history(line.case)) for line in store.cases()]


def endings(url: str) -> tuple[str, ...]:
    return (".jsonl", ".sqlite") if url.startswith("sqlite") else (".jsonl",)


@pytest.fixture
def dump(sqlite_url: NewUrl, tmp_path: Path) -> Path:
    """A backup in lines of a store with one full case."""
    url = sqlite_url()
    init_store(url)
    with open_store(url) as store:
        full_case(store)
        store.backup(tmp_path / "one.jsonl", by="ann", at=NINE)
    return tmp_path / "one.jsonl"


def test_a_restored_store_is_the_one_that_was_saved(
    store: Store, url: str, new_url: NewUrl, sqlite_url: NewUrl, tmp_path: Path
) -> None:
    for minute in range(3):
        full_case(store, minute)
    store.hold(store.cases()[0].case, True, by="ann", at=NINE)
    store.delete(store.cases()[1].case, by="ann", at=at(9))

    for ending in endings(url):
        log = store.audit_log()
        store.backup(tmp_path / f"backup{ending}", by="ann", at=at(10))
        for target in (new_url(), sqlite_url()):
            init_store(target)
            with open_store(target) as restored:
                assert restored.restore(tmp_path / f"backup{ending}", by="admin", at=at(11)) > 10
                assert all_of(restored) == all_of(store)
                assert restored.audit_log()[:-1] == log
                assert restored.audit_log()[-1].what == "restore"
                again = restored.save_case(content("next"), by="ann", at=at(12))
                assert restored.case(again.case) == again


def test_a_copy_of_an_sqlite_file_is_restored_on_the_other_database(
    sqlite_url: NewUrl, postgresql_url: NewUrl, tmp_path: Path
) -> None:
    source, target = sqlite_url(), postgresql_url()
    init_store(source)
    init_store(target)
    with open_store(source) as store, open_store(target) as other:
        store.hold(full_case(store), True, by="ann", at=NINE)
        odd = tmp_path / "copy? 100%#1.sqlite"
        store.backup(odd, by="ann", at=NINE)

        other.restore(odd, by="ann", at=NINE)

        assert all_of(other) == all_of(store)


def test_a_backup_is_one_file_that_only_its_owner_reads(store: Store, url: str, tmp_path: Path) -> None:
    full_case(store)
    folder = tmp_path / "backups"
    folder.mkdir()
    for ending in endings(url):
        store.backup(folder / f"b{ending}", by="ann", at=NINE)
        assert stat.S_IMODE((folder / f"b{ending}").stat().st_mode) == 0o600
    assert sorted(p.name for p in folder.iterdir()) == sorted(f"b{e}" for e in endings(url))


def test_a_backup_never_replaces_a_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text("mine")

    with pytest.raises(UsageError, match="already"):
        store.backup(tmp_path / "b.jsonl", by="ann", at=NINE)
    with pytest.raises(UsageError, match="ends in"):
        store.backup(tmp_path / "b.zip", by="ann", at=NINE)
    with pytest.raises(UsageError, match="no file can be made"):
        store.backup(tmp_path / "nowhere" / "b.jsonl", by="ann", at=NINE)

    assert (tmp_path / "b.jsonl").read_text() == "mine"


def test_a_store_with_cases_is_not_restored_over(store: Store, dump: Path) -> None:
    kept = store.save_case(content("kept"), by="bob", at=NINE)

    with pytest.raises(StoreError, match="has cases already"):
        store.restore(dump, by="ann", at=NINE)

    assert [line.case for line in store.cases()] == [kept.case]


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "empty"])
def test_a_damaged_backup_restores_nothing(store: Store, dump: Path, damage: str) -> None:
    lines = dump.read_bytes().splitlines(keepends=True)
    texts = {
        "cut": b"".join(lines[:-1]),
        "changed": b"".join(lines).replace(b"shaky", b"steady"),
        "foreign": b'{"id": "x", "text": "a note"}\n',
        "empty": b"",
    }
    dump.write_bytes(texts[damage])

    with pytest.raises(InputError, match="expected a backup made by"):
        store.restore(dump, by="ann", at=NINE)

    assert store.cases() == ()


def test_a_damaged_copy_restores_nothing(sqlite_url: NewUrl, store: Store, tmp_path: Path) -> None:
    source = sqlite_url()
    init_store(source)
    with open_store(source) as other:
        for minute in range(20):
            full_case(other, minute)
        other.backup(tmp_path / "copy.db", by="ann", at=NINE)
    half = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "copy.db").write_bytes(half[: len(half) // 2])

    with pytest.raises(InputError, match="damaged"):
        store.restore(tmp_path / "copy.db", by="ann", at=NINE)

    assert store.cases() == ()


def test_a_backup_of_a_newer_program_is_refused(store: Store, dump: Path) -> None:
    from hashlib import sha256

    lines = dump.read_bytes().replace(b'"schema": "0003"', b'"schema": "0999"').splitlines(keepends=True)
    digest = sha256(b"".join(lines[:-1])).hexdigest()
    end = f'{{"rows": {len(lines) - 2}, "sha256": "{digest}"}}\n'.encode()
    dump.write_bytes(b"".join(lines[:-1]) + end)

    with pytest.raises(WrongSchema, match="0999 is newer"):
        store.restore(dump, by="ann", at=NINE)


def test_a_backup_of_an_older_schema_is_migrated_while_it_is_restored(
    url: str, store: Store, new_url: NewUrl, tmp_path: Path
) -> None:
    full_case(store)
    expected = all_of(store)
    migrate_store(url, "0001")
    for ending in endings(url):
        _old_backup(url, tmp_path / f"old{ending}")
        target = new_url()
        init_store(target)
        with open_store(target) as restored:
            restored.restore(tmp_path / f"old{ending}", by="ann", at=NINE)
            assert all_of(restored) == expected


def _old_backup(url: str, path: Path) -> None:
    """A backup as the program of schema 0001 would have written it: `cases` has no column `hold`."""
    import json
    from hashlib import sha256

    from sqlalchemy import MetaData, select

    from rarescale.store.backups import backup
    from rarescale.store.database import Database

    database = Database(url)
    if path.suffix == ".sqlite":
        backup(database, path, NINE)
        database.close()
        return
    with database.reading() as connection:
        tables = MetaData()
        tables.reflect(connection)
        values: list[Any] = [{"format": "rarescale-store", "schema": "0001", "made": "", "key-check": "rarescale"}]
        for name in ("cases", "contents", "edits", "differentials", "sign_offs", "audit"):
            rows = connection.execute(select(tables.tables[name])).mappings()
            values += [{"table": name, "row": dict(row)} for row in rows]
    database.close()
    assert "hold" not in values[1]["row"]
    lines = "".join(json.dumps(v) + "\n" for v in values)
    end = {"rows": len(values) - 1, "sha256": sha256(lines.encode()).hexdigest()}
    path.write_text(lines + json.dumps(end) + "\n")


# Sealed stores.


def test_a_sealed_store_gives_back_what_was_saved_and_shows_no_text_without_the_key(
    new_url: NewUrl, tmp_path: Path
) -> None:
    url = new_url()
    init_store(url, KEY)
    with open_store(url, KEY) as store:
        case = full_case(store)
        assert (store.case(case).content, store.case(case).edits) == (content(), (ABSENT,))
        assert store.differentials(case)[0].differential == differential()
        store.backup(tmp_path / "sealed.jsonl", by="ann", at=NINE)
    text = (tmp_path / "sealed.jsonl").read_text()
    assert case in text
    for word in (SECRET, "shaky", "HP:0001337", "Wilson"):
        assert word not in text


def test_a_sealed_store_is_opened_with_its_own_key_only(new_url: NewUrl) -> None:
    sealed, plain = new_url(), new_url()
    init_store(sealed, KEY)
    init_store(plain)

    with pytest.raises(WrongKey, match="cannot be opened with this key"):
        open_store(sealed, OTHER)
    with pytest.raises(WrongKey, match="no key was given"):
        open_store(sealed)
    with pytest.raises(WrongKey, match="leave the key out"):
        open_store(plain, KEY)
    with pytest.raises(WrongKey):
        init_store(sealed, OTHER)


def test_restoring_can_change_the_key(new_url: NewUrl, tmp_path: Path) -> None:
    first, second, third = new_url(), new_url(), new_url()
    init_store(first, KEY)
    init_store(second, OTHER)
    init_store(third)
    with open_store(first, KEY) as a, open_store(second, OTHER) as b, open_store(third) as c:
        full_case(a)
        a.backup(tmp_path / "a.jsonl", by="ann", at=NINE)
        with pytest.raises(WrongKey):
            b.restore(tmp_path / "a.jsonl", by="ann", at=NINE, backup_key=OTHER)
        assert b.cases() == ()
        b.restore(tmp_path / "a.jsonl", by="ann", at=NINE, backup_key=KEY)
        c.restore(tmp_path / "a.jsonl", by="ann", at=NINE, backup_key=KEY)
        assert all_of(a) == all_of(b) == all_of(c)


def test_sealed_text_cannot_be_moved_to_another_case(sqlite_url: NewUrl) -> None:
    import sqlite3

    url = sqlite_url()
    init_store(url, KEY)
    with open_store(url, KEY) as store:
        one = store.save_case(content("one"), by="ann", at=NINE).case
        two = store.save_case(content("two"), by="ann", at=NINE).case
    file = sqlite3.connect(url.removeprefix("sqlite:///"))
    file.execute("DROP TRIGGER contents_no_update")
    file.execute(
        "UPDATE contents SET body = (SELECT body FROM contents WHERE case_id = ?) WHERE case_id = ?", (one, two)
    )
    file.commit()
    file.close()

    with open_store(url, KEY) as store, pytest.raises(WrongKey, match="damaged"):
        store.case(two)
