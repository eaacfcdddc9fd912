"""The login of the house: OpenID Connect, authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

What the browser brings back counts once, for ten minutes, and only in the browser that began; the proof is the signed
token fetched from the provider itself. Needs `pip install 'rarescale[people]'`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from rarescale.people.errors import LoginFailed, ProviderDown
from rarescale.people.fetching import fetch
from rarescale.people.metadata import Metadata
from rarescale.people.oidc_settings import OidcSettings
from rarescale.people.tokens import claim, verified
from rarescale.people.who import Who

SECONDS = 600.0
"""How long a login may take."""

MOST = 5_000
"""Logins begun and not finished that are remembered; the oldest go first."""


@dataclass(frozen=True)
class _Begun:
    browser: str
    then: str
    at: float
    redirect: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


class Provider:
    """One provider. Methods that ask it may take seconds; all are safe to use from many threads."""

    def __init__(self, settings: OidcSettings, *, clock: Callable[[], float], now: Callable[[], datetime]) -> None:
        """Nothing is asked before the first login. Raises PeopleError for a secret that cannot be read."""
        self.settings, self._clock, self._now = settings, clock, now
        self._secret = settings.client_secret()
        self._metadata = Metadata(settings, clock=clock)
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, *, browser: str, then: str, redirect: str) -> str:
        """The address to send a browser to. `browser` is a secret that it alone has, `then` the page it wants.

        Raises ProviderDown.
        """
        endpoint = self._metadata.endpoint("authorization_endpoint")
        begun, state = _Begun(browser, then, self._clock(), redirect), secrets.token_urlsafe(32)
        with self._lock:
            self._begun[state] = begun
            while len(self._begun) > MOST:
                self._begun.popitem(last=False)
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": _b64(hashlib.sha256(begun.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def finish(self, answer: Mapping[str, str], *, browser: str) -> tuple[Who, str]:
        """Who came back, and the page they wanted. Raises LoginFailed, ProviderDown."""
        with self._lock:
            begun = self._begun.pop(answer.get("state", ""), None)
        if begun is None or self._clock() - begun.at > SECONDS:
            raise LoginFailed("unknown-state", "found a login that did not begin here, took too long, or came twice.")
        if not hmac.compare_digest(begun.browser.encode(), browser.encode("utf-8", "surrogatepass")):
            raise LoginFailed("other-browser", "found a login that began in another browser.")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise LoginFailed("wrong-issuer", "found an answer of another provider.")  # RFC 9207
        if "error" in answer or not answer.get("code"):
            raise LoginFailed("provider-refused", "the login page of the house did not let you in.")
        token = self._exchange(answer["code"], begun)
        claims = self._claims(token, self.settings.client_id)
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise LoginFailed("wrong-audience", "found a token that was made for another service.")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()):
            raise LoginFailed("wrong-nonce", "found a token of another login.")
        return self._who(claims), begun.then

    def by_token(self, token: str) -> Who:
        """Whose access token this is (a JWT as of RFC 9068). Raises LoginFailed, ProviderDown."""
        if self.settings.audience is None:
            raise LoginFailed("unknown-key", "found a token; expected an API key, for tokens are not taken here.")
        return self._who(self._claims(token, self.settings.audience))

    def _claims(self, token: str, audience: str) -> dict[str, Any]:
        return verified(token, self._metadata.key, settings=self.settings, audience=audience, now=self._now())

    def _exchange(self, code: str, begun: _Begun) -> str:
        """The ID token for a code, straight from the provider."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect,
            "code_verifier": begun.verifier,
            "client_id": self.settings.client_id,
        }
        headers = {}
        if self._secret is not None:
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(self._secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        endpoint = self._metadata.endpoint("token_endpoint")
        found = fetch(endpoint, seconds=self.settings.seconds, form=form, headers=headers)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise ProviderDown("the provider: found an answer without an id_token; expected one. Is openid in scopes?")
        return token

    def _who(self, claims: dict[str, Any]) -> Who:
        """The person of claims that were verified. Raises LoginFailed for one without a role here."""
        name = claim(claims, self.settings.name_claim)
        if not isinstance(name, str) or not 0 < len(name) <= 150 or not name.isprintable():
            raise LoginFailed("no-name", f"found no usable {self.settings.name_claim} in the token.")
        given = claim(claims, self.settings.roles_claim)
        values = given if isinstance(given, list) else [given]
        roles = frozenset(self.settings.roles[v] for v in values if isinstance(v, str) and v in self.settings.roles)
        if not roles:
            raise LoginFailed("no-role", "you are known, but have no role here. Ask whoever runs this service.")
        return Who(f"oidc:{name}", roles)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
