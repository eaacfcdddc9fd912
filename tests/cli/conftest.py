from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app

TOY = Path(__file__).parent.parent / "toy"


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Outcome]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process over the toy knowledge."""
    monkeypatch.setenv("RARESCALE_KNOWLEDGE", str(TOY))

    def call(*arguments: object, stdin: bytes | None = None) -> Outcome:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a command as a process of its own over the toy knowledge; none outlives the test, whatever happens."""
    monkeypatch.setenv("RARESCALE_KNOWLEDGE", str(TOY))

    started: list[subprocess.Popen[bytes]] = []

    def call(*arguments: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "rarescale", *map(str, arguments)]
        # Without buffers: what `readline` reads ahead would be lost to `communicate`.
        pipe = subprocess.PIPE
        # A test run started in the background ignores Ctrl-C, and so would its children.
        heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, preexec_fn=heeding)
        started.append(process)
        return process

    yield call
    for process in started:
        process.kill()
        with process:
            pass


@pytest.fixture
def cases(tmp_path: Path) -> Callable[..., Path]:
    """Write lines to a file: dicts as JSON, texts as they are."""

    def write(*lines: dict[str, Any] | str, name: str = "cases.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines))
        return path

    return write
