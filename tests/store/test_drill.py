"""The short version of benchmarks/store_drill.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.store.fixtures import NewUrl

DRILL = Path(__file__).parents[2] / "benchmarks" / "store_drill.py"


def test_nothing_saved_is_lost_and_nothing_half_saved_is_shown_when_the_program_is_killed(new_url: NewUrl) -> None:
    command = [sys.executable, "-W", "error", str(DRILL), "--times", "5", "--store", new_url()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert ended.returncode == 0, ended.stderr
    counts = json.loads(ended.stdout)
    assert (counts["kills"], counts["lost"], counts["half_saved"]) == (5, 0, 0)
    assert counts["acknowledged"] > 0
