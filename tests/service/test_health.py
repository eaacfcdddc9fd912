"""Whether the process lives, and whether requests may be sent to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.service import ServiceSettings, create_app, health
from rarescale.store import Unavailable, init_store, open_store
from tests.service.conftest import HERE, Clock


class Gone:
    """A store that does as it is told."""

    def __init__(self) -> None:
        self.pings, self.up = 0, True

    def ping(self) -> None:
        self.pings += 1
        if not self.up:
            raise Unavailable("gone")


@pytest.fixture
def gone() -> Gone:
    return Gone()


@pytest.fixture
def app(diagnoser: Diagnoser, gone: Gone, clock: Clock) -> FastAPI:
    return create_app(diagnoser, ServiceSettings(), store=gone, clock=clock)  # type: ignore[arg-type]


def test_alive_says_so_and_nothing_else(client: TestClient) -> None:
    assert client.get("/healthz").text == "alive\n"


def test_ready_without_a_store(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"ready": True}


def test_a_store_that_is_gone_takes_the_service_out_and_back_again(app: FastAPI, gone: Gone, clock: Clock) -> None:
    with TestClient(app, base_url=HERE) as client:
        assert client.get("/readyz").status_code == 200
        gone.up = False
        clock.now += 1
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "reason": "store"})
        assert client.get("/healthz").status_code == 200
        assert 'rarescale_store_errors_total{kind="store-unavailable"} 1.0' in client.get("/metrics").text
        gone.up = True
        clock.now += 1
        assert client.get("/readyz").status_code == 200


def test_the_store_is_asked_at_most_once_a_second(app: FastAPI, gone: Gone, clock: Clock) -> None:
    with TestClient(app, base_url=HERE) as client:
        for _ in range(20):
            client.get("/readyz")
            clock.now += 0.1
    assert gone.pings == 2


def test_a_store_that_hangs_is_not_ready_and_gets_no_second_thread(
    app: FastAPI, gone: Gone, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    hanging = threading.Event()

    def hang() -> None:
        gone.pings += 1
        hanging.wait(60)

    monkeypatch.setattr(gone, "ping", hang)
    with TestClient(app, base_url=HERE) as client:
        try:
            for _ in range(3):
                assert client.get("/readyz").json()["reason"] == "store"
                clock.now += 1
            assert gone.pings == 1
        finally:
            hanging.set()


def test_a_service_that_ends_is_not_ready_but_alive_and_refuses_what_is_new(make: Callable[..., FastAPI]) -> None:
    app = make()
    with TestClient(app, base_url=HERE) as client:
        app.state.life.end()
        assert client.get("/readyz").json() == {"ready": False, "reason": "ending"}
        assert client.get("/healthz").status_code == 200
        answer = client.post("/v1/read", json={"present": []})
        assert (answer.status_code, answer.json()["error"]["kind"]) == (503, "ending")
        assert answer.headers["retry-after"] and answer.headers["connection"] == "close"


def test_a_real_store_that_is_taken_away(diagnoser: Diagnoser, tmp_path: Path, clock: Clock) -> None:
    url = f"sqlite:///{tmp_path}/cases.sqlite"
    init_store(url)
    with (
        open_store(url) as store,
        TestClient(create_app(diagnoser, ServiceSettings(), store=store, clock=clock), base_url=HERE) as client,
    ):
        assert client.get("/readyz").status_code == 200
        (tmp_path / "cases.sqlite").rename(tmp_path / "elsewhere.sqlite")
        clock.now += 1
        assert client.get("/readyz").json()["reason"] == "store"
        (tmp_path / "elsewhere.sqlite").rename(tmp_path / "cases.sqlite")
        clock.now += 1
        assert client.get("/readyz").status_code == 200
