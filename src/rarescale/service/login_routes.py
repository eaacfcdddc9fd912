"""Signing in and out with a browser: by a key, or through the login of the house."""

from __future__ import annotations

import hmac
import re
import secrets

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from rarescale.people import Key, LoginFailed, Provider, ProviderDown, Who
from rarescale.record import Problem
from rarescale.service.addresses import address_of, from_elsewhere
from rarescale.service.admission import Admission
from rarescale.service.cookies import LOGIN, SESSION, drop_cookie, read_cookie, set_cookie
from rarescale.service.denials import Denials, Denied
from rarescale.service.settings import ServiceSettings
from rarescale.web import Desk, form_of, login_page

HOME = "/workbench"
BACK = "/login/oidc/back"
_PAGE = re.compile(r"/(?!/)[A-Za-z0-9/_.:-]{0,300}")


def login_routes(desk: Desk, settings: ServiceSettings, admission: Admission, denials: Denials) -> APIRouter:
    """`/login` and what belongs to it, and `/logout`."""
    login = _Login(desk, settings, admission, denials)
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/login", login.page, methods=["GET"])
    router.add_api_route("/login", login.by_key, methods=["POST"])
    router.add_api_route("/login/oidc", login.by_provider, methods=["GET"])
    router.add_api_route(BACK, login.back, methods=["GET"])
    router.add_api_route("/logout", login.logout, methods=["POST"])
    return router


class _Login:
    """The handlers; each answers one request."""

    def __init__(self, desk: Desk, settings: ServiceSettings, admission: Admission, denials: Denials) -> None:
        self._desk, self._settings, self._admission, self._denials = desk, settings, admission, denials

    def page(self, request: Request, next: str = HOME) -> Response:
        """The form of a key, and the way to the login of the house."""
        return self._page(request, _own(next))

    async def by_key(self, request: Request) -> Response:
        """The form comes back, with a key."""
        form, address = await form_of(request), address_of(request.scope, self._settings)
        then = _own(form.get("next", ""))
        try:
            self._same_browser(request, form.get("token", ""))
            who, key = self._admission.by_key(form.get("key", "").strip(), address)
        except Denied as denied:
            return await self._refused(request, denied, then, address)
        return self._signed_in(request, who, then, key)

    async def by_provider(self, request: Request, next: str = HOME) -> Response:
        """Go to the login of the house."""
        address, browser, then = address_of(request.scope, self._settings), self._browser(request), _own(next)
        try:
            begin = self._provider(address).begin
            where = await self._admission.asks_provider(
                begin, browser=browser, then=then, redirect=self._back_address(request)
            )
        except ProviderDown as error:
            return await self._refused(request, _down(error), then, address)
        except Denied as denied:
            return await self._refused(request, denied, then, address)
        answer = RedirectResponse(where, status_code=303)
        set_cookie(answer, self._settings, LOGIN, browser)
        return answer

    async def back(self, request: Request) -> Response:
        """Come back from there."""
        address = address_of(request.scope, self._settings)
        browser = read_cookie(request.scope, self._settings, LOGIN)
        try:
            finish = self._provider(address).finish
            who, then = await self._admission.asks_provider(finish, dict(request.query_params), browser=browser)
        except LoginFailed as error:
            return await self._refused(request, self._admission.failed_login(error, address), HOME, address)
        except ProviderDown as error:
            return await self._refused(request, _down(error), HOME, address)
        except Denied as denied:
            return await self._refused(request, denied, HOME, address)
        return self._signed_in(request, who, then)

    def logout(self, request: Request) -> Response:
        """End the session."""
        self._admission.sessions.end(read_cookie(request.scope, self._settings, SESSION))
        answer = RedirectResponse("/login", status_code=303)
        drop_cookie(answer, self._settings, SESSION)
        return answer

    def _provider(self, address: str) -> Provider:
        """The login of the house, for an address that may try it. Raises Denied."""
        if self._admission.provider is None:
            raise Denied(404, "no-provider", "found no login of the house here; expected a key.")
        self._admission.may_log_in(address)
        return self._admission.provider

    def _page(self, request: Request, then: str, status: int = 200, problem: Problem | None = None) -> Response:
        browser = self._browser(request)
        answer = login_page(
            self._desk,
            status,
            token=browser,
            next=then,
            problem=problem,
            by_key=self._settings.people is not None,
            by_provider=self._settings.oidc is not None,
        )
        set_cookie(answer, self._settings, LOGIN, browser)
        return answer

    def _browser(self, request: Request) -> str:
        """The secret of a browser that is about to sign in: it shows that the form it sends is the one it was given."""
        found = read_cookie(request.scope, self._settings, LOGIN)
        return found if re.fullmatch(r"[A-Za-z0-9_-]{43}", found) else secrets.token_urlsafe(32)

    def _same_browser(self, request: Request, token: str) -> None:
        had = read_cookie(request.scope, self._settings, LOGIN)
        same = bool(had) and hmac.compare_digest(had.encode(), token.encode("utf-8", "surrogatepass"))
        if from_elsewhere(request.headers) or not same:
            message = "found a form that this browser was not given, or no cookies; expected both. Try once more."
            raise Denied(403, "csrf", message)

    def _back_address(self, request: Request) -> str:
        scheme = "https" if self._settings.secure else "http"
        return f"{scheme}://{request.headers['host']}{BACK}"

    def _signed_in(self, request: Request, who: Who, then: str, key: Key | None = None) -> Response:
        before = read_cookie(request.scope, self._settings, SESSION)
        id, _ = self._admission.sessions.begin(who, key=key, instead_of=before or None)
        answer = RedirectResponse(then, status_code=303)
        set_cookie(answer, self._settings, SESSION, id)
        drop_cookie(answer, self._settings, LOGIN)
        return answer

    async def _refused(self, request: Request, denied: Denied, then: str, address: str) -> Response:
        await self._denials.note(request.scope, denied, address)
        answer = self._page(request, then, denied.status, Problem(kind=denied.reason, message=denied.message))
        answer.headers.update(denied.headers)
        return answer


def _down(error: ProviderDown) -> Denied:
    return Denied(503, "provider-down", str(error))


def _own(page: str) -> str:
    """A page of ours to go on with; anything else is the workbench."""
    return page if _PAGE.fullmatch(page) else HOME
