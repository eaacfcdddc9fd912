"""What every request passes: host check, limits of size and time, headers, and the last catch.

Plain ASGI, so that it also holds for streams and for what no route takes.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rarescale.people import LOCAL, NOBODY
from rarescale.service.addresses import FORWARDED, address_of, from_elsewhere, peer_of
from rarescale.service.denials import Denials, Denied
from rarescale.service.logs import FAULTS, places
from rarescale.service.problems import problem
from rarescale.service.rights import HEALTH
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
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
JOBS = "/v1/jobs"

faults = logging.getLogger(FAULTS)


class TooLarge(Exception):
    """The body grew over the limit while it was read."""


class TooSlow(Exception):
    """The body was not here in time."""


class Guard:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings, denials: Denials) -> None:
        """Nothing is started."""
        self.app, self.settings, self._denials = app, settings, denials
        self._headers = HEADERS | (TLS_ONLY if settings.secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["who"] = NOBODY if self.settings.login else LOCAL
        passage = _Passage(scope, receive, send, self._headers, self._limit(scope), self.settings.body_seconds)
        denied = self._denied(scope)
        refused = problem(denied.status, denied.reason, denied.message) if denied else self._refused(scope)
        try:
            await (refused or self.app)(scope, passage.receive, passage.send)
        except Exception as error:  # noqa: BLE001 - the last catch of the process: logged without any text of the request
            await passage.rescue(error)
        if denied:
            await self._denials.note(scope, denied, address_of(scope, self.settings))

    def _limit(self, scope: Scope) -> int:
        return self.settings.job_bytes if scope["path"] == JOBS else self.settings.request_bytes

    def _denied(self, scope: Scope) -> Denied | None:
        """Why a request is not for us, whoever asks."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if not self.settings.answers_to(name):
            return Denied(
                421,
                "host",
                "the Host header: found a name that is not this service's; expected localhost or the address it "
                "listens on. Open it by that address, or name the host with --name.",
            )
        # Where people sign in, the door looks closer.
        elsewhere = headers.get("sec-fetch-site") == "cross-site" if self.settings.login else from_elsewhere(headers)
        if elsewhere and scope["method"] not in ("GET", "HEAD"):
            return Denied(403, "cross-site", "found a request sent by another site's page; expected one of our own.")
        past = bool(self.settings.behind_proxy) and not self.settings.trusts(peer_of(scope))
        if past and scope["path"] not in HEALTH:
            return Denied(403, "not-by-proxy", "found a request that came past the proxy; expected one through it.")
        if not self.settings.login and any(name in headers for name in FORWARDED):
            message = "found a proxy that lets others in as you; expected --behind-proxy and --people: docs/people.md."
            return Denied(403, "proxy-without-login", message)
        return None

    def _refused(self, scope: Scope) -> ASGIApp | None:
        """The answer to a request that never reaches the application."""
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > self._limit(scope):
            return too_large(self._limit(scope))
        return None


def too_slow(seconds: float) -> ASGIApp:
    """The answer to a body that does not come."""
    message = f"the body: found it incomplete after {seconds:.0f} s; expected all of it by then. Send it again."
    answer = problem(408, "too-slow", message)
    answer.headers["Connection"] = "close"
    return answer


def too_large(limit: int) -> ASGIApp:
    """The answer to a body over the limit."""
    message = (
        f"the body: found more than {limit / 1e6:.0f} MB; expected at most that. "
        f"Send one patient at a time, or many to {JOBS}."
    )
    return problem(413, "too-large", message)


class _Passage:
    """One request on its way through: counts what comes in, adds headers to what goes out."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], limit: int, seconds: float
    ) -> None:
        self.scope, self._receive, self._send, self._headers = scope, receive, send, headers
        self._limit, self._seconds, self._until = limit, seconds, asyncio.get_running_loop().time() + seconds
        self._got, self._all, self.status = 0, False, 0

    async def receive(self) -> Message:
        """The next part of the body, in time; after the body there is no hurry."""
        try:
            async with asyncio.timeout_at(None if self._all else self._until):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        if message["type"] == "http.request":
            self._all = not message.get("more_body", False)
            self._got += len(message.get("body", b""))
            if self._got > self._limit:
                raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def rescue(self, error: Exception) -> None:
        """A problem instead of silence; a fault keeps its places, but not its message, which may quote a patient."""
        answers = {TooLarge: too_large(self._limit), TooSlow: too_slow(self._seconds)}
        known = answers.get(type(error))
        if known is None:
            faults.error("%s", places(error))
        if self.status:
            return
        message = "the program failed at this request; expected an answer. Please report it with the line of the log."
        answer = known or problem(500, "fault", message)
        await answer(self.scope, self._receive, self.send)
