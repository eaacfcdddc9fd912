"""The same job on a Ray cluster of this machine: the same files, and a killed worker costs time alone."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rarescale.errors import UsageError
from rarescale.jobs import run
from tests.jobs.ray_run import job

ROOT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def workers(log: Path) -> list[int]:
    """Who did each item that is written down so far."""
    return [int(pids[0]) for path in log.iterdir() if (pids := path.read_text().split())]


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: pip install rarescale[ray]")
def test_two_workers_write_the_files_of_a_local_run_though_one_is_killed(tmp_path: Path) -> None:
    log, local_log = tmp_path / "log", tmp_path / "local_log"
    log.mkdir()
    local_log.mkdir()
    command = [sys.executable, "-m", "tests.jobs.ray_run", str(log), str(tmp_path / "ray")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 150
        while len(done := workers(log)) < 6 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(done[0], signal.SIGKILL)
        (tmp_path / "killed").touch()
        _, said = process.communicate(timeout=150)
    assert process.returncode == 0, said
    run(job(local_log), tmp_path / "local")
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    done_by = [(log / str(item)).read_text().split() for item in range(40)]
    assert len({pid for pids in done_by for pid in pids}) == 3, "another worker took the place of the killed one"
    assert sum(len(pids) - 1 for pids in done_by) <= 4, "only the shard of the killed worker is done again"


def test_without_ray_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'rarescale\[ray\]'"):
        run(job(tmp_path), tmp_path / "out", on="ray")
