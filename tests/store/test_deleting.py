"""Delete really deletes; retention does so by age, and mistrusts a clock that jumped."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from rarescale.errors import UsageError
from rarescale.store import NotSaved, Store, open_store
from tests.store.fixtures import NewUrl
from tests.store.samples import ABSENT, NINE, SECRET, SIGNED, at, content, differential


def full_case(store: Store, minutes: float = 0.0) -> str:
    saved = store.save_case(content(), edits=(ABSENT,), differential=differential(), by="ann", at=at(minutes))
    store.sign_off(saved.case, 1, SIGNED, by="ann", at=at(minutes))
    return saved.case


def test_a_deleted_case_is_gone_with_all_its_history(store: Store) -> None:
    gone, kept = full_case(store), full_case(store)

    deleted = store.delete(gone, by="ann", at=at(1))

    assert (deleted.cases, deleted.purged) == ((gone,), True)
    assert [line.case for line in store.cases()] == [kept]
    assert len(store.history(kept)) == 4
    with store._database.reading() as connection:
        for table in ("contents", "edits", "differentials", "sign_offs"):
            assert connection.execute(text(f"SELECT DISTINCT case_id FROM {table}")).scalars().all() == [kept]
    with pytest.raises(NotSaved):
        store.history(gone)


def test_the_log_remembers_the_deletion_without_text_of_the_patient(store: Store) -> None:
    gone = full_case(store)

    store.delete(gone, by="bob", at=at(1))

    last = store.audit_log(case=gone)[-1]
    assert (last.who, last.what, last.when) == ("bob", "delete", at(1))
    assert SECRET not in repr(store.audit_log())


def test_deleting_several_cases_deletes_all_or_none(store: Store) -> None:
    case = full_case(store)

    with pytest.raises(NotSaved):
        store.delete(case, "0" * 32, by="ann", at=at(1))

    assert len(store.history(case)) == 4


def test_no_byte_of_a_deleted_case_stays_in_the_files(sqlite_url: NewUrl, tmp_path: Path) -> None:
    from rarescale.store import init_store

    url = sqlite_url()
    init_store(url)
    with open_store(url) as store:
        case = full_case(store)
        assert any(SECRET.encode() in file.read_bytes() for file in tmp_path.iterdir())

        assert store.delete(case, by="ann", at=at(1)).purged

        assert not [file for file in tmp_path.iterdir() if SECRET.encode() in file.read_bytes()]


def test_deleting_says_so_when_a_reader_keeps_the_old_text_in_the_files(sqlite_url: NewUrl, tmp_path: Path) -> None:
    from rarescale.store import init_store

    url = sqlite_url()
    init_store(url)
    with open_store(url) as store, open_store(url) as reader:
        case = full_case(store)
        with reader._database.reading() as connection:
            connection.execute(text("SELECT * FROM contents")).all()
            assert not store.delete(case, by="ann", at=at(1)).purged


def test_retention_deletes_what_is_old_and_not_held(store: Store) -> None:
    old, held, fresh = full_case(store), full_case(store, 1), full_case(store, 60 * 24 * 20)
    store.hold(held, True, by="ann", at=at(2))
    now = NINE + timedelta(days=31)

    assert store.retention(30, by="cron", at=now, dry=True).cases == (old,)
    assert len(store.cases()) == 3
    assert store.retention(30, by="cron", at=now).cases == (old,)

    assert {line.case for line in store.cases()} == {held, fresh}
    assert store.audit_log(case=old)[-1].what == "retention"
    store.hold(held, False, by="ann", at=now)
    assert store.retention(30, by="cron", at=now).cases == (held,)


def test_retention_refuses_a_clock_before_the_last_save(store: Store) -> None:
    full_case(store, 60)

    with pytest.raises(UsageError, match="but a case was saved at"):
        store.retention(1, by="cron", at=NINE)


def test_retention_refuses_a_clock_by_which_everything_would_go(store: Store) -> None:
    full_case(store)
    far = NINE + timedelta(days=4000)

    with pytest.raises(UsageError, match="every case is older"):
        store.retention(365, by="cron", at=far)

    assert len(store.cases()) == 1
    assert len(store.retention(365, by="cron", at=far, even_all=True).cases) == 1


def test_retention_of_an_empty_store_deletes_nothing(store: Store) -> None:
    assert store.retention(1, by="cron", at=NINE).cases == ()


def test_export_has_everything_of_one_person_and_nothing_of_others(store: Store) -> None:
    mine = full_case(store)
    store.save_case(content("not mine"), by="bob", at=NINE)

    whole = store.export_all("ann", by="admin", at=at(5))

    assert [c["case"] for c in whole["cases"]] == [mine]
    assert [e["kind"] for e in whole["cases"][0]["history"]] == ["content", "edits", "differential", "sign-off"]
    made = whole["cases"][0]["history"][2]["differential"]
    assert made == differential().model_dump(mode="json", by_alias=True)
    assert {line["who"] for line in whole["audit"]} == {"ann"}
    assert "not mine" not in str(whole)
    lines = store.audit_log(who="admin")
    assert [(line.what, line.case) for line in lines] == [("export", None), ("export", mine)]
