"""Signing in with a browser: sessions, what a page must bring back, and a session that ends in the middle of work."""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from rarescale.people import Role as R
from rarescale.people import change_people, key_id_of, revoke_key, rotate_key, set_roles
from tests.people.provider import FakeProvider
from tests.service.people import HERE, House, client_of

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": "null"}
STEP = {"HX-Request": "true", "Accept": "*/*", "Sec-Fetch-Site": "same-origin"}
BY_PROXY = {"behind_proxy": ("10.1.2.3",), "names": ("clinic.example",)}
THERE = "https://clinic.example"


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with house.open() as client:
        yield client


def hidden(text: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', text)
    assert found, text[:2000]
    return html.unescape(found[1])


def login(client: TestClient, key: str, **other: str) -> Any:
    token = hidden(client.get("/login", headers=PAGE).text, "token")
    return client.post("/login", data={"key": key, "token": token} | other, headers=PAGE)


def signed_in(client: TestClient, house: House, name: str = "ann") -> str:
    """Sign in. Returns what the pages bring back."""
    assert login(client, house.keys[name]).status_code == 303
    return hidden(client.get("/workbench", headers=PAGE).text, "csrf")


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [r for r in caplog.records if r.name == "rarescale.audit" and r.levelno == logging.WARNING]
    return [json.loads(r.getMessage().removeprefix("denied "))["reason"] for r in found]


def test_a_page_leads_to_the_login_and_back_without_what_was_asked(client: TestClient, house: House) -> None:
    answer = client.get("/findings?q=zebrafinch", headers=PAGE)
    assert answer.status_code == 303 and answer.headers["location"] == "/login?next=%2Ffindings"
    page = client.get(answer.headers["location"], headers=PAGE)
    token = hidden(page.text, "token")
    data = {"key": f" {house.keys['ann']}\n", "token": token, "next": hidden(page.text, "next")}
    assert client.post("/login", data=data, headers=PAGE).headers["location"] == "/findings"
    shown = client.get("/findings", headers=PAGE)
    assert shown.status_code == 200 and "Signed in as ann" in shown.text


@pytest.mark.parametrize(
    "next", ["//evil.example", "https://evil.example", "/\\evil.example", "/\nx", "javascript:x", "/a?q=1", "evil", ""]
)
def test_the_login_leads_nowhere_else(client: TestClient, house: House, next: str) -> None:
    assert login(client, house.keys["ann"], next=next).headers["location"] == "/workbench"


def test_a_wrong_key_is_told_so_and_guessing_is_stopped(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with house.open(failures_burst=2.0) as client:
        wrong = f"rs_{key_id_of(house.keys['ann'])}_{'x' * 43}"
        answers = [login(client, wrong) for _ in range(3)]
        assert [a.status_code for a in answers] == [401, 401, 429]
        assert 'role="alert"' in answers[0].text and "retry-after" in answers[2].headers
        assert wrong not in answers[0].text + caplog.text
        assert login(client, house.keys["ann"]).status_code == 303  # who guesses beside her does not keep her out
        assert reasons(caplog) == ["unknown-key", "unknown-key", "too-many-failures"]


def test_the_cookie_is_for_this_host_and_unseen_by_scripts(house: House) -> None:
    with house.open() as client:
        plain = login(client, house.keys["ann"]).headers.get_list("set-cookie")[0].lower()
        assert plain.startswith("rarescale=") and "httponly" in plain and "samesite=strict" in plain
        assert "secure" not in plain and "max-age" not in plain and "domain" not in plain
    with house.open(base_url=THERE, **BY_PROXY) as client:
        safe = login(client, house.keys["ann"]).headers.get_list("set-cookie")[0]
        assert safe.startswith("__Host-rarescale=") and "Secure" in safe and "Path=/" in safe
        assert client.get("/workbench", headers=PAGE).status_code == 200


def test_the_form_of_another_browser_or_site_signs_nobody_in(
    client: TestClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    token = hidden(client.get("/login", headers=PAGE).text, "token")
    data = {"key": house.keys["ann"], "token": token}
    assert client.post("/login", data=data | {"token": "x" * 43}, headers=PAGE).status_code == 403
    for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}):
        assert client.post("/login", data=data, headers={"Accept": "text/html"} | headers).status_code == 403
    client.cookies.clear()
    assert client.post("/login", data=data, headers=PAGE).status_code == 403
    assert reasons(caplog) == ["csrf"] * 4


def test_the_id_of_a_session_is_new_after_a_login_and_worthless_after_a_logout(
    client: TestClient, house: House
) -> None:
    client.cookies.set("rarescale", "planted", domain="localhost.local")
    csrf = signed_in(client, house)
    first = client.cookies["rarescale"]
    assert first != "planted" and len(first) >= 43
    login(client, house.keys["ann"])
    second = client.cookies["rarescale"]
    out = client.post("/logout", data={"csrf": csrf}, headers=PAGE)
    assert out.status_code == 303 and out.headers["location"] == "/login"
    client.cookies.clear()
    for id in (first, second, "planted"):
        answer = client.get("/help", headers=PAGE | {"Cookie": f"rarescale={id}"})
        assert answer.status_code == 303 and answer.headers["location"].startswith("/login")


def test_a_step_needs_what_the_page_brings_back(client: TestClient, house: House) -> None:
    csrf = signed_in(client, house)
    form = {"text": "She has a tremor."}
    read = "/workbench/read"
    assert client.post(read, data=form | {"csrf": csrf}, headers=PAGE).status_code == 200
    assert client.post(read, data=form, headers=PAGE | {"X-CSRF": csrf}).status_code == 200
    assert client.post(read, files={"file": b"tremor"}, data={"csrf": csrf}, headers=PAGE).status_code == 200
    for wrong in ("", "x" * 43, csrf[:-1], "ü"):
        assert client.post(read, data=form | {"csrf": wrong}, headers=PAGE).status_code == 403
    assert client.post(read, data=form, headers=PAGE).status_code == 403
    assert client.post("/v1/read", json={"present": []}, headers=PAGE).status_code == 403
    assert client.post("/v1/read", json={"present": []}, headers=PAGE | {"X-CSRF": csrf}).status_code == 200
    assert client.post("/v1/read", content=b"--x", headers=PAGE | {"Content-Type": "multipart/form-data"}).status_code
    assert client.delete("/v1/jobs/x", headers=PAGE).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost:8765"}, 200),
        ({"Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_a_step_from_another_sites_page_is_refused_even_with_it(
    client: TestClient, house: House, headers: dict[str, str], status: int
) -> None:
    csrf = signed_in(client, house)
    answer = client.post("/workbench/read", data={"text": "tremor", "csrf": csrf}, headers=headers)
    assert answer.status_code == status


def test_what_one_session_brings_back_is_worth_nothing_in_another(house: House) -> None:
    app = house.app()
    with client_of(app) as one, client_of(app) as two:
        csrf = signed_in(one, house)
        signed_in(two, house, "ray")
        assert two.post("/workbench/read", data={"text": "x", "csrf": csrf}, headers=PAGE).status_code == 403


def test_a_program_with_a_key_needs_none(client: TestClient, house: House) -> None:
    assert client.post("/v1/read", json={"present": []}, headers=house.bearer("ann")).status_code == 200


def test_a_key_that_is_shown_counts_and_not_the_cookie_beside_it(client: TestClient, house: House) -> None:
    signed_in(client, house)
    assert client.get("/help", headers=PAGE | {"Authorization": "Bearer rs_no"}).status_code == 303
    assert client.post("/v1/jobs", json={}, headers=house.bearer("ops")).status_code == 403


def test_a_session_ends_idle_or_after_its_time(client: TestClient, house: House) -> None:
    signed_in(client, house)
    for _ in range(60):
        house.times.pass_by(700)
        assert client.get("/help", headers=PAGE).status_code == 200
    house.times.pass_by(1300)
    assert client.get("/help", headers=PAGE).status_code == 303
    signed_in(client, house)
    house.times.pass_by(901)
    assert client.get("/help", headers=PAGE).status_code == 303


@pytest.mark.parametrize("change", ["revoked", "rotated", "removed role"])
def test_a_revoked_key_signs_its_browsers_out_and_roles_follow(client: TestClient, house: House, change: str) -> None:
    signed_in(client, house)
    with change_people(house.path) as people:
        id, now = str(key_id_of(house.keys["ann"])), house.times.now()
        if change == "revoked":
            revoke_key(people, id, now)
        elif change == "rotated":
            rotate_key(people, id, now, now + timedelta(days=9000))
        else:
            set_roles(people, "ann", frozenset({R.ADMIN}))
    house.times.pass_by(1)
    assert client.get("/runs", headers=PAGE).status_code == (403 if change == "removed role" else 303)


def test_an_ended_session_leaves_the_page_alone_and_after_a_login_it_goes_on(client: TestClient, house: House) -> None:
    csrf = signed_in(client, house)
    page = client.post("/workbench/read", data={"text": "She has a tremor.", "csrf": csrf}, headers=PAGE)
    step = {"state": hidden(page.text, "state"), "do": "default", "csrf": hidden(page.text, "csrf")}
    house.times.pass_by(1000)
    answer = client.post("/workbench", data=step, headers=STEP | {"X-CSRF": csrf})
    assert answer.status_code == 401 and answer.headers["content-type"].startswith("text/plain")
    assert "Sign in again" in answer.text
    login(client, house.keys["ann"])
    again = client.post("/workbench", data=step, headers=STEP | {"X-CSRF": csrf})
    assert again.status_code == 200 and "tremor" in again.text


@pytest.mark.parametrize("name", ["ann", "ray"])
def test_without_scripts_the_step_is_kept_for_its_owner(client: TestClient, house: House, name: str) -> None:
    csrf = signed_in(client, house)
    house.times.pass_by(1000)
    form = {"text": 'She has a tremor. "<script>alert(1)</script>', "csrf": csrf}
    kept = client.post("/workbench/read", data=form, headers=PAGE)
    assert kept.status_code == 401 and "<script>alert" not in kept.text
    fields = {name: hidden(kept.text, name) for name in ("text", "csrf")}
    assert fields == form and 'action="/workbench/read"' in kept.text
    login(client, house.keys[name])
    again = client.post("/workbench/read", data=fields, headers=PAGE)
    assert again.status_code == (200 if name == "ann" else 403)


def test_what_was_sent_once_more_stays_here(client: TestClient, house: House) -> None:
    signed_in(client, house)
    house.times.pass_by(1000)
    answer = client.post(f"{HERE}//evil.example/x", data={"text": "zebrafinch"}, headers=PAGE)
    assert answer.status_code == 401 and "evil.example" not in answer.text and "zebrafinch" not in answer.text


def test_what_another_site_sends_is_never_kept(client: TestClient, house: House) -> None:
    signed_in(client, house)
    house.times.pass_by(1000)
    for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "http://[x"}):
        answer = client.post("/workbench/read", data={"text": "zebrafinch"}, headers={"Accept": "text/html"} | headers)
        assert answer.status_code == 401 and "zebrafinch" not in answer.text


