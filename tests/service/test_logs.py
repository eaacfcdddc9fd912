"""The log: of use to whoever runs the service, and without a word of a patient."""

from __future__ import annotations

import io
import json
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.errors import UsageError
from rarescale.service import ServiceSettings, create_app, set_up_logs
from rarescale.service.logs import TextLines, id_for
from rarescale.store import init_store, open_store
from tests.service.conftest import HERE
from tests.service.walking import routes

SECRET = "zebrafinch"
BODIES: list[dict[str, Any]] = [
    {"json": {"id": SECRET, "present": ["HP:0001337", SECRET], "sex": SECRET, SECRET: SECRET}},
    {"json": {"id": SECRET, "messages": [{"role": "patient", "content": f"tremor {SECRET}"}]}},
    {"content": f"tremor {SECRET}", "headers": {"Content-Type": "text/plain"}},
    {"content": f"{{{SECRET}".encode(), "headers": {"Content-Type": "application/json"}},
    {"data": {"text": f"tremor {SECRET}", SECRET: SECRET, "state": SECRET, "title": SECRET}},
    {"content": b"\xff" + SECRET.encode(), "headers": {"Content-Type": SECRET}},
]

Logs = Callable[[str], io.StringIO]


@pytest.fixture
def logs() -> Iterator[Logs]:
    """Sets the logs of this process up as `serve` does; everything is as before afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("rarescale")
    before = (root.handlers[:], root.level, ours.level, warnings.showwarning, threading.excepthook)

    def set_up(form: str) -> io.StringIO:
        stream = io.StringIO()
        set_up_logs(form, stream)
        return stream

    yield set_up
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])
    warnings.showwarning, threading.excepthook = before[3:]


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_secret_sent_in_every_way_to_every_route_is_in_no_line(
    diagnoser: Diagnoser, logs: Logs, form: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/cases.sqlite"
    init_store(url)
    with open_store(url) as store:
        app = create_app(diagnoser, ServiceSettings(runs=tmp_path), store=store)
        stream = logs(form)
        headers = {"X-Request-ID": SECRET, "User-Agent": SECRET, "Referer": f"http://{SECRET}/", "If-Match": SECRET}
        walked = sorted(set(routes(app)))
        with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
            client.cookies.set(SECRET, SECRET)
            client.headers.update(headers | {"Authorization": f"Bearer {SECRET}"})
            for method, pattern in walked:
                path = re.sub(r"\{[^}]*\}", SECRET, pattern)
                for body in BODIES if method in ("POST", "PUT", "PATCH") else [{}]:
                    client.request(method, f"{path}?q={SECRET}&top={SECRET}&{SECRET}=1", **body)
                    client.request(method, path, **body)
            client.get("/help", headers={"Host": SECRET})
            client.request(SECRET.upper(), f"/{SECRET}")
    said = stream.getvalue()
    assert len(walked) > 30 and len(said.splitlines()) > 2 * len(walked)
    assert SECRET not in said.lower()


def test_a_line_says_who_what_and_how_long(make: Callable[..., FastAPI], logs: Logs) -> None:
    stream = logs("json")
    with TestClient(make(), base_url=HERE) as client:
        answer = client.get("/v1/diseases/OMIM:100001")
    (line,) = lines(stream)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/diseases/{id}", 200)
    assert line["who"] == "local" and isinstance(line["ms"], int) and line["level"] == "info"
    assert line["request"] == answer.headers["x-request-id"]


def test_probes_are_quiet_until_they_fail(make: Callable[..., FastAPI], logs: Logs) -> None:
    stream, app = logs("json"), make()
    with TestClient(app, base_url=HERE) as client:
        for address in ("/healthz", "/readyz", "/metrics"):
            client.get(address)
        assert not stream.getvalue()
        app.state.life.end()
        client.get("/readyz")
    assert [(x["route"], x["status"]) for x in lines(stream)] == [("/readyz", 503)]


@pytest.mark.parametrize("given", ["0123456789abcdef0123456789abcdef", "0b9d1f2e-1111-4222-8333-444455556666"])
def test_the_id_of_a_proxy_is_taken_over(client: TestClient, given: str) -> None:
    assert client.get("/help", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@given(st.text())
def test_any_other_id_is_replaced(given: str) -> None:
    assert re.fullmatch(r"[0-9a-f-]{32,36}", id_for(given))


def test_a_refusal_has_an_id_and_a_line_too(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rarescale.access")
    answer = client.get("/help", headers={"Host": "evil.example"})
    assert answer.status_code == 421 and answer.headers["x-request-id"]
    assert "GET - 421" in caplog.text


def test_a_fault_has_the_id_of_its_request_and_no_message(make: Callable[..., FastAPI], logs: Logs) -> None:
    app, stream = make(), logs("json")

    @app.get("/boom")
    def boom() -> None:
        raise RuntimeError(SECRET)

    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        answer = client.get("/boom")
    fault, access = lines(stream)
    assert fault["message"].startswith("RuntimeError at boom test_logs.py:")
    assert fault["request"] == access["request"] == answer.headers["x-request-id"]
    assert fault["level"] == "error" and access["status"] == 500
    assert SECRET not in stream.getvalue() + answer.text


def test_other_libraries_threads_and_warnings_only_say_where(logs: Logs) -> None:
    logging.getLogger("asyncio").disabled = True
    logging.getLogger("uvicorn.error").handlers[:] = [logging.StreamHandler()]
    logging.getLogger("uvicorn.error").propagate = False
    stream = logs("json")
    logging.getLogger("asyncio").error("exception=ValueError(%r)", SECRET)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    with warnings.catch_warnings(record=False):
        warnings.simplefilter("always")
        warnings.warn(SECRET, UserWarning, stacklevel=1)

    def die() -> None:
        raise KeyError(SECRET)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    found = lines(stream)
    assert SECRET not in stream.getvalue()
    assert [x["logger"] for x in found] == ["asyncio", "uvicorn.error", "rarescale.faults", "rarescale.faults"]
    assert found[1]["error"].startswith("ValueError at test_other_libraries")
    assert found[2]["message"].startswith("UserWarning at test_logs.py:")
    assert "KeyError at die" in found[3]["message"]


@given(st.text())
def test_no_text_makes_a_second_line(text: str) -> None:
    record = logging.LogRecord("rarescale.x", logging.INFO, "f.py", 1, "%s", (text,), None)
    assert len(TextLines().format(record).splitlines()) == 1


def test_another_form_is_refused(logs: Logs) -> None:
    with pytest.raises(UsageError, match="--log"):
        logs("xml")
