"""uvicorn with an end that loses nothing, and with little patience for those who send slowly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from rarescale.service.jobs import Jobs
from rarescale.service.life import Life
from rarescale.service.problems import problem
from rarescale.service.settings import ServiceSettings

CONNECTIONS = 200
"""More than this many are answered with 503."""

KEEP_ALIVE = 15
"""Seconds that a connection without a request is kept."""

HEADER_BYTES = 16_384
HEADER_SECONDS = 10.0
"""A head of a request that is larger or not here by then ends the connection."""

MALFORMED = (
    "the request: found bytes that are no HTTP/1.1, such as a control character or more than 16 kB in its head; "
    "expected a well-formed request. Send it with a common HTTP library."
)

LAST = 3.0
"""Seconds after the grace until threads that still work are left behind."""

log = logging.getLogger("rarescale.service")


class Connection(H11Protocol):
    """A connection that is closed when the head of a request does not come; uvicorn waits for ever."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The time runs from the first moment."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """It stops when the head is complete, and runs anew for the next one."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._deadline is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for."""
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """The answer to what is no HTTP, the same for all; none where another has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            said = problem(400, "http", MALFORMED)
            head = [*said.raw_headers, (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
            head.append((b"connection", b"close"))
            parts: list[h11.Event] = [h11.Response(status_code=400, headers=head, reason=b"Bad Request")]
            if self.conn.our_state is h11.IDLE or self.scope["method"] != "HEAD":
                parts += [h11.Data(data=bytes(said.body)), h11.EndOfMessage()]
            for part in parts:
                self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._too_late)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()


def config_of(app: FastAPI, settings: ServiceSettings) -> uvicorn.Config:
    """How uvicorn runs; the log is ours (`logs.set_up_logs`)."""
    return uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        h11_max_incomplete_event_size=HEADER_BYTES,
        proxy_headers=False,  # who asks is found out by us: uvicorn would believe everybody on this machine
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )


class Server(uvicorn.Server):
    """Ends in two steps: first no new requests, then, when the running ones are answered, no connections.

    In between it still listens, so that a proxy hears from `/readyz` that it is to ask elsewhere.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, grace: float, on_start: Callable[[], None]) -> None:
        """`grace`: seconds that running requests have. `on_start` is called when it listens and heeds signals."""
        super().__init__(config)
        self._life: Life = app.state.life
        self._jobs: Jobs = app.state.jobs
        self._grace, self._until = grace, math.inf
        self._on_start = on_start
        self.finished = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and then says so: whoever reads the address may send a signal at once."""
        await super().startup(sockets)
        if self.started:
            self._on_start()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGHUP too: a terminal that is closed ends the service as Ctrl-C does."""
        if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGHUP"):
            with super().capture_signals():
                yield
            return
        before = signal.signal(signal.SIGHUP, self.handle_exit)
        try:
            with super().capture_signals():
                yield
        finally:
            signal.signal(signal.SIGHUP, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end, the second is the end."""
        if self._life.ending:
            os._exit(128 + sig)
        self._life.end()

    async def on_tick(self, counter: int) -> bool:
        """Whether to close the connections now; asked ten times a second."""
        if self._life.ending:
            if self._until == math.inf:
                self._begin_the_end()
            if not self._life.running or time.monotonic() >= self._until:
                self._close()
        return await super().on_tick(counter)

    def _begin_the_end(self) -> None:
        self._until = time.monotonic() + self._grace
        undone = self._jobs.close()
        log.info("ending: %d requests run, %d batches were not done and are forgotten", self._life.running, undone)

    def _close(self) -> None:
        self.config.timeout_graceful_shutdown = max(1, math.ceil(self._until - time.monotonic()))
        self.should_exit = True
        if self._life.running:
            self.finished = False
            log.error("ending: %d requests were not answered in %g s and are cut off", self._life.running, self._grace)
            # A thread cannot be ended, and the interpreter waits for it. The store loses nothing by this: each of its
            # steps is one transaction.
            last = threading.Timer(LAST, os._exit, (1,))
            last.daemon = True
            last.start()