def test_every_posted_form_of_the_pages_brings_it_back() -> None:
    templates = Path(__file__).parents[2] / "src" / "rarescale" / "web" / "templates"
    forms = [
        (path.name, form)
        for path in templates.glob("*.html")
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL)
    ]
    assert len(forms) >= 4
    # The login has a token of its own; the page of an ended session sends the fields it was sent.
    without = {name for name, form in forms if "csrf_field()" not in form}
    assert without == {"login.html", "again.html"}


def test_the_login_of_the_house(house: House, tmp_path: Path) -> None:
    with FakeProvider(house.times) as provider:
        oidc = provider.settings_file(tmp_path, 'audience = "rarescale-api"')
        with house.open(oidc=oidc, base_url=THERE, **BY_PROXY) as client:
            assert "Sign in with the login of the house" in client.get("/login", headers=PAGE).text
            sent = client.get("/login/oidc?next=/help", headers=PAGE)
            assert sent.status_code == 303 and sent.headers["location"].startswith(provider.issuer)
            assert "SameSite=lax" in sent.headers["set-cookie"]
            brought = provider.log_in(sent.headers["location"])
            back = client.get("/login/oidc/back", params=brought, headers={"Sec-Fetch-Site": "cross-site"})
            assert back.status_code == 303 and back.headers["location"] == "/help"
            assert "Signed in as oidc:u-17" in client.get("/help", headers=PAGE).text
            assert client.get("/login/oidc/back", params=brought, headers=PAGE).status_code == 401
            token = provider.signed(provider.good(aud="rarescale-api"))
            bearer = {"Authorization": f"Bearer {token}"}
            assert client.post("/v1/read", json={"present": []}, headers=bearer).status_code == 200
            assert client.post("/v1/read", json={}, headers={"Authorization": "Bearer a.b.c"}).status_code == 401
            house.times.pass_by(400)
            for _ in range(20):  # whoever does not notice that a token has expired locks nobody out
                assert client.post("/v1/read", json={}, headers=bearer).status_code == 401


