"""`rarescale serve` as a process: it says where it is, answers, and leaves quietly."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app

TOY = Path(__file__).parent.parent / "toy"


def test_it_says_where_it_is_and_ends_with_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RARESCALE_KNOWLEDGE", str(TOY))
    command = [sys.executable, "-m", "rarescale", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None and process.stdout is not None
        address = next(
            m[1] for line in process.stderr if (m := re.search(r"(http://127\.0\.0\.1:\d+)/workbench", line))
        )
        with urllib.request.urlopen(f"{address}/workbench", timeout=20) as answer:
            assert b"Who is in front of you?" in answer.read()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=20) in (0, 130)
        assert "GET /workbench 200" in rest and "Traceback" not in rest
        assert process.stdout.read() == ""


def test_a_remote_address_is_refused_with_the_remedy() -> None:
    result = CliRunner().invoke(app, ["serve", "--host", "0.0.0.0"])
    assert result.exit_code != 0 and "--allow-remote" in str(result.exception)


def test_a_remote_address_is_warned_about() -> None:
    result = CliRunner().invoke(
        app, ["serve", "--host", "0.0.0.0", "--allow-remote", "--knowledge", "/nonexistent", "--port", "0"]
    )
    assert "WARNING" in result.stderr and "no accounts" in result.stderr
