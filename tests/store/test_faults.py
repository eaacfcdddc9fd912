"""When the database is full, gone, locked, read-only or broken: a clear sentence, and nothing half-saved."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from rarescale.errors import UsageError
from rarescale.store import Store, StoreError, Unavailable, init_store, open_store
from tests.store.fixtures import NewUrl
from tests.store.samples import NINE, at, content, differential
from tests.store.server import Server


@pytest.fixture
def file(sqlite_url: NewUrl) -> Path:
    url = sqlite_url()
    init_store(url)
    return Path(url.removeprefix("sqlite:///"))


def save(store: Store, **more: object) -> str:
    return store.save_case(content(), differential=differential(), by="ann", at=NINE, **more).case  # type: ignore[arg-type]


def test_a_full_sqlite_database_saves_nothing_by_half(file: Path) -> None:
    with open_store(f"sqlite:///{file}") as store:
        case = save(store)
        with store._database.reading() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        before = store.history(case), store.audit_log()

        with pytest.raises(Unavailable, match=r"cases0.sqlite: the disk or database is full.*Make room"):
            store.save_case(content("x" * 1_000_000), by="ann", at=at(1), case=case, revision=1)

        assert (store.history(case), store.audit_log()) == before
        with store._database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=100000")
        assert store.save_case(content("x" * 1_000_000), by="ann", at=at(1), case=case, revision=1).revision == 2


def test_a_full_disk_of_the_server_saves_nothing_by_half(postgresql_url: NewUrl) -> None:
    url = postgresql_url()
    init_store(url)
    with open_store(url) as store:
        case = save(store)
        with store._database.writing() as connection:
            # The server itself says 53100, as it does when its disk is full, at the last statement of a save.
            connection.exec_driver_sql(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION full_disk()"
            )
        before = store.case(case), store.history(case)

        with pytest.raises(Unavailable, match="is full"):
            save(store, case=case, revision=1)

        assert (store.case(case), store.history(case)) == before


def test_a_file_that_is_gone_is_missed_and_welcomed_back(file: Path) -> None:
    with open_store(f"sqlite:///{file}") as store:
        case = save(store)
        away = file.with_suffix(".away")
        file.rename(away)

        for step in (lambda: save(store), lambda: store.case(case), store.ping):
            with pytest.raises(Unavailable, match="is not there; nothing of this step was saved"):
                step()
        assert not file.exists()

        away.rename(file)
        assert store.save_case(content("back"), by="ann", at=at(1), case=case, revision=1).revision == 2


def test_a_file_that_was_replaced_is_not_written_to(file: Path) -> None:
    with open_store(f"sqlite:///{file}") as store:
        save(store)
        shutil.copy(file, file.with_suffix(".copy"))
        file.with_suffix(".copy").replace(file)

        with pytest.raises(Unavailable, match="was replaced"):
            save(store)


def test_a_server_that_stops_is_missed_and_welcomed_back(server: Server, postgresql_url: NewUrl) -> None:
    url = postgresql_url()
    init_store(url)
    with open_store(url) as store:
        case = save(store)
        server.stop()
        try:
            for step in (lambda: save(store), lambda: store.case(case), store.ping, lambda: open_store(url)):
                with pytest.raises(Unavailable, match="cannot be reached"):
                    step()
        finally:
            server.start()

        assert store.save_case(content("back"), by="ann", at=at(1), case=case, revision=1).revision == 2


def test_a_server_that_ends_our_session_is_reached_again(postgresql_url: NewUrl) -> None:
    url = postgresql_url()
    init_store(url)
    with open_store(url) as store, open_store(url) as other:
        save(store)
        with other._database.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database()"
            )
        save(store)
        assert len(store.cases()) == 2


def test_a_locked_database_is_said_to_be_locked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rarescale.store.database._WAIT_S", 0.05)
    with open_store(url) as store, open_store(url) as other:
        case = save(store)
        with other._database.writing() as connection:
            connection.execute(text("UPDATE cases SET revision = revision"))
            with pytest.raises(Unavailable, match="keeps the database locked"):
                save(store, case=case, revision=1)
        assert store.save_case(content(), by="ann", at=NINE, case=case, revision=1).revision == 2


def test_a_database_that_cannot_be_written_says_so(file: Path) -> None:
    with open_store(f"sqlite:///{file}") as store:
        with store._database.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")

        with pytest.raises(Unavailable, match="cannot be written"):
            save(store)


def test_a_broken_file_says_so(file: Path) -> None:
    file.write_bytes(b"this is no database" * 1000)

    with pytest.raises(Unavailable, match=r"damaged or no database.*Restore a backup"):
        open_store(f"sqlite:///{file}")


def test_a_store_that_was_never_made_says_how(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="rarescale store init"):
        open_store(f"sqlite:///{tmp_path}/none.sqlite")
    assert not list(tmp_path.iterdir())
    with pytest.raises(Unavailable, match="expected a folder that exists"):
        init_store(f"sqlite:///{tmp_path}/no/none.sqlite")


@pytest.mark.parametrize("url", ["", "cases.sqlite", "mysql://u:hidden@h/x", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(UsageError, match="expected sqlite:///FILE") as refusal:
        open_store(url)
    assert "hidden" not in str(refusal.value)


def test_an_error_of_a_server_shows_no_password() -> None:
    with pytest.raises(Unavailable, match="cannot be reached") as refusal:
        open_store("postgresql://ann:hidden@127.0.0.1:1/cases")
    assert "hidden" not in str(refusal.value)


def test_a_fault_that_we_do_not_know_is_a_bug_and_keeps_its_traceback(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("DROP TABLE sign_offs")
    connection.close()

    with open_store(f"sqlite:///{file}") as store:
        case = save(store)
        with pytest.raises(Exception, match="no such table") as fault:
            store.history(case)
    assert not isinstance(fault.value, StoreError)


@pytest.mark.parametrize("ending", [".jsonl", ".sqlite"])
def test_a_backup_that_finds_no_room_leaves_no_file(file: Path, tmp_path: Path, ending: str) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here (needs root)")
    try:
        with open_store(f"sqlite:///{file}") as store:
            store.save_case(content("x" * 100_000), by="ann", at=NINE)
            with pytest.raises(Unavailable, match=rf"backup of .* to .*b{ending}: the disk or database is full"):
                store.backup(folder / f"b{ending}", by="ann", at=NINE)
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["umount", folder], check=True)
