"""`rarescale serve` as a process over the toy knowledge."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOY = Path(__file__).parent.parent / "toy"
PATIENCE = 60.0
"""Seconds; a machine that is busy with other things needs some of them."""


@contextmanager
def started(*options: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and the address it gave. It does not outlive the test, whatever happens there."""
    command = [sys.executable, "-m", "rarescale", "serve", "--port", "0", *map(str, options)]
    settings = os.environ | {"RARESCALE_KNOWLEDGE": str(TOY)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=settings) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"(https?://127\.0\.0\.1:\d+)/workbench", line):
                    yield process, found[1]
                    return
            raise AssertionError("".join(said))
        finally:
            process.kill()
