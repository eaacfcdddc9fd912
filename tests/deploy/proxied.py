"""A real `rarescale serve` with people and a store, and nginx with deploy/nginx.conf in front of it, on loopback."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from rarescale.people import Role, add_key, add_person, change_people
from rarescale.store import init_store
from tests.service.test_serve import self_signed

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NAME = "rarescale.clinic.example"
ADDRESS = "127.0.0.2"
"""Where clients come from; nginx and the service are at 127.0.0.1."""

# What Debian's nginx.conf has around our file, where it matters; `temp` is gone before the first request.
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/temp/body;
    proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi;
    uwsgi_temp_path {folder}/temp/uwsgi;
    scgi_temp_path {folder}/temp/scgi;
    include {folder}/rarescale.conf;
}}
"""

_Found = TypeVar("_Found")


@dataclass
class Proxied:
    """`port` is that of https, `plain` that of http, `service` that of the service itself."""

    folder: Path
    port: int = 0
    plain: int = 0
    service: int = 0
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def gate(self) -> Path:
        """As soon as it is there, inputs named `slow` are read."""
        return self.folder / "gate"

    @contextmanager
    def client(self, who: str | None = None, address: str = ADDRESS) -> Iterator[httpx2.Client]:
        """A program of somebody, or of nobody, that speaks with nginx."""
        headers = {"Host": NAME} | self.bearer(who)
        trust = ssl.create_default_context(cafile=self.folder / "tls.crt")
        transport = httpx2.HTTPTransport(verify=trust, local_address=address)
        with httpx2.Client(
            base_url=f"https://127.0.0.1:{self.port}", headers=headers, transport=transport, timeout=60
        ) as client:
            yield client

    def bearer(self, who: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"} if who else {}

    def lines(self) -> list[dict[str, Any]]:
        """What the service wrote into its log, as far as the lines are complete; before, it may compile."""
        said = (self.folder / "log.jsonl").read_text().splitlines(keepends=True)
        return [json.loads(line) for line in said if line[:1] == "{" and line.endswith("\n")]

    def line(self, **fields: object) -> dict[str, Any]:
        """The line of the log with these fields; it may be written after the answer was sent."""
        return until(lambda: next((e for e in self.lines() if fields.items() <= e.items()), None))


def until(find: Callable[[], _Found | None]) -> _Found:
    """What is found within half a minute."""
    for _ in range(1500):
        if (found := find()) is not None:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


@contextmanager
def proxied(folder: Path) -> Iterator[Proxied]:
    """nginx and the service: ann is a clinician, ops an admin, ray a researcher."""
    house = Proxied(folder)
    now = datetime.now(UTC)
    with change_people(folder / "people.jsonl") as people:
        for name, role in {"ann": Role.CLINICIAN, "ops": Role.ADMIN, "ray": Role.RESEARCHER}.items():
            add_person(people, name, frozenset({role}))
            house.keys[name] = add_key(people, name, now, now + timedelta(days=1))[1]
    store = f"sqlite:///{folder}/cases.sqlite"
    init_store(store)
    options = ["--port", "0", "--log", "json", "--people", str(folder / "people.jsonl"), "--store", store]
    proxy = ["--behind-proxy", "127.0.0.1", "--name", NAME]
    command = [sys.executable, str(HERE / "gated_service.py"), str(house.gate), "serve", *options, *proxy]
    settings = os.environ | {"RARESCALE_KNOWLEDGE": str(ROOT / "tests" / "toy")}
    with (folder / "log.jsonl").open("w") as log, subprocess.Popen(command, stderr=log, env=settings) as process:
        try:
            house.service = int(until(lambda: _listening(house, process))[1])
            with nginx(house):
                yield house
        finally:
            process.terminate()
            process.wait(30)


def _listening(house: Proxied, process: subprocess.Popen[bytes]) -> re.Match[str] | None:
    said = (house.folder / "log.jsonl").read_text()
    assert process.poll() is None, said
    return re.search(r"http://127\.0\.0\.1:(\d+)/workbench", said)


@contextmanager
def nginx(house: Proxied) -> Iterator[None]:
    """nginx alone, in front of whatever listens at `house.service`."""
    folder = house.folder
    self_signed(folder)
    (folder / "temp").mkdir()
    # As late as can be: nobody holds them until nginx does.
    house.port, house.plain = free_port(), free_port()
    (folder / "rarescale.conf").write_text(site(house))
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "nginx.stderr").open("w") as said, subprocess.Popen(command, stderr=said) as process:
        try:
            until(lambda: _connects(house.port, process))
            # From here on, whatever would be written into a file fails.
            shutil.rmtree(folder / "temp")
            yield
        finally:
            process.terminate()
            process.wait(30)


def _connects(port: int, process: subprocess.Popen[bytes]) -> bool | None:
    assert process.poll() is None, "nginx did not start"
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0 or None


def site(house: Proxied) -> str:
    """deploy/nginx.conf with the ports, certificate and log of a test."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for there, here in {
        "127.0.0.1:8765": f"127.0.0.1:{house.service}",
        "listen 443 ": f"listen 127.0.0.1:{house.port} ",
        "listen 80;": f"listen 127.0.0.1:{house.plain};",
        "/etc/rarescale/tls/chain.pem": f"{house.folder}/tls.crt",
        "/etc/rarescale/tls/key.pem": f"{house.folder}/tls.key",
        "/var/log/nginx/rarescale.log": f"{house.folder}/rarescale.log",
    }.items():
        assert there in text
        text = text.replace(there, here)
    return text


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
