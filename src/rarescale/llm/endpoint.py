"""A chat completions service on this machine that answers from any model, and misbehaves on demand.

For tests, drills and demonstrations: with a scripted model behind it, a whole program can run against a real
HTTP endpoint without a network. It listens on loopback only.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, TypeAlias

from rarescale.errors import UsageError
from rarescale.llm.failures import ModelError
from rarescale.llm.messages import Model, Reply, Request
from rarescale.llm.wire import completion_of, request_of

Fault: TypeAlias = Literal["rate-limit", "server", "garbage", "hang", "cut", "slow", "no-schema", "not-completion"]
"""rate-limit: 429 with Retry-After. server: 500. garbage: 200 with a broken body. hang: no answer. cut: the
connection breaks within the body. slow: bytes drip. no-schema: 400 for response_format. not-completion: other JSON."""

Plan: TypeAlias = Callable[[int, Request], Fault | None]
"""What goes wrong with the n-th call (from 0) and its request."""

STREAM_CHARACTERS = 7
"""Characters of one event of a streamed answer."""


class Endpoint:
    """The service, as a context manager. `url` is the base URL; `calls` are the faults served, in order of arrival
    (None = answered); `answered` counts whole answers sent by request key; `headers` keeps those received."""

    def __init__(
        self, model: Model, *, plan: Plan | None = None, retry_after: str | None = "0", hang_s: float = 30.0
    ) -> None:
        """`hang_s` is how long a hanging call is held at most; `retry_after` goes with status 429."""
        self.model = model
        self.plan = plan or (lambda _number, _request: None)
        self.retry_after = retry_after
        self.hang_s = hang_s
        self.calls: list[Fault | None] = []
        self.keys: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.answered: Counter[str] = Counter()
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Base URL for clients. Raises UsageError before the service has started."""
        if self._server is None:
            raise UsageError("The endpoint has not started; expected to be inside 'with Endpoint(...)'.")
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Endpoint:
        """Start listening on a free port."""
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and let go of calls that hang."""
        self.closing.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def arrive(self, request: Request, headers: dict[str, str]) -> Fault | None:
        """Enter a call and decide its fault."""
        with self._lock:
            fault = self.plan(len(self.calls), request)
            self.calls.append(fault)
            self.keys.append(request.key)
            self.headers.append(headers)
        return fault

    def note_answer(self, request: Request) -> None:
        """Enter a whole answer."""
        with self._lock:
            self.answered[request.key] += 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own affair; anything else shows its traceback."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    endpoint: Endpoint
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        try:
            body = json.loads(raw)
            request = request_of(body)
        except (ValueError, KeyError, TypeError, UsageError) as error:
            self._send(400, _problem(f"not a chat completions request: {error!r}"))
            return
        fault = self.endpoint.arrive(request, {k.lower(): v for k, v in self.headers.items()})
        form = (body.get("response_format") or {}).get("type")
        if fault is not None and not (fault == "no-schema" and form is None):
            self._misbehave(fault, request, streamed=bool(body.get("stream")))
            return
        self._answer(request, streamed=bool(body.get("stream")))

    def _answer(self, request: Request, *, streamed: bool) -> None:
        try:
            reply = self.endpoint.model.complete(request)
        except ModelError as error:
            self._send(400, _problem(str(error)))
            return
        self.endpoint.note_answer(request)
        if streamed:
            self._send(200, _events(reply).encode(), kind="text/event-stream")
        else:
            self._send(200, json.dumps(completion_of(reply)).encode())

    def _misbehave(self, fault: Fault, request: Request, *, streamed: bool) -> None:
        if fault == "rate-limit":
            wish = {} if self.endpoint.retry_after is None else {"Retry-After": self.endpoint.retry_after}
            self._send(429, _problem("slow down"), wish)
        elif fault == "server":
            self._send(500, _problem("the server failed"))
        elif fault == "no-schema":
            self._send(400, _problem("response_format is not supported"))
        elif fault == "garbage":
            self._send(200, b'data: {"choices": [{"del\n\n' if streamed else b'{"choices": [{"mess')
        elif fault == "not-completion":
            self._send(200, b'{"hello": "world"}')
        else:
            self._hang(fault, request, streamed=streamed)

    def _hang(self, fault: Fault, request: Request, *, streamed: bool) -> None:
        self.close_connection = True
        if fault == "hang":
            self.endpoint.closing.wait(self.endpoint.hang_s)
            return
        reply = self.endpoint.model.complete(request)
        whole = (_events(reply) if streamed else json.dumps(completion_of(reply))).encode()
        self.wfile.write(self._head(200, len(whole), "application/json", {}))
        if fault == "cut":
            self.wfile.write(whole[: len(whole) // 2])
            return
        for start in range(len(whole)):
            self.wfile.write(whole[start : start + 1])
            if self.endpoint.closing.wait(0.05):
                return

    def _send(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        # One write: separate small ones would wait for each other's acknowledgement.
        self.wfile.write(self._head(status, len(body), kind, headers or {}) + body)

    def _head(self, status: int, length: int, kind: str, headers: dict[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += ["Connection: close"] if self.close_connection else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _problem(words: str) -> bytes:
    return json.dumps({"error": {"message": words, "type": "problem"}}).encode()


def _events(reply: Reply) -> str:
    whole = completion_of(reply)
    texts = [reply.text[i : i + STREAM_CHARACTERS] for i in range(0, len(reply.text), STREAM_CHARACTERS)]
    choices: list[dict[str, Any]] = [{"index": 0, "delta": {"content": text}, "finish_reason": None} for text in texts]
    choices.append({"index": 0, "delta": {}, "finish_reason": reply.finish})
    chunks: list[dict[str, Any]] = [{"model": reply.model, "choices": [choice]} for choice in choices]
    chunks.append({"model": reply.model, "choices": [], "usage": whole["usage"]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
