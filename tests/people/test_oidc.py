"""The login of the house: a good login comes in, and nothing else does."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.importorskip("joserfc", reason="the extra `people` is not installed")

from joserfc import jwt
from joserfc.jwk import RSAKey

from rarescale.people import LoginFailed, PeopleError, Provider, ProviderDown, Role, Who, read_oidc
from tests.people.provider import CLIENT, FakeProvider, Times

BACK = "http://localhost:8765/login/oidc/back"


@pytest.fixture
def ours(provider: FakeProvider, times: Times, tmp_path: Path) -> Provider:
    settings = read_oidc(provider.settings_file(tmp_path, 'audience = "rarescale-api"'))
    return Provider(settings, clock=times.clock, now=times.now)


def login(ours: Provider, provider: FakeProvider, browser: str = "b") -> tuple[Who, str]:
    url = ours.begin(browser=browser, then="/help", redirect=BACK)
    return ours.finish(provider.log_in(url), browser=browser)


def unsigned(claims: dict[str, Any], header: dict[str, Any], signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in (header, claims)]
    return f"{parts[0]}.{parts[1]}.{signature}"


def test_a_login_gives_a_person_with_the_roles_of_the_claim(ours: Provider, provider: FakeProvider) -> None:
    who, then = login(ours, provider)
    assert who == Who("oidc:u-17", frozenset({Role.CLINICIAN})) and then == "/help"


def test_the_login_page_is_asked_with_pkce_state_and_nonce(ours: Provider) -> None:
    query = parse_qs(urlsplit(ours.begin(browser="b", then="/", redirect=BACK)).query)
    assert query["response_type"] == ["code"] and query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [BACK] and query["client_id"] == [CLIENT]
    assert len(query["state"][0]) >= 43 and len(query["nonce"][0]) >= 43 and len(query["code_challenge"][0]) == 43


def test_no_role_no_entry(ours: Provider, provider: FakeProvider) -> None:
    provider.claims["groups"] = ["football"]
    with pytest.raises(LoginFailed, match="no role") as failed:
        login(ours, provider)
    assert failed.value.reason == "no-role"


OTHER = RSAKey.generate_key(2048, {"kid": "one"})


def hs256(provider: FakeProvider, claims: dict[str, Any]) -> str:
    """Signed with the public key of the provider as if it were a shared secret."""
    token = unsigned(claims, {"alg": "HS256", "kid": "one"}).rstrip(".")
    signature = hmac.digest(provider.key.as_pem(private=False), token.encode(), "sha256")
    return f"{token}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def by_other(claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, OTHER, algorithms=["RS256"])


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {k: v for k, v in claims.items() if k != name}


Spoil = Callable[[FakeProvider, dict[str, Any]], str]
ATTACKS: dict[str, tuple[Spoil, str]] = {
    "wrong nonce": (lambda p, c: p.signed({**c, "nonce": "x" * 43}), "wrong-nonce"),
    "no nonce": (lambda p, c: p.signed(without(c, "nonce")), "wrong-nonce"),
    "expired": (lambda p, c: p.signed({**c, "exp": c["iat"] - 61}), "expired-token"),
    "no exp": (lambda p, c: p.signed(without(c, "exp")), "expired-token"),
    "exp as text": (lambda p, c: p.signed({**c, "exp": "9999999999"}), "expired-token"),
    "from the future": (lambda p, c: p.signed({**c, "iat": c["iat"] + 300}), "early-token"),
    "not yet": (lambda p, c: p.signed({**c, "nbf": c["iat"] + 300}), "early-token"),
    "wrong aud": (lambda p, c: p.signed({**c, "aud": "another"}), "wrong-audience"),
    "aud of the API": (lambda p, c: p.signed({**c, "aud": "rarescale-api"}), "wrong-audience"),
    "no aud": (lambda p, c: p.signed({**c, "aud": None}), "wrong-audience"),
    "other azp": (lambda p, c: p.signed({**c, "aud": [CLIENT, "other"], "azp": "other"}), "wrong-audience"),
    "wrong iss": (lambda p, c: p.signed({**c, "iss": "https://evil.example"}), "wrong-issuer"),
    "nobody": (lambda p, c: p.signed({**c, "sub": ""}), "no-name"),
    "alg none": (lambda p, c: unsigned(c, {"alg": "none"}), "wrong-algorithm"),
    "alg None": (lambda p, c: unsigned(c, {"alg": "None", "kid": "one"}), "wrong-algorithm"),
    "alg a list": (lambda p, c: unsigned(c, {"alg": ["RS256"], "kid": "one"}), "wrong-algorithm"),
    "HS256 with the public key": (hs256, "wrong-algorithm"),
    "ES256 by an RSA key": (lambda p, c: unsigned(c, {"alg": "ES256", "kid": "one"}, "AAAA"), "unknown-signer"),
    "unknown kid": (lambda p, c: p.signed(c, {"alg": "RS256", "kid": "two"}), "unknown-signer"),
    "a key in the header": (lambda p, c: by_other(c, kid="x", jwk=OTHER.as_dict(private=False)), "unknown-signer"),
    "another key of the same kid": (lambda p, c: by_other(c), "wrong-signature"),
    "no signature": (lambda p, c: unsigned(c, {"alg": "RS256", "kid": "one"}), "wrong-signature"),
    "claims changed": (lambda p, c: _swap(p.signed(c), {**c, "sub": "boss"}), "wrong-signature"),
    "no token": (lambda p, c: "not.a.token", "no-token"),
    "huge": (lambda p, c: "a" * 30_000 + ".b.c", "no-token"),
}


def _swap(token: str, claims: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{unsigned(claims, {}).split('.')[1]}.{signature}"


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_spoiled_token_lets_nobody_in(ours: Provider, provider: FakeProvider, attack: str) -> None:
    spoil, reason = ATTACKS[attack]
    provider.spoil = lambda claims: spoil(provider, claims)
    with pytest.raises(LoginFailed) as failed:
        login(ours, provider)
    assert failed.value.reason == reason
    provider.spoil = provider.signed
    assert login(ours, provider)[0].name == "oidc:u-17"


def test_clocks_may_differ_by_a_minute(ours: Provider, provider: FakeProvider, times: Times) -> None:
    provider.spoil = lambda c: provider.signed({**c, "exp": times.day.timestamp() - 50, "iat": c["iat"] + 50})
    assert login(ours, provider)[0].name == "oidc:u-17"


def test_what_was_brought_back_counts_once_in_one_browser_for_ten_minutes(
    ours: Provider, provider: FakeProvider, times: Times
) -> None:
    answer = provider.log_in(ours.begin(browser="b", then="/", redirect=BACK))
    ours.finish(answer, browser="b")
    late = provider.log_in(ours.begin(browser="b", then="/", redirect=BACK))
    times.pass_by(601)
    foreign = provider.log_in(ours.begin(browser="b", then="/", redirect=BACK))
    for brought, browser, reason in (
        (answer, "b", "unknown-state"),
        (late, "b", "unknown-state"),
        (foreign, "thief", "other-browser"),
        (foreign, "b", "unknown-state"),
        ({"code": "x", "state": "made up"}, "b", "unknown-state"),
        ({}, "b", "unknown-state"),
    ):
        with pytest.raises(LoginFailed) as failed:
            ours.finish(brought, browser=browser)
        assert failed.value.reason == reason


def test_a_code_is_used_with_the_state_it_belongs_to(ours: Provider, provider: FakeProvider) -> None:
    stolen = provider.log_in(ours.begin(browser="victim", then="/", redirect=BACK))
    own = provider.log_in(ours.begin(browser="thief", then="/", redirect=BACK))
    with pytest.raises(LoginFailed):  # PKCE: the code was made for another verifier
        ours.finish({"code": stolen["code"], "state": own["state"]}, browser="thief")


@pytest.mark.parametrize("extra", [{"error": "access_denied"}, {"iss": "https://evil.example"}, {"code": ""}])
def test_a_refusal_or_a_mixed_up_provider_is_no_login(
    ours: Provider, provider: FakeProvider, extra: dict[str, str]
) -> None:
    answer = provider.log_in(ours.begin(browser="b", then="/", redirect=BACK))
    with pytest.raises(LoginFailed):
        ours.finish({**answer, **extra}, browser="b")


def test_an_access_token_for_us_is_taken_and_a_login_token_is_not(
    ours: Provider, provider: FakeProvider, times: Times
) -> None:
    token = provider.signed(provider.good(aud=["rarescale-api", "account"], azp="some-client"))
    assert ours.by_token(token).name == "oidc:u-17"
    with pytest.raises(LoginFailed) as failed:
        ours.by_token(provider.signed(provider.good()))
    assert failed.value.reason == "wrong-audience"
    times.pass_by(400)
    with pytest.raises(LoginFailed) as failed:
        ours.by_token(token)
    assert failed.value.reason == "expired-token"


def test_without_an_audience_no_access_token_is_taken(provider: FakeProvider, times: Times, tmp_path: Path) -> None:
    ours = Provider(read_oidc(provider.settings_file(tmp_path)), clock=times.clock, now=times.now)
    with pytest.raises(LoginFailed):
        ours.by_token(provider.signed(provider.good()))


def test_a_new_key_is_found_and_made_up_ones_cost_the_provider_nothing(
    ours: Provider, provider: FakeProvider, times: Times
) -> None:
    api = provider.good(aud="rarescale-api")
    ours.by_token(provider.signed(api))
    asked = len(provider.asked)
    for n in range(20):
        with pytest.raises(LoginFailed):
            ours.by_token(provider.signed(api, {"alg": "RS256", "kid": f"made-up-{n}"}))
    assert len(provider.asked) == asked
    times.pass_by(31)
    provider.key = RSAKey.generate_key(2048, {"kid": "next", "alg": "RS256"})
    assert ours.by_token(provider.signed(api, {"alg": "RS256", "kid": "next"})).name == "oidc:u-17"
    assert len(provider.asked) == asked + 1


def test_the_provider_is_asked_once_an_hour(ours: Provider, provider: FakeProvider, times: Times) -> None:
    login(ours, provider)
    asked = len(provider.asked)
    login(ours, provider)
    assert len(provider.asked) == asked == 2
    times.pass_by(3601)
    login(ours, provider)
    assert len(provider.asked) == 4


def test_a_provider_that_fails_is_left_alone_for_a_moment(ours: Provider, provider: FakeProvider, times: Times) -> None:
    provider.broken = True
    for _ in range(5):
        with pytest.raises(ProviderDown):
            ours.begin(browser="b", then="/", redirect=BACK)
    assert len(provider.asked) == 1
    provider.broken = False
    times.pass_by(6)
    assert login(ours, provider)[0].name == "oidc:u-17"


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
def test_a_provider_that_publishes_nonsense_is_no_provider(
    ours: Provider, provider: FakeProvider, document: dict[str, Any]
) -> None:
    provider.document = document
    with pytest.raises(ProviderDown):
        login(ours, provider)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('issuer = "http://login.example.org"', "TLS"),
        ('issuer = "ftp://login.example.org"', "TLS"),
        ('algorithms = ["HS256"]', "RS256"),
        ('algorithms = ["none"]', "RS256"),
        ('audience = "c"', "audience"),
        ('scopes = ["email"]', "openid"),
        ('unknown = "x"', "unknown"),
        ("= nonsense", "TOML"),
    ],
)
def test_settings_that_are_unsafe_are_refused(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "oidc.toml"
    issuer = "" if line.startswith("issuer") else 'issuer = "https://login.example.org"\n'
    path.write_text(f'{issuer}client_id = "c"\n{line}\n[roles]\na = "clinician"\n')
    with pytest.raises(PeopleError, match=says):
        read_oidc(path)


def test_a_secret_that_others_can_read_is_refused(provider: FakeProvider, times: Times, tmp_path: Path) -> None:
    settings = read_oidc(provider.settings_file(tmp_path))
    (tmp_path / "oidc.secret").chmod(0o644)
    with pytest.raises(PeopleError, match="0600"):
        Provider(settings, clock=times.clock, now=times.now)
