"""How a refusal is said: a program gets an object, a step of a page a sentence, a browser a page or the login."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from rarescale.errors import InputError
from rarescale.record import Problem
from rarescale.service.addresses import from_elsewhere
from rarescale.service.denials import Denied
from rarescale.service.problems import problem
from rarescale.service.rights import line_of
from rarescale.web import Desk, again_page, form_of, problem_page

LOGIN = "/login"


async def answer_to(desk: Desk, request: Request, denied: Denied) -> Response:
    """The response to a request that was refused."""
    response = await _answer(desk, request, denied)
    response.headers.update(denied.headers)
    return response


async def _answer(desk: Desk, request: Request, denied: Denied) -> Response:
    if request.headers.get("hx-request") == "true":
        return PlainTextResponse(denied.message, denied.status)  # the script shows it and leaves the page alone
    if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
        return problem(denied.status, denied.reason, denied.message)
    if denied.status == 401 and request.method in ("GET", "HEAD"):
        return RedirectResponse(f"{LOGIN}?{urlencode({'next': request.url.path})}", status_code=303)
    ours = line_of(request.scope["path"]) is not None  # //host would lead away
    if denied.reason == "session-over" and ours and not from_elsewhere(request.headers):
        try:
            return again_page(desk, request.url.path, await form_of(request))
        except InputError:
            pass
    return problem_page(desk, denied.status, Problem(kind=denied.reason, message=denied.message))
