"""Signing in and out with a browser: by a key, or through the login of the house."""

from __future__ import annotations

import hmac
import re
import secrets

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
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
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def page(request: Request, next: str = HOME) -> Response:
        return _page(request, _own(next))

    @router.post("/login")
    async def by_key(request: Request) -> Response:
        form, address = await form_of(request), address_of(request.scope, settings)
        then = _own(form.get("next", ""))
        try:
            _same_browser(request, form.get("token", ""))
            who, key = admission.by_key(form.get("key", "").strip(), address)
        except Denied as denied:
            return await _refused(request, denied, then, address)
        return _signed_in(request, who, then, key)

    @router.get("/login/oidc")
    async def by_provider(request: Request, next: str = HOME) -> Response:
        address = address_of(request.scope, settings)
        browser = _browser(request)
        try:
            provider = _provider(address)
            where = await run_in_threadpool(provider.begin, browser=browser, then=_own(next), redirect=_back(request))
        except ProviderDown as error:
            return await _refused(request, Denied(503, "provider-down", str(error)), _own(next), address)
        except Denied as denied:
            return await _refused(request, denied, _own(next), address)
        answer = RedirectResponse(where, status_code=303)
        set_cookie(answer, settings, LOGIN, browser)
        return answer

    @router.get(BACK)
    async def back(request: Request) -> Response:
        address = address_of(request.scope, settings)
        browser = read_cookie(request.scope, settings, LOGIN)
        try:
            provider = _provider(address)
            answer = dict(request.query_params)
            who, then = await run_in_threadpool(provider.finish, answer, browser=browser)
        except LoginFailed as error:
            return await _refused(request, admission.failed_login(error, address), HOME, address)
        except ProviderDown as error:
            return await _refused(request, Denied(503, "provider-down", str(error)), HOME, address)
        except Denied as denied:
            return await _refused(request, denied, HOME, address)
        return _signed_in(request, who, then)

    @router.post("/logout")
    def logout(request: Request) -> Response:
        admission.sessions.end(read_cookie(request.scope, settings, SESSION))
        answer = RedirectResponse("/login", status_code=303)
        drop_cookie(answer, settings, SESSION)
        return answer

    def _provider(address: str) -> Provider:
        """The login of the house, for an address that may try it."""
        if admission.provider is None:
            raise Denied(404, "no-provider", "found no login of the house here; expected a key.")
        admission.may_try(address)
        return admission.provider

    def _page(request: Request, then: str, status: int = 200, problem: Problem | None = None) -> Response:
        browser = _browser(request)
        answer = login_page(
            desk,
            status,
            token=browser,
            next=then,
            problem=problem,
            by_key=settings.people is not None,
            by_provider=settings.oidc is not None,
        )
        set_cookie(answer, settings, LOGIN, browser)
        return answer

    def _browser(request: Request) -> str:
        """The secret of a browser that is about to sign in: it shows that the form it sends is the one it was given."""
        found = read_cookie(request.scope, settings, LOGIN)
        return found if re.fullmatch(r"[A-Za-z0-9_-]{43}", found) else secrets.token_urlsafe(32)

    def _same_browser(request: Request, token: str) -> None:
        had = read_cookie(request.scope, settings, LOGIN)
        same = bool(had) and hmac.compare_digest(had.encode(), token.encode("utf-8", "surrogatepass"))
        if from_elsewhere(request.headers) or not same:
            message = "found a form that this browser was not given, or no cookies; expected both. Try once more."
            raise Denied(403, "csrf", message)

    def _back(request: Request) -> str:
        scheme = "https" if settings.secure else "http"
        return f"{scheme}://{request.headers['host']}{BACK}"

    def _signed_in(request: Request, who: Who, then: str, key: Key | None = None) -> Response:
        before = read_cookie(request.scope, settings, SESSION)
        id, _ = admission.sessions.begin(who, key=key, instead_of=before or None)
        answer = RedirectResponse(then, status_code=303)
        set_cookie(answer, settings, SESSION, id)
        drop_cookie(answer, settings, LOGIN)
        return answer

    async def _refused(request: Request, denied: Denied, then: str, address: str) -> Response:
        await denials.note(request.scope, denied, address)
        answer = _page(request, then, denied.status, Problem(kind=denied.reason, message=denied.message))
        answer.headers.update(denied.headers)
        return answer

    return router


def _own(page: str) -> str:
    """A page of ours to go on with; anything else is the workbench."""
    return page if _PAGE.fullmatch(page) else HOME