def test_guesses_at_an_address_keep_nobody_there_out_of_the_login_of_the_house(house: House, tmp_path: Path) -> None:
    with FakeProvider(house.times) as provider:
        oidc = provider.settings_file(tmp_path, 'audience = "rarescale-api"')
        with house.open(oidc=oidc, base_url=THERE, failures_burst=2.0, **BY_PROXY) as client:
            guess = {"Authorization": "Bearer a.b.c"}
            assert [client.get("/help", headers=guess).status_code for _ in range(3)] == [401, 401, 429]
            brought = provider.log_in(client.get("/login/oidc", headers=PAGE).headers["location"])
            assert client.get("/login/oidc/back", params=brought, headers=PAGE).status_code == 303
            token = {"Authorization": f"Bearer {provider.signed(provider.good(aud='rarescale-api'))}"}
            assert client.get("/help", headers=token).status_code == 200
            for _ in range(5):  # any page can send a browser back with a state that is not open: that shuts nothing
                assert client.get("/login/oidc/back", params=brought, headers=PAGE).status_code == 401
            for _ in range(2):
                state = provider.log_in(client.get("/login/oidc", headers=PAGE).headers["location"])["state"]
                refused = {"state": state, "error": "access_denied"}
                assert client.get("/login/oidc/back", params=refused, headers=PAGE).status_code == 401
            assert client.get("/login/oidc", headers=PAGE).status_code == 429
            assert client.get("/help", headers=PAGE).status_code == 200  # who is signed in stays so


