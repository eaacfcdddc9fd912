from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.errors import KnowledgeError, UsageError
from rarescale.knowledge import (
    Floors,
    Installed,
    Patience,
    find_sources,
    held_releases,
    open_knowledge,
    releases_folder,
    update_knowledge,
)
from rarescale.knowledge.fetch import fetch
from tests.knowledge import faults

TOY = Path(__file__).parent.parent / "toy"
ANY = Floors(1, 1)
PATIENT = Patience(silence=20.0, total=60.0)
BRIEF_SILENCE = Patience(silence=0.3, total=60.0)
BRIEF_IN_ALL = Patience(silence=20.0, total=0.4)
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX resource limits and signals")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A release to fetch: the toy one."""
    return release(tmp_path / "mirror", "2020-02-02")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where releases are kept, with one release that is there already."""
    folder = tmp_path / "data" / "knowledge"
    update_knowledge(str(release(tmp_path / "first", "2019-11-11")), folder, floors=ANY)
    return folder


def release(folder: Path, ontology: str, annotations: str | None = None) -> Path:
    folder.mkdir(parents=True)
    for name, date in (("hp.obo", ontology), ("phenotype.hpoa", annotations or ontology)):
        (folder / name).write_text((TOY / name).read_text().replace("2020-02-02", date))
    return folder


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """What lies in `folder`, hidden files too, is the same afterwards, byte by byte."""

    def content() -> dict[str, bytes | None]:
        return {str(p): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}

    before = content()
    yield
    assert content() == before


def fetched(source: object, data: Path, floors: Floors = ANY, patience: Patience = PATIENT) -> Installed:
    return update_knowledge(str(source), data, floors=floors, patience=patience)


@pytest.mark.parametrize("manner", [faults.whole, faults.chunked])
def test_a_release_is_fetched_checked_and_ready_to_use(mirror: Path, data: Path, manner: faults.Manner) -> None:
    with faults.serving(mirror, {"hp.obo": manner, "phenotype.hpoa": manner}) as address:
        found = fetched(address, data)
    assert (found.folder, found.new) == (data / "2020-02-02", True)
    assert (found.terms, found.annotations, found.diseases) == (19, 19, 7)
    assert open_knowledge(found.folder).release.release == "HPO 2020-02-02"
    for name in ("hp.obo", "phenotype.hpoa"):
        assert (found.folder / name).read_bytes() == (mirror / name).read_bytes()
        assert found.files[name].sha256 == hashlib.sha256((mirror / name).read_bytes()).hexdigest()
        assert found.files[name].address == f"{address}/{name}"


def test_the_manifest_records_where_the_files_came_from_and_their_checksums(mirror: Path, data: Path) -> None:
    found = fetched(mirror, data)
    manifest = json.loads((found.folder / "release.json").read_text())
    assert manifest["ontology_release"] == manifest["annotations_release"] == "2020-02-02"
    assert manifest["files"]["hp.obo"] == {
        "address": str(mirror / "hp.obo"),
        "bytes": (mirror / "hp.obo").stat().st_size,
        "sha256": hashlib.sha256((mirror / "hp.obo").read_bytes()).hexdigest(),
    }


def test_the_previous_release_is_kept_as_it_was(mirror: Path, data: Path) -> None:
    with unchanged(data / "2019-11-11"):
        fetched(mirror, data)
    assert held_releases(data) == [data / "2019-11-11", data / "2020-02-02"]


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        (faults.cut, "cut: found"),
        (faults.cut_in_chunks, "stopped after"),
        (faults.of_unknown_length, "does not say how long"),
        (faults.missing, "404"),
        (faults.broken, "503"),
        (faults.login_page, "cannot be read as OBO|holds no annotation|expected 12 columns"),
        (faults.empty, "holds no"),
    ],
)
@pytest.mark.parametrize("name", ["hp.obo", "phenotype.hpoa"])
def test_a_file_that_does_not_come_whole_changes_nothing(
    mirror: Path, data: Path, name: str, manner: faults.Manner, told: str
) -> None:
    with (
        unchanged(data),
        faults.serving(mirror, {name: manner}) as address,
        pytest.raises(KnowledgeError, match=told) as error,
    ):
        fetched(address, data)
    assert "Nothing was changed" in str(error.value)
    assert ".update-" not in str(error.value)


@pytest.mark.parametrize(
    ("manner", "patience", "told"),
    [(faults.silent, BRIEF_SILENCE, "no byte came"), (faults.trickling, BRIEF_IN_ALL, "came within 0.4 seconds")],
)
def test_a_server_that_is_too_slow_is_left_and_nothing_changes(
    mirror: Path, data: Path, manner: faults.Manner, patience: Patience, told: str
) -> None:
    with (
        unchanged(data),
        faults.serving(mirror, {"hp.obo": manner}) as address,
        pytest.raises(KnowledgeError, match=told),
    ):
        fetched(address, data, patience=patience)


def test_a_server_that_is_not_there_is_said_so(data: Path) -> None:
    with unchanged(data), pytest.raises(KnowledgeError, match=r"could not be fetched: .*--from DIR"):
        fetched("http://127.0.0.1:9/release", data)


def test_an_encrypted_address_may_not_lead_to_an_unencrypted_one(
    mirror: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import urllib.request

    with unchanged(data), faults.serving(mirror, {}) as address:
        open_url = urllib.request.urlopen
        monkeypatch.setattr(
            urllib.request, "urlopen", lambda url, timeout: open_url(url.replace("https", "http"), timeout=timeout)
        )
        with pytest.raises(KnowledgeError, match="not encrypted"):
            fetched(address.replace("http", "https"), data)


def test_an_address_without_encryption_is_noted(mirror: Path, data: Path) -> None:
    with faults.serving(mirror, {}) as address:
        assert any("without encryption" in n for n in fetched(address, data).notes)


@pytest.mark.parametrize("source", ["ftp://hpo.example/release", "file:///etc"])
def test_other_kinds_of_addresses_are_refused(data: Path, source: str) -> None:
    with unchanged(data), pytest.raises(UsageError, match="https://"):
        fetched(source, data)


def test_a_folder_without_the_files_is_refused(data: Path, tmp_path: Path) -> None:
    with unchanged(data), pytest.raises(KnowledgeError, match=r"hp\.obo is not there"):
        fetched(tmp_path, data)


def test_a_file_without_end_is_left(mirror: Path, tmp_path: Path) -> None:
    size = (mirror / "hp.obo").stat().st_size
    with pytest.raises(KnowledgeError, match="longer than"):
        fetch(str(mirror), "hp.obo", tmp_path / "x", patience=PATIENT, largest=size - 1)


@posix
@pytest.mark.parametrize("size", [0, 100, 2000])
def test_a_full_disk_is_said_so_and_changes_nothing(mirror: Path, data: Path, size: int) -> None:
    with (
        unchanged(data),
        pytest.raises(KnowledgeError, match=r"cannot be written: .*--into DIR") as error,
        faults.disk_that_takes(size),
    ):
        fetched(mirror, data)
    assert error.value.kind == "disk"


def test_a_folder_that_cannot_be_made_is_said_so(mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KnowledgeError, match="cannot be written"):
        fetched(mirror, tmp_path / "file" / "below")


def test_an_interrupted_update_leaves_nothing(mirror: Path, data: Path) -> None:
    def interrupt(line: str) -> None:
        if line.startswith("checking"):
            raise KeyboardInterrupt

    with unchanged(data), pytest.raises(KeyboardInterrupt):
        update_knowledge(str(mirror), data, floors=ANY, told=interrupt)


@posix
def test_a_killed_update_leaves_no_release_and_its_rest_is_removed_after_a_day(mirror: Path, data: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rarescale.knowledge import update_knowledge\n"
        "update_knowledge(sys.argv[1], Path(sys.argv[2]))"
    )
    with faults.serving(mirror, {"phenotype.hpoa": faults.silent}) as address:
        process = subprocess.Popen([sys.executable, "-c", code, address, str(data)])
        deadline = time.monotonic() + 60
        while not list(data.glob(".update-*/phenotype.hpoa")) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    (rest,) = data.glob(".update-*")
    assert held_releases(data) == [data / "2019-11-11"]
    fetched(mirror, data)
    assert rest.is_dir(), "it could belong to an update that is still running"
    day_before = time.time() - 25 * 3600
    os.utime(rest, (day_before, day_before))
    fetched(mirror, data)
    assert not rest.exists()
    assert held_releases(data) == [data / "2019-11-11", data / "2020-02-02"]


def test_the_same_files_are_not_kept_twice(mirror: Path, data: Path) -> None:
    first = fetched(mirror, data)
    with unchanged(data):
        again = fetched(mirror, data)
    assert (again.folder, again.new) == (first.folder, False)


@pytest.mark.parametrize("damage", ["changed", "removed"])
def test_a_kept_release_that_was_damaged_is_fetched_again_beside_it(mirror: Path, data: Path, damage: str) -> None:
    first = fetched(mirror, data).folder
    text = (first / "hp.obo").read_text()
    (first / "hp.obo").unlink()
    if damage == "changed":
        (first / "hp.obo").write_text(text.replace("Tremor", "Tremar"))
    again = fetched(mirror, data)
    assert again.new
    assert again.folder.name.startswith("2020-02-02-")
    assert (again.folder / "hp.obo").read_text() == text


@pytest.mark.parametrize(
    ("floors", "told"), [(Floors(20, 1), "19 current terms; expected at least 20"), (Floors(1, 20), "19 annotations")]
)
def test_a_release_that_is_too_small_is_refused(mirror: Path, data: Path, floors: Floors, told: str) -> None:
    with unchanged(data), pytest.raises(KnowledgeError, match=told):
        fetched(mirror, data, floors)


def test_the_toy_is_too_small_to_be_a_release_by_default(mirror: Path, data: Path) -> None:
    with unchanged(data), pytest.raises(KnowledgeError, match="expected at least 18,000"):
        update_knowledge(str(mirror), data)


def test_fewer_diseases_than_the_head_announces_are_refused(mirror: Path, data: Path) -> None:
    path = mirror / "phenotype.hpoa"
    path.write_text(path.read_text().replace('medicine"', 'medicine [40: OMIM; 2: DECIPHER; 9 ORPHANET]"'))
    assert "40: OMIM" in path.read_text()
    with unchanged(data), pytest.raises(KnowledgeError, match="7 diseases; expected at least 50"):
        fetched(mirror, data)


@pytest.mark.parametrize(
    ("ontology", "annotations", "told"),
    [
        ("2020-02-02", "2020-06-02", "121 days apart"),
        ("2020-06-02", "2020-02-02", "121 days apart"),
        ("toy", "2020-02-02", "dated 'toy'"),
        ("2020-02-02", "soon", "'soon'"),
    ],
)
def test_files_that_are_not_of_one_release_are_refused(
    tmp_path: Path, data: Path, ontology: str, annotations: str, told: str
) -> None:
    with unchanged(data), pytest.raises(KnowledgeError, match=told):
        fetched(release(tmp_path / "odd", ontology, annotations), data)


def test_dates_a_few_weeks_apart_are_noted(tmp_path: Path, data: Path) -> None:
    found = fetched(release(tmp_path / "odd", "2020-02-02", "2020-02-20"), data)
    assert "hp.obo is of 2020-02-02 and phenotype.hpoa of 2020-02-20" in found.notes[0]


def test_annotations_of_terms_the_ontology_lacks_are_refused(mirror: Path, data: Path) -> None:
    path = mirror / "phenotype.hpoa"
    path.write_text(path.read_text().replace("HP:0001337", "HP:7777777"))
    with unchanged(data), pytest.raises(KnowledgeError, match=r"name terms that hp\.obo lacks"):
        fetched(mirror, data)


def test_a_release_older_than_the_newest_kept_is_noted(mirror: Path, tmp_path: Path, data: Path) -> None:
    fetched(mirror, data)
    found = fetched(release(tmp_path / "old", "2018-01-01"), data)
    assert any("older than" in n for n in found.notes)


def test_a_run_that_names_no_release_never_uses_a_fetched_one(
    mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RARESCALE_DATA", str(tmp_path / "home"))
    before = find_sources()
    found = update_knowledge(str(mirror), floors=ANY)
    assert found.folder.parent == releases_folder() == tmp_path / "home" / "knowledge"
    assert find_sources() == before


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["knowledge", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_how_to_use_the_release(mirror: Path, data: Path) -> None:
    few = ("--least-terms", 1, "--least-annotations", 1)
    code, out, err = command("update", "--from", mirror, "--into", data, *few)
    assert code == 0
    target = data / "2020-02-02"
    assert f"--knowledge {target}" in out
    assert f"RARESCALE_KNOWLEDGE={target}" in out
    assert f"kept too: {data / '2019-11-11'}" in out
    assert "Runs that name no release go on with the installed one." in out
    assert "checking" in err
    code, out, _ = command("update", "--from", mirror, "--into", data, "--json", *few)
    assert (json.loads(out)["folder"], json.loads(out)["new"]) == (str(target), False)


def test_help_says_that_nothing_uses_it_by_itself() -> None:
    _, out, _ = command("update", "--help")
    assert "Nothing uses it by itself" in out


def test_an_altered_folder_name_does_not_hide_a_release(mirror: Path, data: Path) -> None:
    shutil.move(data / "2019-11-11", data / "2019-11-11-mine")
    assert held_releases(data) == [data / "2019-11-11-mine"]
