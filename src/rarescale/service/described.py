"""What `/openapi.json` says of the login, where there is one: how to show who asks, and the answers of the door."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from rarescale.record import Failure

ENDING: dict[int | str, dict[str, Any]] = {503: {"model": Failure}}
"""What every operation can answer, login or not: the service ends, or a part of it is not there."""

DOOR: dict[int | str, dict[str, Any]] = {
    401: {"model": Failure, "description": "Nobody who is signed in, or a key that opens nothing."},
    403: {"model": Failure, "description": "A role without the right to this, or a page of another site."},
    429: {"model": Failure, "description": "More requests than are answered; Retry-After says how long to wait."},
}

KEY, SESSION, CSRF = "key", "session", "csrf"


def describe_login(app: FastAPI, cookie: str, header: str) -> None:
    """Add the ways to come in: a key, or the session of a browser with what only its page knows."""
    plain = app.openapi

    def with_login() -> dict[str, Any]:
        found = plain()
        found.setdefault("components", {})["securitySchemes"] = {
            KEY: {"type": "http", "scheme": "bearer", "description": "A key of `rarescale people key`: rs_…"},
            SESSION: {"type": "apiKey", "in": "cookie", "name": cookie, "description": "After a login at /login."},
            CSRF: {
                "type": "apiKey",
                "in": "header",
                "name": header,
                "description": "With a session, to change something.",
            },
        }
        found["security"] = [{KEY: []}, {SESSION: [], CSRF: []}]
        return found

    app.openapi = with_login  # type: ignore[method-assign]
