"""The two cookies: a session, and the secret of a browser that is about to sign in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from rarescale.service.settings import ServiceSettings

SESSION = "rarescale"
LOGIN = "rarescale-login"


def read_cookie(scope: Scope, settings: ServiceSettings, name: str) -> str:
    """The value of a cookie; empty where there is none."""
    return Request(scope).cookies.get(_named(settings, name), "")


def set_cookie(response: Response, settings: ServiceSettings, name: str, value: str) -> None:
    """For this host and this browser alone, unseen by scripts, until the browser is closed.

    `Strict` would leave whoever comes back from the login of the house signed out, so there it is `Lax`.
    """
    response.set_cookie(
        _named(settings, name),
        value,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax" if settings.oidc else "strict",
    )


def drop_cookie(response: Response, settings: ServiceSettings, name: str) -> None:
    """Take it away again."""
    response.delete_cookie(_named(settings, name), path="/", secure=settings.secure, httponly=True)


def session_name(settings: ServiceSettings) -> str:
    """The name of the cookie of a session, as a browser sends it."""
    return _named(settings, SESSION)


def _named(settings: ServiceSettings, name: str) -> str:
    """With TLS by the prefix that keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if settings.secure else name
