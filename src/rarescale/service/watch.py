"""What every request is seen by: its id, the access log, the metrics, and the end of the service.

Plain ASGI and outermost, so that refusals are seen too. The log and the metrics name the route, never the address
that was asked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rarescale.service.health import PROBES
from rarescale.service.life import Life
from rarescale.service.logs import id_for, request_id
from rarescale.service.metrics import Metrics
from rarescale.service.problems import problem

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

access = logging.getLogger("rarescale.access")


def method_of(scope: Scope) -> str:
    """The method of a request; one that nobody knows is "other", as it could hold any text."""
    method: str = scope["method"]
    return method if method in METHODS else "other"


class Watch:
    """Wraps the application and its guard. `clock` gives seconds."""

    def __init__(
        self, app: ASGIApp, life: Life, metrics: Metrics, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """Nothing is started."""
        self.app, self.life, self.metrics, self.clock = app, life, metrics, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sight = _Sight(scope, receive, send, id_for(Headers(scope=scope).get("x-request-id", "")))
        token = request_id.set(sight.id)
        counted = scope["path"] not in PROBES
        app = ending() if self.life.ending and counted else self.app
        begun = self.clock()
        self.life.running += counted
        try:
            await app(scope, sight.receive, sight.send)
        finally:
            self.life.running -= counted
            self._note(sight, self.clock() - begun, quiet=not counted)
            request_id.reset(token)

    def _note(self, sight: _Sight, seconds: float, *, quiet: bool) -> None:
        route, method, who = sight.route, sight.method, sight.who
        self.metrics.count("requests", route=route, method=method, status=str(sight.status))
        self.metrics.observe("request_seconds", seconds, route=route)
        self.metrics.count("bytes", sight.got, direction="in")
        self.metrics.count("bytes", sight.gave, direction="out")
        ms = round(seconds * 1e3)
        fields = {"method": method, "route": route, "status": sight.status, "ms": ms, "who": who}
        level = logging.DEBUG if quiet and sight.status == 200 else logging.INFO
        access.log(level, "%s %s %s %d ms %s", method, route, sight.status, ms, who, extra={"fields": fields})


def ending() -> ASGIApp:
    """The answer to a request that comes while the service ends."""
    answer = problem(503, "ending", "found a service that is about to end; expected one that runs. Send it again.")
    answer.headers["Retry-After"] = "5"
    answer.headers["Connection"] = "close"
    return answer


class _Sight:
    """One request on its way through. `status` is 0 until an answer begins."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, id: str) -> None:
        self.scope, self._receive, self._send, self.id = scope, receive, send, id
        self.status, self.got, self.gave = 0, 0, 0

    @property
    def method(self) -> str:
        return method_of(self.scope)

    @property
    def route(self) -> str:
        """The pattern, as in the routes' own declaration; "-" where none took the request."""
        return getattr(self.scope.get("route"), "path", "-")

    @property
    def who(self) -> str:
        """The name of the member of staff who asks; "-" where nobody was let in."""
        return getattr(self.scope.get("state", {}).get("who"), "name", "-")

    async def receive(self) -> Message:
        message = await self._receive()
        self.got += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = self.id
        elif message["type"] == "http.response.body":
            self.gave += len(message.get("body", b""))
        await self._send(message)
