"""What every request passes: host check, size limit, headers, the access log, and the last catch.

Plain ASGI, so that it also holds for streams and for what no route takes. No text of a request is ever logged: the
log names the route, not the address that was asked for.
"""

from __future__ import annotations

import logging
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rarescale.people import LOCAL
from rarescale.service.problems import problem
from rarescale.service.settings import ServiceSettings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
JOBS = "/v1/jobs"

access = logging.getLogger("rarescale.access")
faults = logging.getLogger("rarescale.faults")


class TooLarge(Exception):
    """The body grew over the limit while it was read."""


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        """Nothing is started."""
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["who"] = LOCAL
        passage = _Passage(scope, receive, send, self._limit(scope))
        refused = self._refused(scope)
        try:
            await (refused or self.app)(scope, passage.receive, passage.send)
        except Exception as error:  # noqa: BLE001 - the last catch of the process: logged without any text of the request
            await passage.rescue(error)
        finally:
            passage.log()

    def _limit(self, scope: Scope) -> int:
        return self.settings.job_bytes if scope["path"] == JOBS else self.settings.request_bytes

    def _refused(self, scope: Scope) -> ASGIApp | None:
        """The answer to a request that never reaches the application."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if not self.settings.answers_to(name):
            return problem(
                421,
                "host",
                "the Host header: found a name that is not this service's; expected localhost or the address it "
                "listens on. Open it by that address, or name the host with --name.",
            )
        if headers.get("sec-fetch-site") == "cross-site" and scope["method"] not in ("GET", "HEAD"):
            return problem(403, "cross-site", "found a request sent by another site's page; expected one of our own.")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._limit(scope):
            return too_large(self._limit(scope))
        return None


def too_large(limit: int) -> ASGIApp:
    """The answer to a body over the limit."""
    message = (
        f"the body: found more than {limit / 1e6:.0f} MB; expected at most that. "
        f"Send one patient at a time, or many to {JOBS}."
    )
    return problem(413, "too-large", message)


class _Passage:
    """One request on its way through: counts what comes in, adds headers to what goes out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self.scope, self._receive, self._send, self._limit = scope, receive, send, limit
        self._got, self.status, self._begun = 0, 0, time.perf_counter()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._got += len(message.get("body", b""))
            if self._got > self._limit:
                raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def rescue(self, error: Exception) -> None:
        """A problem instead of silence; a fault keeps its places, but not its message, which may quote a patient."""
        large = isinstance(error, TooLarge)
        if not large:
            frames = traceback.extract_tb(error.__traceback__)
            places = " < ".join(f"{f.name} {f.filename.rpartition('/')[2]}:{f.lineno}" for f in reversed(frames[-6:]))
            faults.error("%s at %s", type(error).__name__, places)
        if self.status:
            return
        message = "the program failed at this request; expected an answer. Please report it with the line of the log."
        answer = too_large(self._limit) if large else problem(500, "fault", message)
        await answer(self.scope, self._receive, self.send)

    def log(self) -> None:
        route = getattr(self.scope.get("route"), "path", "-")
        took = (time.perf_counter() - self._begun) * 1e3
        access.info("%s %s %s %.0f ms", self.scope["method"][:8], route, self.status, took)
