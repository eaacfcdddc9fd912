"""A service with people, and somebody with a key of each role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.people import Role, add_key, add_person, change_people
from rarescale.service import ServiceSettings, create_app
from tests.people.provider import Times

HERE = "http://localhost:8765"
STAFF = {"ann": Role.CLINICIAN, "ray": Role.RESEARCHER, "ops": Role.ADMIN}


@dataclass
class House:
    """The people file, its keys, and applications that go by it."""

    folder: Path
    diagnoser: Diagnoser
    times: Times
    keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with change_people(self.path) as people:
            for name, role in STAFF.items():
                add_person(people, name, frozenset({role}))
                # The start looks at the real time of day.
                self.keys[name] = add_key(people, name, self.times.now(), self.times.now() + timedelta(days=9000))[1]

    @property
    def path(self) -> Path:
        return self.folder / "people.jsonl"

    def app(self, store: Any = None, **settings: Any) -> FastAPI:
        chosen = ServiceSettings(**{"people": self.path, **settings})
        return create_app(self.diagnoser, chosen, store=store, clock=self.times.clock, now=self.times.now)

    @contextmanager
    def open(self, address: str = "10.1.2.3", base_url: str = HERE, **settings: Any) -> Iterator[TestClient]:
        """A client that follows no redirects, so that a test sees each answer."""
        with client_of(self.app(**settings), address, base_url) as client:
            yield client

    def bearer(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[name]}"}


@contextmanager
def client_of(app: FastAPI, address: str = "10.1.2.3", base_url: str = HERE) -> Iterator[TestClient]:
    with TestClient(
        app, base_url=base_url, raise_server_exceptions=False, follow_redirects=False, client=(address, 5000)
    ) as client:
        yield client
