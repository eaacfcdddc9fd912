"""Short versions of the drills on the real server: benchmarks/load_drill.py, fault_drill.py, api_fuzz.py."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

pytestmark = pytest.mark.drill

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(script: str, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-W", "error", str(BENCHMARKS / script), *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert not ended.stderr, ended.stderr
    return ended.returncode, ended.stdout


def test_three_clinicians_at_work_see_no_error() -> None:
    _, said = run("load_drill.py", "--clinicians", "3", "--warm", "1", "--seconds", "3", "--toy")
    assert "errors: 0 {}" in said  # how long it took depends on what else this machine does
    assert re.search(r"^all +\d", said, re.MULTILINE)


def test_what_goes_wrong_around_the_service_loses_nothing() -> None:
    code, said = run("fault_drill.py", "--times", "2", "--store", "sqlite", "--only", "kill,full,gone")
    assert code == 0, said
    assert len(said.splitlines()) == 3


def test_two_hundred_requests_made_from_the_description_are_answered_as_it_says() -> None:
    code, said = run("api_fuzz.py", "--requests", "200")
    assert code == 0, said
    assert "wrong key" in said and "{401: " in said