@pytest.mark.parametrize(
    "wrong", [{"aud": "other"}, {"groups": ["football"]}, {"iat_in": 3600}], ids=["audience", "role", "time"]
)
def test_a_token_of_the_provider_that_is_not_for_here_is_no_guess(
    house: House, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    with FakeProvider(house.times) as provider:
        oidc = provider.settings_file(tmp_path, 'audience = "rarescale-api"')
        claims = provider.good(aud="rarescale-api")
        claims |= {k: v for k, v in wrong.items() if k != "iat_in"}
        claims["iat"] += wrong.get("iat_in", 0)
        with house.open(oidc=oidc, failures_burst=2.0) as client:
            bearer = {"Authorization": f"Bearer {provider.signed(claims)}"}
            assert {client.get("/help", headers=bearer).status_code for _ in range(5)} == {401}


def test_a_login_that_another_browser_began_signs_nobody_in(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeProvider(house.times) as provider:
        app = house.app(oidc=provider.settings_file(tmp_path))
        with client_of(app) as thief, client_of(app) as victim:
            brought = provider.log_in(thief.get("/login/oidc", headers=PAGE).headers["location"])
            answer = victim.get("/login/oidc/back", params=brought, headers=PAGE)
            assert answer.status_code == 401 and "rarescale" not in victim.cookies
            assert reasons(caplog) == ["other-browser"]
            assert brought["code"] not in caplog.text and brought["state"] not in caplog.text


def test_a_provider_that_is_down_says_so_and_keys_still_work(house: House, tmp_path: Path) -> None:
    with FakeProvider(house.times) as provider:
        provider.broken = True
        with house.open(oidc=provider.settings_file(tmp_path)) as client:
            assert client.get("/login/oidc", headers=PAGE).status_code == 503
            assert login(client, house.keys["ann"]).status_code == 303


def test_without_people_there_is_no_login(make: Any) -> None:
    with client_of(make(), "127.0.0.1") as client:
        assert client.get("/login").status_code == 404
        page = client.get("/workbench", headers=PAGE).text
        assert "Sign out" not in page and 'name="csrf"' not in page
