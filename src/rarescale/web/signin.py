"""The page to sign in with, and the one that keeps a step whose session was over."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from rarescale.record import Problem
from rarescale.web.desk import Desk
from rarescale.web.render import html


def login_page(
    desk: Desk,
    status: int = 200,
    *,
    token: str,
    next: str,
    problem: Problem | None,
    by_key: bool,
    by_provider: bool,
) -> Response:
    """The login. `token` goes back with the form, `next` is the page that is wanted."""
    return html(
        desk,
        "login.html",
        status,
        token=token,
        next=next,
        problem=problem,
        by_key=by_key,
        by_provider=by_provider,
        title="Sign in",
    )


def again_page(desk: Desk, path: str, fields: Mapping[str, str]) -> Response:
    """Everything a form sent, to be sent once more when its owner is signed in again."""
    return html(desk, "again.html", 401, path=path, fields=fields, title="Sign in again")
