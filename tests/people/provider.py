"""An OpenID provider that runs on loopback: discovery, keys, a login page that asks nothing, and the token endpoint.

It does what a good provider does unless a test sets `spoil`, which changes the token it hands out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "rarescale-test"
SECRET = "s%3 cret"
_RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Times:
    """Seconds that only go on, and the time of day, which a test may move as it likes."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.day = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)

    def clock(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.day

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.day += timedelta(seconds=seconds)


class FakeProvider:
    def __init__(self, times: Times) -> None:
        self.times, self.key = times, _RSA
        self.claims: dict[str, Any] = {"sub": "u-17", "groups": ["doctors", "football"]}
        self.spoil: Callable[[dict[str, Any]], str] = self.signed
        self.document: dict[str, Any] = {}
        self.asked: list[str] = []
        self.broken = False
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/realm"

    def __enter__(self) -> FakeProvider:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def signed(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        return jwt.encode(header or {"alg": "RS256", "kid": "one"}, claims, self.key, algorithms=["RS256"])

    def good(self, **other: Any) -> dict[str, Any]:
        """Claims of a token that is fine."""
        now = int(self.times.day.timestamp())
        return {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **self.claims, **other}

    def settings_file(self, folder: Path, extra: str = "") -> Path:
        secret = folder / "oidc.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        path = folder / "oidc.toml"
        path.write_text(
            f'issuer = "{self.issuer}"\nclient_id = "{CLIENT}"\nclient_secret_file = "{secret}"\n'
            f'roles_claim = "groups"\n{extra}\n[roles]\ndoctors = "clinician"\noperators = "admin"\n'
        )
        return path

    def log_in(self, url: str) -> dict[str, str]:
        """What the browser brings back from the login page at `url`."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        return {"code": code, "state": query["state"]}

    def _token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        begun = self._codes.pop(form.get("code", ""), None)
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{'s%253%20cret'}".encode()).decode()
        if begun is None or authorization != expected or form["redirect_uri"] != begun["redirect_uri"]:
            return None
        hashed = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if hashed.decode() != begun["code_challenge"]:
            return None
        return {"id_token": self.spoil(self.good(nonce=begun["nonce"])), "token_type": "Bearer"}

    def _published(self, path: str) -> dict[str, Any] | None:
        base = self.issuer
        if path == "/realm/.well-known/openid-configuration":
            return {
                "issuer": base,
                "authorization_endpoint": f"{base}/auth",
                "token_endpoint": f"{base}/token",
                "jwks_uri": f"{base}/keys",
                **self.document,
            }
        if path == "/realm/keys":
            others = [{"kty": "oct", "k": "c2VjcmV0", "kid": "secret"}, {"kty": "new"}, "nonsense"]
            return {"keys": [*others, self.key.as_dict(private=False)]}
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                provider.asked.append(path)
                if path == "/realm/auth":
                    query = parse_qs(urlsplit(self.path).query)
                    answer = provider.log_in(self.path)
                    self.send_response(303)
                    self.send_header("Location", f"{query['redirect_uri'][0]}?{urlencode(answer)}")
                    self.end_headers()
                    return
                self._json(None if provider.broken else provider._published(path), 500 if provider.broken else 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._json(provider._token(form, self.headers.get("Authorization", "")), 400)

            def _json(self, found: dict[str, Any] | None, otherwise: int) -> None:
                data = json.dumps(found or {"error": "invalid_grant"}).encode()
                self.send_response(200 if found else otherwise)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
