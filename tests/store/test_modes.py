"""Who may read the files of a store: its owner alone, and where that is not so, it is said."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rarescale.store import init_store, open_store
from tests.store.fixtures import NewUrl
from tests.store.samples import NINE, content

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files have no modes here")


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """A umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def url(sqlite_url: NewUrl) -> str:
    return sqlite_url()


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "rarescale.store" and r.levelno == logging.WARNING]


def test_all_files_of_a_new_store_are_its_owners_alone(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    init_store(url)
    with open_store(url) as store:
        store.save_case(content(), by="ann", at=NINE)
        store.backup(tmp_path / "copy.sqlite", by="ann", at=NINE)
        store.backup(tmp_path / "copy.jsonl", by="ann", at=NINE)
        found = modes(tmp_path)

    name = file_of(url).name
    assert set(found) == {name, f"{name}-wal", f"{name}-shm", "copy.sqlite", "copy.jsonl"}
    assert set(found.values()) == {0o600} and warnings(caplog) == []


def test_a_file_that_was_there_is_closed_to_others_when_it_becomes_a_store(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file_of(url).touch(0o644)

    assert init_store(url)

    assert set(modes(tmp_path).values()) == {0o600}
    assert len(warnings(caplog)) == 1 and "0600 now" in warnings(caplog)[0]
    with open_store(url) as store:
        store.save_case(content(), by="ann", at=NINE)
        assert set(modes(tmp_path).values()) == {0o600}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_store_that_others_may_read_is_warned_of_and_left_as_it_is(
    url: str, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    init_store(url)
    file_of(url).chmod(mode)

    assert not init_store(url)
    open_store(url).close()

    said = warnings(caplog)
    assert len(said) == 2 and all(f"chmod 600 {file_of(url)}" in line for line in said)
    assert stat.S_IMODE(file_of(url).stat().st_mode) == mode


def test_a_log_beside_the_store_that_others_may_read_is_warned_of(url: str, caplog: pytest.LogCaptureFixture) -> None:
    init_store(url)
    with open_store(url) as store:
        store.save_case(content(), by="ann", at=NINE)
        log = file_of(url).with_name(file_of(url).name + "-wal")
        log.chmod(0o644)
        open_store(url).close()
    assert len(warnings(caplog)) == 1 and str(log) in warnings(caplog)[0]
