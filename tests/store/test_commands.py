"""`rarescale store ...`"""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.errors import RareScaleError
from rarescale.store import open_store, read_key_file
from tests.store.fixtures import NewUrl
from tests.store.samples import NINE, SECRET, content


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["store", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_store_is_made_used_carried_over_and_emptied(new_url: NewUrl, tmp_path: Path) -> None:
    url, other = new_url(), new_url()
    at = ("--store", url)
    assert "made a new store" in run("init", *at)
    assert "nothing was changed" in run("init", *at)
    with open_store(url) as store:
        case = store.save_case(content(), by="ann", at=NINE).case
        store.save_case(content(), by="bob", at=NINE)

    assert "0003; nothing was changed" in run("migrate", *at)
    assert "0003 -> 0001" in run("migrate", "--to", "0001", *at)
    assert "0001 -> 0003" in run("migrate", *at)
    listed = [json.loads(line) for line in run("list", "--person", "ann", "--json", *at).splitlines()]
    assert [line["case"] for line in listed] == [case]
    assert SECRET in str(json.loads(run("export", "ann", *at)))

    run("backup", tmp_path / "b.jsonl", *at)
    run("init", "--store", other)
    assert "rows restored" in run("restore", tmp_path / "b.jsonl", "--store", other)
    assert case in run("list", "--store", other)

    run("hold", case, *at)
    assert "on hold" in run("list", *at)
    assert "1 cases would be deleted" in run("delete", case, *at)
    assert "1 cases deleted" in run("delete", case, "--yes", *at)
    assert "1 cases would be deleted" in run("delete", "--person", "bob", *at)
    assert "1 cases would be deleted" in run("retention", "--days", 1, "--even-all", *at)
    assert "1 cases deleted" in run("retention", "--days", 1, "--even-all", "--yes", "--by", "cron", *at)
    assert run("list", *at) == ""
    log = run("log", *at)
    assert "cron  retention  done" in log
    assert SECRET not in log


def test_the_key_that_the_settings_of_a_service_name_is_made(
    sqlite_url: NewUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, key = sqlite_url(), tmp_path / "key"
    monkeypatch.setenv("RARESCALE_STORE_KEY", str(key))
    run("init", "--store", url, "--new-key", key)
    with open_store(url, read_key_file(key)) as store:
        store.save_case(content(), by="ann", at=NINE)
    assert SECRET in run("export", "ann", "--store", url)


def test_a_new_key_encrypts_and_only_its_owner_reads_it(sqlite_url: NewUrl, tmp_path: Path) -> None:
    url, key = sqlite_url(), tmp_path / "key"
    run("init", "--store", url, "--new-key", key)

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with open_store(url, read_key_file(key)) as store:
        store.save_case(content(), by="ann", at=NINE)
    assert not [file for file in tmp_path.iterdir() if SECRET.encode() in file.read_bytes()]
    assert SECRET in run("export", "ann", "--store", url, "--key", key)
    run("backup", tmp_path / "b.sqlite", "--store", url, "--key", key)
    other = sqlite_url()
    run("init", "--store", other)
    run("restore", tmp_path / "b.sqlite", "--backup-key", key, "--store", other)
    assert SECRET in run("export", "ann", "--store", other)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("delete",), "give ids of cases, or --person"),
        (("list", "--key", "no-such-key"), "no-such-key: the key file cannot be read"),
        (("init", "--key", "a", "--new-key", "b"), "give one of them"),
        (("migrate", "--to", "7"), "expected one of 0001, 0002, 0003"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    sqlite_url: NewUrl, arguments: tuple[str, ...], said: str
) -> None:
    url = sqlite_url()
    run("init", "--store", url)

    with pytest.raises(RareScaleError, match=said):
        run(*arguments, "--store", url)


def test_a_malformed_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")

    with pytest.raises(RareScaleError, match="one line of base64 that stands for 32 bytes"):
        read_key_file(tmp_path / "key")


def test_a_key_file_is_never_replaced(sqlite_url: NewUrl, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("mine")

    url = sqlite_url()
    with pytest.raises(RareScaleError, match="give a new name"):
        run("init", "--store", url, "--new-key", tmp_path / "key")
    run("init", "--store", url)
    with pytest.raises(RareScaleError, match="leave the key out"):
        run("init", "--store", url, "--new-key", tmp_path / "unused")

    assert not (tmp_path / "unused").exists()
    assert (tmp_path / "key").read_text() == "mine"
