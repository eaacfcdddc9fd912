"""A real `rarescale serve` with people and a store of its own, for the drills; all of it on loopback.

The drills that look for what is lost use the toy knowledge of the tests (a start takes a second or two), those that
measure time the shipped one.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from rarescale.people import Role, add_key, add_person, change_people
from rarescale.store import init_store

ROOT = Path(__file__).parent.parent
TOY = ROOT / "tests" / "toy"
KEY_DAYS = 30
START_S = 180.0


@dataclass
class House:
    """One service. `keys` are those of its people, `environment` what is added to that of the process."""

    folder: Path
    store: str
    people: dict[str, Role]
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    clients: list[httpx2.Client] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        with change_people(self.folder / "people.jsonl") as people:
            for name, role in self.people.items():
                add_person(people, name, frozenset({role}))
                self.keys[name] = add_key(people, name, now, now + timedelta(days=KEY_DAYS))[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log.jsonl"

    def start(self) -> None:
        """Start it, at the same port as before, and wait until it listens."""
        command = [sys.executable, "-m", "rarescale", "serve", "--port", str(self.port), "--log", "json"]
        named = ["--people", str(self.folder / "people.jsonl"), "--store", self.store, *self.options]
        before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*command, *named], stderr=log, env=os.environ | self.environment)
        until = time.monotonic() + START_S
        while not self.port or not self._answers():
            said = self.log.read_bytes()[before:].decode()
            assert self.process.poll() is None and time.monotonic() < until, f"the service did not start: {said}"
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/workbench", said):
                self.port = int(found[1])
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.address}/healthz", timeout=5).status_code == 200
        except httpx2.HTTPError:
            return False

    def kill(self) -> None:
        """Kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """As an operator ends it; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def client(self, name: str | None = None) -> httpx2.Client:
        """A program of somebody, or of nobody."""
        headers = {"Authorization": f"Bearer {self.keys[name]}"} if name else {}
        client = httpx2.Client(base_url=self.address, headers=headers, timeout=60)
        self.clients.append(client)
        return client

    def lines(self, logger: str = "") -> list[dict[str, Any]]:
        """What it wrote into its log."""
        found = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line[:1] == "{"]
        return [line for line in found if line["logger"].startswith(logger)]

    def faults(self) -> list[str]:
        """Lines of the log that say that the program failed."""
        return [str(line["message"]) for line in self.lines("rarescale.faults")]


@contextmanager
def opened(
    folder: Path, store: str, people: dict[str, Role], options: tuple[str, ...] = (), **environment: str
) -> Iterator[House]:
    """A house over a new store, that runs."""
    init_store(store)
    house = House(folder, store, people, environment, options)
    try:
        house.start()
        yield house
    finally:
        for client in house.clients:
            client.close()
        house.kill()


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[tuple[str, Any]]:
    """The URL of an empty database of a kind, and the server if it has one. SystemExit where PostgreSQL is missing."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/cases.sqlite", None
        return
    sys.path.insert(0, str(ROOT))
    from tests.store.server import Server, programs

    found = programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin); apt-get install postgresql")
    server = Server(found)
    try:
        server.start()
        yield server.new_database(), server
    finally:
        server.remove()


class Browser:
    """What a browser does on the workbench: signs in, has a page, presses its buttons."""

    def __init__(self, house: House, name: str) -> None:
        self.http = house.client()
        token = _hidden(self.http.get("/login").text, "token")
        answer = self.http.post("/login", data={"token": token, "key": house.keys[name], "next": "/workbench"})
        assert answer.status_code == 303, answer.text
        page = self.http.get("/workbench").text
        found = re.search(r"X-CSRF&#34;: &#34;([^&]+)&|X-CSRF\": \"([^\"]+)\"", page)
        assert found, page[:500]
        self.http.headers["X-CSRF"] = found[1] or found[2]
        self.state = ""

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """Send the form with the state of the page."""
        answer = self.http.post(path, data={"state": self.state} | fields)
        if 'name="state"' in answer.text:
            self.state = _hidden(answer.text, "state")
        return answer

    @property
    def bench(self) -> dict[str, Any]:
        """The state of the page."""
        return json.loads(self.state)  # type: ignore[no-any-return]


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:1000]
    return html.unescape(found[1])


def parser(about: str | None) -> argparse.ArgumentParser:
    """Of the arguments of a drill, described by its docstring."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
