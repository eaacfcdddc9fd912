"""A cache that cannot be written, for whatever reason, costs time and one warning; answers are the same."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.knowledge.cache import load_or_build
from tests.knowledge import faults

TOY = Path(__file__).parent.parent / "toy"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX resource limits")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, to be spoilt."""
    monkeypatch.setenv("RARESCALE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@contextmanager
def read_only_file_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As the kernel answers there; permission bits would not stop a test that runs as root."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        patch.setattr(Path, "write_text", refuse)
        patch.setattr(tempfile, "mkstemp", refuse)
        yield


def same(one: Knowledge, other: Knowledge) -> None:
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in other.arrays.items():
        np.testing.assert_array_equal(one.arrays[name], array)
        assert one.arrays[name].dtype == array.dtype
    assert one.release == other.release


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


def test_a_read_only_cache_gives_the_same_knowledge_and_one_warning(
    cache: Path, toy: Knowledge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with read_only_file_system(monkeypatch):
        found = open_knowledge(TOY)
        for name in ("one", "two", "three"):
            found.derived(name, "1", lambda: {"x": np.arange(3)})
    same(found, toy)
    (warning,) = warnings(caplog)
    assert str(cache) in warning
    assert os.strerror(errno.EROFS) in warning
    assert "set RARESCALE_CACHE to a writable folder" in warning


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write into any folder")
def test_a_cache_folder_without_permission_gives_the_same_knowledge(cache: Path, toy: Knowledge) -> None:
    cache.mkdir()
    cache.chmod(0o555)
    same(open_knowledge(TOY), toy)
    assert not list(cache.iterdir())


@posix
@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_disk_that_fills_up_while_compiling_gives_the_same_knowledge_and_leaves_no_half(
    cache: Path, toy: Knowledge, size: int, caplog: pytest.LogCaptureFixture
) -> None:
    with faults.disk_that_takes(size):
        found = open_knowledge(TOY)
    same(found, toy)
    assert not [p for p in cache.iterdir() if p.suffix == ".arrays" or "knowledge" in p.name]
    assert len(warnings(caplog)) == 1
    assert os.strerror(errno.EFBIG) in warnings(caplog)[0]


@posix
def test_once_there_is_room_again_the_cache_is_written(cache: Path, toy: Knowledge) -> None:
    with faults.disk_that_takes(0):
        open_knowledge(TOY)
    open_knowledge(TOY)
    assert list(cache.glob("knowledge-*.arrays"))
    same(open_knowledge(TOY), toy)


@posix
def test_a_full_disk_does_not_harm_what_is_cached(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    open_knowledge(TOY)
    with faults.disk_that_takes(0):
        same(open_knowledge(TOY), open_knowledge(TOY))
        load_or_build("other", "k", lambda: {"x": np.arange(3)})
    assert len(warnings(caplog)) == 1
    assert [p.name.partition("-")[0] for p in cache.glob("*.arrays")] == ["knowledge"]


@pytest.mark.parametrize(("hours", "left"), [(1, True), (23, True), (25, False)])
def test_the_half_of_a_killed_process_is_removed_after_a_day(cache: Path, hours: int, left: bool) -> None:
    cache.mkdir()
    half, others = cache / "art-k.arraysx1y2.part", cache / "another-k.arraysx1y2.part"
    for path in (half, others):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - hours * 3600,) * 2)
    load_or_build("art", "k", lambda: {"x": np.arange(3)})
    assert half.exists() is left
    assert others.exists()


def test_a_command_answers_without_a_cache_and_says_why_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    environment = os.environ | {"RARESCALE_CACHE": str(tmp_path / "file")}
    done = subprocess.run(
        [sys.executable, "-m", "rarescale", "knowledge", "search", "tremor", "--knowledge", str(TOY)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0
    assert "HP:0001337" in done.stdout
    assert "cannot be written" not in done.stdout
    assert "set RARESCALE_CACHE to a writable folder" in done.stderr
    assert "Traceback" not in done.stderr
