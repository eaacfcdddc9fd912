"""The door: who asks, whether they may, and not too often. Stands inside the guard and before every route.

A program shows an API key or an access token with each request. A browser has a session in a cookie, and because a
browser sends cookies for other sites' pages too, each step that changes something must also bring what only our own
page knows. Where there is no login, there is no door.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rarescale.errors import InputError
from rarescale.people import Session, Who
from rarescale.service.addresses import address_of, from_elsewhere
from rarescale.service.admission import Admission
from rarescale.service.answers import answer_to
from rarescale.service.cookies import SESSION, read_cookie
from rarescale.service.denials import Denials, Denied
from rarescale.service.people_log import PeopleLog
from rarescale.service.rights import Line, line_of
from rarescale.service.settings import ServiceSettings
from rarescale.web import Desk, Visitor, form_of, welcome

SAFE = ("GET", "HEAD", "OPTIONS")
CSRF = "x-csrf"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
WHO = {"WWW-Authenticate": 'Bearer realm="rarescale"'}


class Door:
    """Wraps the application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: ServiceSettings,
        desk: Desk,
        admission: Admission,
        denials: Denials,
        people_log: PeopleLog,
    ) -> None:
        """`desk` is for the pages that say no."""
        self._app, self._settings, self._desk = app, settings, desk
        self._admission, self._denials, self._people_log = admission, denials, people_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on with `request.state.who`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        finally:
            await self._people_log.keep()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        welcome(None)
        address = address_of(scope, self._settings)
        try:
            receive = await self._let_in(scope, receive, address)
        except Denied as denied:
            scope["state"]["who"] = denied.who
            answer = await answer_to(self._desk, Request(scope, receive), denied)
            await answer(scope, receive, send)
            await self._denials.note(scope, denied, address)
            return
        await self._app(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, address: str) -> Receive:
        """Say who it is in the scope. Raises Denied. Returns what the body is to be read from."""
        line = line_of(scope["path"])
        if line is not None and line.right is None:
            if line.limited:
                self._admission.count_address(address)
            return receive
        who, session = await self._who(scope, address)
        if session is not None:
            welcome(Visitor(who.name, session.csrf))
        self._admission.count_person(who)
        _may(who, line)
        if session is not None and scope["method"] not in SAFE:
            receive = await _of_our_page(scope, receive, who, session)
        scope["state"]["who"] = who
        return receive

    async def _who(self, scope: Scope, address: str) -> tuple[Who, Session | None]:
        """Who asks. Raises Denied, of too many where an address sends more than strangers may.

        Whoever is known has a limit of their own, and is not kept out by strangers who share the address.
        """
        try:
            return await self._known(scope, address)
        except Denied:
            self._admission.count_address(address)
            raise

    async def _known(self, scope: Scope, address: str) -> tuple[Who, Session | None]:
        """Who proved to be who; a key or token that is shown counts alone, also where there is a cookie."""
        headers = Headers(scope=scope)
        kind, _, shown = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return await self._admission.by_bearer(shown.strip(), address), None
        if id := read_cookie(scope, self._settings, SESSION):
            return self._admission.by_session(id)
        raise Denied(
            401,
            "no-login",
            "found nobody who is signed in; expected an API key (Authorization: Bearer rs_…), or a login at /login.",
            headers=WHO,
        )


def _may(who: Who, line: Line | None) -> None:
    if line is None:
        raise Denied(404, "no-address", "found no such address here; expected one of /openapi.json.", who=who)
    if line.right is not None and not who.may(line.right):
        message = f"found roles without the right to {line.right}; expected it. Ask whoever runs this service."
        raise Denied(403, "no-right", message, who=who)


async def _of_our_page(scope: Scope, receive: Receive, who: Who, session: Session) -> Receive:
    """Check that a step was sent by a page of ours, for this session. Raises Denied."""
    headers = Headers(scope=scope)
    if from_elsewhere(headers):
        raise Denied(403, "cross-site", "found a request sent by another site's page; expected one of ours.", who=who)
    csrf = headers.get(CSRF, "")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not csrf and kind in FORMS:
        body = await Request(scope, receive).body()
        csrf = await _field(scope, body)
        receive = _again(body, receive)
    if not session.knows(csrf):
        message = (
            "found a page of an earlier login, or one that is not ours; nothing was changed. "
            "Open the page anew, and copy what you still need from this one."
        )
        raise Denied(403, "csrf", message, who=who)
    return receive


async def _field(scope: Scope, body: bytes) -> str:
    async def nothing_more() -> Message:
        return {"type": "http.disconnect"}

    try:
        return (await form_of(Request(scope, _again(body, nothing_more)))).get("csrf", "")
    except InputError:
        return ""


def _again(body: bytes, then: Receive) -> Receive:
    """A body that was read, to be read once more; afterwards what the connection has to say."""
    waiting = [body]

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await then()

    return receive
