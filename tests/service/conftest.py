from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.service import ServiceSettings, create_app
from tests.people.provider import Times
from tests.service.people import House

HERE = "http://localhost:8765"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run, and beside it a file that must never be served."""
    root = tmp_path_factory.mktemp("serve")
    (root / "runs" / "first").mkdir(parents=True)
    (root / "runs" / "first" / "report.html").write_text("<h1>top-10 62 %</h1><script>alert(1)</script>")
    (root / "runs" / "first" / "notes.txt").write_text("secret beside")
    (root / "report.html").write_text("secret outside")
    (root / "runs" / "linked").symlink_to(root, target_is_directory=True)
    return root / "runs"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(diagnoser: Diagnoser, runs: Path, clock: Clock) -> Callable[..., FastAPI]:
    def app(**settings: object) -> FastAPI:
        return create_app(diagnoser, ServiceSettings(**({"runs": runs} | settings)), clock=clock)  # type: ignore[arg-type]

    return app


@pytest.fixture
def client(make: Callable[..., FastAPI]) -> Iterator[TestClient]:
    with TestClient(make(), base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def house(tmp_path: Path, diagnoser: Diagnoser, times: Times) -> House:
    """People with keys, and services that let them in."""
    return House(tmp_path, diagnoser, times)
