"""Verifying a signed token (RFC 7519, RFC 8725): its signature by a key of the provider, then its claims."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rarescale.people.errors import LoginFailed
from rarescale.people.oidc_settings import OidcSettings

if TYPE_CHECKING:
    from joserfc.jwk import Key

LEEWAY = 60.0
"""Seconds by which the clocks of two machines may differ."""

LARGEST = 20_000
"""Characters of a token."""


def verified(
    token: str,
    key_of: Callable[[str | None, str], Key],
    *,
    settings: OidcSettings,
    audience: str,
    now: datetime,
) -> dict[str, Any]:
    """The claims of a token for `audience`. Raises LoginFailed; what `key_of` raises.

    The algorithm must be one of the settings before a key is even looked for, and the key must be of its kind.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError

    header = _header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in settings.algorithms:
        raise LoginFailed("wrong-algorithm", "found a token that is not signed as expected.")
    key = key_of(kid if isinstance(kid, str) else None, algorithm)
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError) as error:
        raise LoginFailed("wrong-signature", "found a token whose signature is wrong.") from error
    _check(claims, settings.issuer, audience, now.timestamp())
    return dict(claims)


def _header(token: str) -> dict[str, Any]:
    first = token.partition(".")[0]
    try:
        if len(token) > LARGEST or token.count(".") != 2 or not token.isascii():
            raise ValueError
        found = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
        if not isinstance(found, dict):
            raise ValueError
    except (ValueError, binascii.Error, RecursionError):
        raise LoginFailed("no-token", "found what is no signed token.") from None
    return found


def _check(claims: dict[str, Any], issuer: str, audience: str, now: float) -> None:
    if claims.get("iss") != issuer:
        raise LoginFailed("wrong-issuer", "found a token of another provider.")
    given = claims.get("aud")
    audiences = given if isinstance(given, list) else [given]
    if audience not in audiences:
        raise LoginFailed("wrong-audience", "found a token that is meant for another service.")
    expires, issued, begins = _time(claims, "exp"), _time(claims, "iat"), claims.get("nbf", 0)
    if expires + LEEWAY <= now:
        raise LoginFailed("expired-token", "found a token whose time is over.")
    if issued > now + LEEWAY or not _is_time(begins) or begins > now + LEEWAY:
        raise LoginFailed("early-token", "found a token whose time has not come. Do the clocks differ?")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise LoginFailed("no-name", "found a token that names nobody.")


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if not _is_time(value):
        raise LoginFailed("expired-token", f"found a token without {name}.")
    return float(value)  # type: ignore[arg-type]


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def claim(claims: dict[str, Any], path: str) -> object:
    """A claim by its name, or by the path to it with dots; None where there is none."""
    if path in claims:
        return claims[path]
    found: object = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found
