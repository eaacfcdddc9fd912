"""Who may ask, what headers say, what the log keeps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from rarescale.errors import UsageError
from rarescale.service import ServiceSettings, bind
from tests.service.conftest import HERE
from tests.service.people import House

SECRET = "zebrafinch"


@pytest.mark.parametrize(
    "address", ["/workbench", "/v1/findings?q=seizure", "/nothing", "/static/x/app.css", "/openapi.json"]
)
def test_every_answer_has_a_strict_policy(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("host", ["localhost", "localhost:8765", "127.0.0.1:8765", "[::1]:8765"])
def test_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/help", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8765", "192.168.1.5", ""])
def test_a_foreign_host_name_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/help", headers={"Host": host}).status_code == 421


def test_a_named_host_is_answered(house: House) -> None:
    with house.open(names=("clinic.example",)) as client:
        headers = house.bearer("ann")
        assert client.get("/help", headers=headers | {"Host": "Clinic.example"}).status_code == 200
        assert client.get("/help", headers=headers | {"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another port of this machine
        {"Origin": "https://evil.example"},  # an older browser says this only
        {"Origin": "http://[x"},
    ],
)
def test_another_sites_page_cannot_post(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/read", json={"present": []}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost:8765"}]
)
def test_our_page_and_programs_can(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/v1/read", json={"present": []}, headers=headers).status_code == 200


def test_a_taken_port_says_what_to_do() -> None:
    taken = bind(ServiceSettings(port=0))
    with taken, pytest.raises(UsageError, match="--port"):
        bind(ServiceSettings(port=taken.getsockname()[1]))


def test_the_log_names_routes_and_never_what_was_said(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpx2", "httpcore", "asyncio", "python_multipart.multipart"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    client.post("/v1/diagnose", content=f"tremor {SECRET}", headers={"Content-Type": "text/plain"})
    client.post("/workbench/read", data={"text": f"tremor {SECRET}"})
    client.get(f"/v1/findings?q={SECRET}")
    client.get(f"/diseases/{SECRET}")
    client.get(f"/{SECRET}")
    assert "POST /v1/diagnose 200" in caplog.text
    assert SECRET not in caplog.text


def test_a_fault_is_a_problem_and_its_message_stays_out_of_the_log(
    make: Callable[..., FastAPI], caplog: pytest.LogCaptureFixture
) -> None:
    app = make()

    @app.get("/boom")
    def boom() -> None:
        raise RuntimeError(SECRET)

    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        answer = client.get("/boom")
    assert (answer.status_code, answer.json()["error"]["kind"]) == (500, "fault")
    assert "RuntimeError at boom" in caplog.text
    assert SECRET not in caplog.text + answer.text


def test_two_clients_at_once_get_their_own_answers(client: TestClient) -> None:
    patients = [{"id": str(k), "present": ["HP:0001337" if k % 2 else "HP:0001250"]} for k in range(24)]
    alone = [client.post("/v1/diagnose", json=p).json() for p in patients]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda p: client.post("/v1/diagnose", json=p).json(), patients))
    assert together == alone


def test_only_reports_of_the_folder_are_served_and_they_run_nothing(client: TestClient) -> None:
    assert "first" in client.get("/runs").text
    report = client.get("/runs/first")
    assert report.status_code == 200 and "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"]
    for name in (
        "linked",
        "first/notes.txt",
        "../report.html",
        "%2e%2e",
        "..%2f",
        "first%00",
        "/etc/passwd",
        "first/..%2f..",
    ):
        answer = client.get(f"/runs/{name}")
        assert answer.status_code == 404 and "secret" not in answer.text
