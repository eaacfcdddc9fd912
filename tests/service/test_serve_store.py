"""`rarescale serve --store`: a store that cannot be used ends the start with a sentence; a good one is closed."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.store import init_store, migrate_store, new_key_file, open_store
from tests.service.started import PATIENCE, TOY, started
from tests.store.fixtures import NewUrl


def refused(*options: object) -> str:
    result = CliRunner().invoke(app, ["serve", "--knowledge", str(TOY), "--port", "0", *map(str, options)])
    assert result.exit_code != 0
    return f"{result.exception} {result.output}"


def test_a_store_that_is_not_made_or_not_migrated_says_what_to_do(sqlite_url: NewUrl, tmp_path: Path) -> None:
    assert "not there" in refused("--store", f"sqlite:///{tmp_path}/none.sqlite")
    empty = sqlite_url()
    Path(empty.removeprefix("sqlite:///")).touch()
    assert "rarescale store init" in refused("--store", empty)
    old = sqlite_url()
    init_store(old)
    migrate_store(old, "0002")
    assert "rarescale store migrate" in refused("--store", old)
    assert "expected sqlite:///FILE" in refused("--store", "cases.sqlite")


def test_a_wrong_or_missing_key_is_refused(sqlite_url: NewUrl, tmp_path: Path) -> None:
    url, key, other = sqlite_url(), tmp_path / "a.key", tmp_path / "b.key"
    init_store(url, new_key_file(key))
    new_key_file(other)
    assert "key" in refused("--store", url)
    assert "another key" in refused("--store", url, "--store-key", other)
    assert "cannot be read" in refused("--store", url, "--store-key", tmp_path / "none.key")


def test_it_saves_into_the_store_it_was_given_and_closes_it(
    sqlite_url: NewUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, key = sqlite_url(), new_key_file(tmp_path / "cases.key")
    init_store(url, key)
    monkeypatch.setenv("RARESCALE_STORE", url)
    monkeypatch.setenv("RARESCALE_STORE_KEY", str(tmp_path / "cases.key"))
    with started() as (process, address):
        assert process.stderr is not None
        body, headers = json.dumps({"present": ["HP:0001337"]}).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/v1/cases", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            case = json.load(answer)["case"]
        process.send_signal(signal.SIGTERM)
        assert "Traceback" not in process.stderr.read()
        assert process.wait(PATIENCE) == 0
    assert not list(tmp_path.glob("*.sqlite-wal")), "the store was not closed"
    with open_store(url, key) as store:
        assert [line.case for line in store.cases()] == [case]
