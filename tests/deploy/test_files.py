"""What `deploy/` and the operations guide say can be done: paths exist, commands and options do too."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import typer.main

from rarescale.cli.app import app

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "operations.md").read_text()
CONTAINER = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
ENVIRONMENT = {
    name: value.strip('"')
    for name, value in re.findall(r"^(\w+)=(.*)$", (DEPLOY / "rarescale.env").read_text(), re.MULTILINE)
}
MADE = ("dist/rarescale-*.whl",)
"""Made by a command of the guide, not kept here."""


def unit(name: str) -> list[tuple[str, str]]:
    """The settings of a systemd unit, repeated ones too."""
    lines = (DEPLOY / name).read_text().splitlines()
    return [(key, value) for line in lines if re.match(r"\w+=", line) for key, value in [line.split("=", 1)]]


def _commands_of_guide() -> Iterator[str]:
    for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL):
        yield from re.sub(r"\\\n", " ", block).splitlines()


def _commands() -> Iterator[list[str]]:
    """Every rarescale command line that is shown or run, without the program."""
    lines = list(_commands_of_guide())
    lines += [value for name in DEPLOY.glob("*.service") for key, value in unit(name.name) if key == "ExecStart"]
    entry = re.search(r"^ENTRYPOINT (\[.*\])", CONTAINER, re.MULTILINE)
    assert entry is not None
    lines += re.findall(r"/opt/rarescale/bin/rarescale .*", CONTAINER)
    lines.append(" ".join(re.findall(r'"([^"]+)"', entry[1])))
    run = next(line for line in lines if line.startswith("podman run --detach"))
    lines.append(f"{lines[-1]} {run.rpartition(' rarescale ')[2]}")
    lines.append(f"rarescale serve {ENVIRONMENT['RARESCALE_OPTIONS']}")
    for line in lines:
        for found in re.findall(r"\brarescale ((?:serve|store|people|doctor|knowledge|diagnose)\b[^'|;&#]*)", line):
            yield shlex.split(found.replace('"', ""))


@pytest.mark.parametrize("words", list(_commands()), ids=" ".join)
def test_each_command_and_option_exists(words: list[str]) -> None:
    command: Any = typer.main.get_command(app)
    words = words[:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    options = {name for p in command.params for name in (*p.opts, *p.secondary_opts)}
    assert {w.split("=")[0] for w in words if w.startswith("--")} <= options


def test_every_path_that_the_container_copies_exists() -> None:
    copied = [c.split()[-2] for c in re.findall(r"^COPY (?!--from)(.*)$", CONTAINER, re.MULTILINE)]
    assert copied
    for path in copied:
        assert path in MADE or (ROOT / path).exists(), path
    for path in MADE:
        assert path in GUIDE and "pip wheel --no-deps --wheel-dir dist ." in GUIDE


def test_every_file_of_deploy_is_in_the_guide_and_every_file_of_the_guide_is_there() -> None:
    named = set(re.findall(r"deploy/([\w.*-]+\w)", GUIDE))
    files = {p.name for p in DEPLOY.iterdir() if p.is_file()}
    shown = {p.name for name in named for p in DEPLOY.glob(name)}
    assert all(list(DEPLOY.glob(name)) for name in named)
    assert files - shown <= {"make_lock.sh", "make_sbom.py"}


def test_the_container_runs_without_root_from_a_pinned_base_in_two_stages_with_a_health_check() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINER, re.MULTILINE)
    assert len(bases) == 2 and len(set(bases)) == 1 and re.search(r":3\.11\.\d+-slim-\w+$", bases[0])
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", CONTAINER, re.MULTILINE)
    assert "HEALTHCHECK" in CONTAINER and "/healthz" in CONTAINER and "--require-hashes" in CONTAINER
    assert CONTAINER.rindex("USER") < CONTAINER.index("ENTRYPOINT")
    assert "--read-only" in GUIDE and "--cap-drop ALL" in GUIDE
    # Whatever it keeps lies in the volume of the guide.
    assert set(re.findall(r"(/data)/", CONTAINER)) == set(re.findall(r"--volume rarescale:(\S+)", GUIDE)) == {"/data"}
    assert "podman build --format docker" in GUIDE, "the OCI format has no health check"


def test_whoever_runs_the_container_can_read_the_knowledge_that_root_compiled_in_it() -> None:
    user = re.search(r"^USER (\d+):", CONTAINER, re.MULTILINE)
    assert user is not None and f"-o {user[1]} " in CONTAINER
    assert re.search(r"diagnose - +&& chmod -R a\+rX \S+", CONTAINER)


@pytest.mark.parametrize("tls", [False, True])
def test_the_health_check_of_the_container_goes_the_way_the_service_listens(tls: bool) -> None:
    line = re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", CONTAINER, re.MULTILINE)
    assert line is not None
    _, _, code = json.loads(line[1])
    asked: list[str] = []
    environment = {"RARESCALE_TLS_CERT": "/tls/cert.pem"} if tls else {}
    with (
        patch.dict("os.environ", environment, clear=True),
        patch("urllib.request.urlopen", lambda address, **_: asked.append(address)),
    ):
        exec(code, {})
    assert asked == [f"{'https' if tls else 'http'}://127.0.0.1:8765/healthz"]


def test_the_unit_gives_running_requests_the_time_the_service_needs() -> None:
    stop = int(dict(unit("rarescale.service"))["TimeoutStopSec"])
    assert stop > 20 + 5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    names = ("rarescale.service", "rarescale-backup.service", "rarescale-backup.timer")
    for name in names:
        text = (DEPLOY / name).read_text().replace("/opt/rarescale/bin/rarescale", "/bin/true")
        (tmp_path / name).write_text(text)
    paths = [str(tmp_path / name) for name in names]
    verified = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    assert not [line for line in verified.stderr.splitlines() if "rarescale" in line]
    for path in paths[:2]:
        security = ["systemd-analyze", "security", "--offline=true", "--threshold=15", path]
        found = subprocess.run(security, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout


def test_the_settings_of_the_unit_are_those_the_service_reads() -> None:
    known = {"RARESCALE_OPTIONS", "RARESCALE_KEEP_DAYS", "RARESCALE_BACKUP_DAYS", "RARESCALE_CACHE"}
    group: Any = typer.main.get_command(app)
    for param in group.commands["serve"].params:
        known |= {str(param.envvar)} if param.envvar else set()
    assert set(ENVIRONMENT) <= known
    assert configparser.ConfigParser(strict=False).read(DEPLOY / "rarescale-backup.timer")


def test_a_shell_reads_the_settings_as_systemd_does() -> None:
    script = 'set -eu; set -a; . "$1"; env -0'
    shell = ["env", "-i", "sh", "-c", script, "sh", str(DEPLOY / "rarescale.env")]
    said = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    read = dict(entry.split("=", 1) for entry in said.split("\0") if entry)
    assert {name: read[name] for name in ENVIRONMENT} == ENVIRONMENT
