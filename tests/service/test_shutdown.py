"""`rarescale serve` as a process that is told to end, and as one that slow clients lean on."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOY = HERE.parent / "toy"
SLOW = {"id": "s", "messages": [{"role": "patient", "content": "I have a tremor."}]}


@dataclass
class Running:
    """A service over the toy knowledge that reads nothing before `gate` is there."""

    process: subprocess.Popen[str]
    gate: Path
    port: int
    lines: list[dict[str, Any]]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} | headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def in_flight(self, count: int) -> None:
        """Wait until so many requests are being answered."""
        for _ in range(1500):
            if f"rarescale_in_flight {count}.0" in self.ask("GET", "/metrics")[1]:
                return
            time.sleep(0.02)
        raise AssertionError("the request did not arrive")

    def said(self, words: str) -> None:
        for _ in range(1500):
            if any(words in str(line["message"]) for line in self.lines):
                return
            time.sleep(0.02)
        raise AssertionError(self.lines)


@contextmanager
def running(gate: Path, grace: float = 60.0, **environment: str) -> Iterator[Running]:
    command = [sys.executable, str(HERE / "slow_service.py"), str(gate), str(grace)]
    settings = os.environ | {"RARESCALE_KNOWLEDGE": str(TOY), "PYTHONPATH": str(HERE.parent.parent)} | environment
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=settings) as process:
        lines: list[dict[str, Any]] = []
        stderr = process.stderr
        assert stderr is not None

        def follow() -> None:
            for line in iter(stderr.readline, ""):
                lines.append(json.loads(line))

        follower = threading.Thread(target=follow)
        follower.start()
        try:
            service = Running(process, gate, 0, lines)
            service.said("/workbench")
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", lines[0]["message"])
            assert found is not None
            service.port = int(found[1])
            yield service
        finally:
            process.kill()
            process.wait()
            follower.join()


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    return thread, answers


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda s: s.name)
def test_told_to_end_it_refuses_new_requests_answers_running_ones_and_leaves_with_0(
    how: signal.Signals, tmp_path: Path
) -> None:
    with running(tmp_path / "gate") as service:
        service.ask("POST", "/v1/jobs", {"id": "a", "messages": SLOW["messages"]})
        thread, answers = in_thread(lambda: service.ask("POST", "/v1/diagnose", SLOW))
        service.in_flight(1)
        service.process.send_signal(how)
        service.said("ending")
        assert service.ask("GET", "/readyz") == (503, '{"ready":false,"reason":"ending"}')
        assert service.ask("GET", "/healthz")[0] == 200
        assert service.ask("POST", "/v1/read", SLOW)[0] == 503
        service.gate.touch()
        thread.join()
        assert answers[0][0] == 200 and json.loads(answers[0][1])["id"] == "s"
        assert service.process.wait(30) == 0
    said = [line["message"] for line in service.lines]
    assert any(m.startswith("ending: 1 requests run, 1 batches were not done") for m in said)
    assert all("error" not in line for line in service.lines)


def test_a_stream_that_runs_is_told_to_its_end(tmp_path: Path) -> None:
    with running(tmp_path / "gate") as service:
        ask = lambda: service.ask("POST", "/v1/diagnose", SLOW, Accept="application/x-ndjson")  # noqa: E731
        thread, answers = in_thread(ask)
        service.in_flight(1)
        service.process.terminate()
        service.said("ending")
        service.gate.touch()
        thread.join()
        assert [json.loads(x)["event"] for x in answers[0][1].splitlines()][-1] == "answer"
        assert service.process.wait(30) == 0


def test_with_nothing_to_do_it_leaves_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as service, socket.create_connection(("127.0.0.1", service.port)):
        service.process.terminate()
        assert service.process.wait(30) == 0


def test_what_takes_longer_than_the_grace_is_cut_off_and_said(tmp_path: Path) -> None:
    with running(tmp_path / "gate", grace=0.3) as service:
        thread, answers = in_thread(lambda: _until_cut(service))
        service.in_flight(1)
        service.process.terminate()
        assert service.process.wait(30) == 1
        thread.join()
        assert answers[0] in (0, 500)
    assert any("were not answered in 0.3 s and are cut off" in line["message"] for line in service.lines)


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with running(tmp_path / "gate") as service:
        thread, _ = in_thread(lambda: _until_cut(service))
        service.in_flight(1)
        service.process.terminate()
        service.said("ending")
        service.process.terminate()
        assert service.process.wait(30) == 128 + signal.SIGTERM
        thread.join()


def _until_cut(service: Running) -> int:
    """The status of a request that is never answered: 500, or 0 where the connection was closed."""
    try:
        return service.ask("POST", "/v1/diagnose", SLOW)[0]
    except (OSError, http.client.HTTPException):
        return 0


def test_slow_and_large_heads_and_slow_bodies_are_ended_and_others_are_served_meanwhile(tmp_path: Path) -> None:
    with running(tmp_path, SLOW_HEADER_SECONDS="0.5", SLOW_BODY_SECONDS="0.5") as service:
        silent = _connect(service)
        dripping = _connect(service, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-")
        body = _connect(
            service,
            b"POST /v1/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 99\r\n\r\ntre",
        )
        large = _connect(service, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 20_000)
        assert service.ask("GET", "/healthz")[0] == 200
        assert _rest(silent) == b"" and _rest(dripping) == b""
        assert b" 408 " in _rest(body).splitlines()[0]
        refused = _rest(large)
        assert b" 400 " in refused.splitlines()[0]
        assert json.loads(refused.partition(b"\r\n\r\n")[2])["error"]["kind"] == "http"
        odd = _connect(service, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Odd: a\x00b\r\n\r\n")
        assert b" 400 " in _rest(odd).splitlines()[0]
        assert service.ask("GET", "/healthz")[0] == 200


def test_a_connection_that_rests_between_requests_is_kept_and_then_hurried(tmp_path: Path) -> None:
    with running(tmp_path, SLOW_HEADER_SECONDS="0.5") as service:
        connection = _connect(service)
        for _ in range(2):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"alive" in _until(connection, b"alive\n")
            time.sleep(0.8)
        connection.sendall(b"GET /hea")
        assert _rest(connection) == b""


def test_more_connections_than_the_limit_are_answered_with_503(tmp_path: Path) -> None:
    with running(tmp_path, SLOW_CONNECTIONS="5") as service:
        held = [_connect(service) for _ in range(6)]
        assert service.ask("GET", "/healthz")[0] == 503
        for connection in held:
            connection.close()
        for _ in range(500):
            if service.ask("GET", "/healthz")[0] == 200:
                break
            time.sleep(0.02)
        else:
            raise AssertionError("the service did not recover")


def _connect(service: Running, start: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=30)
    connection.sendall(start)
    return connection


def _rest(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    with connection:
        found = b""
        try:
            while part := connection.recv(65_536):
                found += part
        except ConnectionResetError:
            pass
        return found


def _until(connection: socket.socket, end: bytes) -> bytes:
    found = b""
    while not found.endswith(end):
        found += connection.recv(65_536)
    return found
