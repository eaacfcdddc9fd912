"""Schemas go up and down with everything in them; a store of another version is never touched by accident."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, text

from rarescale.errors import UsageError
from rarescale.store import Store, WrongSchema, init_store, migrate_store, open_store
from rarescale.store.database import Database
from rarescale.store.schema import HEAD, VERSION_TABLE, VERSIONS, metadata
from tests.store.fixtures import NewUrl
from tests.store.samples import NINE, content
from tests.store.test_backups import all_of
from tests.store.test_deleting import full_case


def set_version(url: str, version: str) -> None:
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'"))
    database.close()


def shape(url: str) -> Any:
    database = Database(url)
    with database.reading() as connection:
        found = inspect(connection)
        tables = {
            name: [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)]
            for name in found.get_table_names()
        }
    database.close()
    return tables


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_left_and_reached_again_with_everything_in_it(store: Store, url: str, version: str) -> None:
    full_case(store)
    full_case(store, 1)
    before, log = all_of(store), store.audit_log()

    assert migrate_store(url, version) == (HEAD, version)
    if version != HEAD:
        with pytest.raises(
            WrongSchema, match=f"has schema {version}, this program needs {HEAD}.*rarescale store migrate"
        ):
            open_store(url)
    assert migrate_store(url) == (version, HEAD)

    with open_store(url) as again:
        assert (all_of(again), again.audit_log()) == (before, log)
        assert again.save_case(content(), by="ann", at=NINE).revision == 1


def test_the_migrations_make_the_tables_that_the_program_expects(url: str) -> None:
    made = {name: {(column, nullable) for column, _, nullable in columns} for name, columns in shape(url).items()}
    made.pop(VERSION_TABLE)

    assert made == {t.name: {(c.name, c.nullable) for c in t.columns} for t in metadata.sorted_tables}


def test_the_versions_are_those_of_the_migrations() -> None:
    from pathlib import Path

    from alembic.script import ScriptDirectory

    import rarescale.store

    scripts = ScriptDirectory(str(Path(rarescale.store.__file__).parent / "migrations"))
    assert [s.revision for s in scripts.walk_revisions()][::-1] == list(VERSIONS)


def test_a_store_of_a_newer_program_is_neither_read_nor_changed(url: str) -> None:
    set_version(url, "0999")
    before = shape(url)

    for step in (open_store, init_store, migrate_store):
        with pytest.raises(WrongSchema, match="schema 0999, which is newer than this program"):
            step(url)

    assert shape(url) == before


def test_going_down_is_refused_where_it_would_forget_a_hold(store: Store, url: str) -> None:
    case = full_case(store)
    store.hold(case, True, by="ann", at=NINE)
    before = shape(url)

    with pytest.raises(WrongSchema, match="1 cases are on hold"):
        migrate_store(url, "0001")

    assert shape(url) == before
    assert store.case(case).hold
    store.hold(case, False, by="ann", at=NINE)
    assert migrate_store(url, "0001") == (HEAD, "0001")


def test_a_database_without_a_store_says_how_to_make_one(new_url: NewUrl) -> None:
    url = new_url()
    if url.startswith("sqlite"):
        Database(url).create_file()

    for step in (open_store, migrate_store):
        with pytest.raises(WrongSchema, match="rarescale store init"):
            step(url)


def test_making_a_store_twice_changes_nothing(new_url: NewUrl) -> None:
    url = new_url()
    assert init_store(url)
    with open_store(url) as store:
        case = full_case(store)
        assert not init_store(url)
        assert len(store.history(case)) == 4


def test_unknown_versions_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="expected one of 0001, 0002, 0003"):
        migrate_store(url, "base")
