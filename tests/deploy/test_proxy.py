"""deploy/nginx.conf in front of a real service: who comes in, what is logged, what nginx says itself."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.deploy.proxied import ADDRESS, NAME, Proxied, free_port, nginx, proxied
from tests.web.browser import CHROMIUM

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed; apt: nginx-light")

PATIENT = {"id": "p", "present": ["HP:0001337"]}
SLOW = {"id": "slow", "messages": [{"role": "patient", "content": "I have a tremor."}]}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    with proxied(tmp_path_factory.mktemp("house")) as running:
        yield running


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page[:500]
    return html.unescape(found[1])


def sign_in(client: httpx2.Client, key: str) -> httpx2.Response:
    token = hidden(client.get("/login").text, "token")
    return client.post("/login", data={"token": token, "key": key, "next": "/workbench"})


def test_a_browser_without_scripts_signs_in_works_and_saves(house: Proxied) -> None:
    with house.client() as browser:
        signed_in = sign_in(browser, house.keys["ann"])
        assert signed_in.status_code == 303 and signed_in.headers["location"] == "/workbench"
        cookie = signed_in.headers["set-cookie"]
        assert cookie.startswith("__Host-") and {"Secure", "HttpOnly"} <= set(cookie.split("; "))
        page = browser.get("/workbench").text
        csrf = re.search(r'"X-CSRF": "([^"]+)"', html.unescape(page))
        assert csrf
        form = {"state": "", "text": "She has a tremor."}
        assert browser.post("/workbench/read", data=form).status_code == 403
        read = browser.post("/workbench/read", data=form, headers={"X-CSRF": csrf[1]})
        assert read.status_code == 200 and "HP:0001337" in read.text
        save = {"state": hidden(read.text, "state"), "do": "save", "title": "Bed 4"}
        saved = browser.post("/workbench/save", data=save, headers={"X-CSRF": csrf[1]})
        assert saved.status_code == 200 and json.loads(hidden(saved.text, "state"))["kept"]["revision"] == 1


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium")
def test_chromium_comes_by_plain_http_and_signs_in_works_and_saves_over_https(house: Proxied) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    rules = f"MAP {NAME}:443 127.0.0.1:{house.port}, MAP {NAME}:80 127.0.0.1:{house.plain}"
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", f"--host-resolver-rules={rules}"]
        )
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(30_000)
        page.goto(f"http://{NAME}/workbench")
        assert page.url == f"https://{NAME}/login?next=%2Fworkbench"
        page.fill("#key", house.keys["ann"])
        page.get_by_role("button", name="Sign in").click()
        page.fill("#text", "She has a tremor.")
        page.get_by_role("button", name="Read and rank").click()
        page.wait_for_selector(".ddx")
        page.get_by_role("button", name="Save").first.click()
        page.wait_for_selector("text=revision 1")
        assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
        browser.close()


def test_the_log_has_the_address_of_whoever_asks_whatever_they_say_it_is(house: Proxied) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Real-IP": "6.6.6.6",
        "Forwarded": "for=6.6.6.6",
        "X-Request-ID": "6" * 32,
    }
    with house.client() as stranger:
        answer = stranger.get("/v1/findings?q=x", headers=forged)
    assert answer.status_code == 401
    line = house.line(request=answer.headers["x-request-id"], logger="rarescale.audit")
    assert line["address"] == ADDRESS and line["reason"] == "no-login"
    assert not [entry for entry in house.lines() if "6.6.6.6" in str(entry) or entry.get("request") == "6" * 32]


def test_each_line_of_a_stream_comes_when_it_is_known(house: Proxied) -> None:
    ask = {"headers": {"Accept": "application/x-ndjson"}, "json": SLOW}
    with house.client("ann") as client, client.stream("POST", "/v1/diagnose", **ask) as answer:  # type: ignore[arg-type]
        lines = answer.iter_lines()
        assert json.loads(next(lines))["event"] == "reading"
        # Nothing more is known before this: had nginx waited for the end, the first line would not be here.
        house.gate.touch()
        assert [json.loads(line)["event"] for line in lines] == ["understood", "ranking", "answer"]


@pytest.mark.parametrize(
    ("path", "size"), [("/v1/diagnose", 2_050_000), ("/v1/diagnose", 5_000_000), ("/v1/jobs", 25_000_000)]
)
def test_a_body_over_the_limit_is_refused_with_a_sentence_by_the_service_and_by_nginx(
    path: str, size: int, house: Proxied
) -> None:
    with house.client("ray") as client:
        answer = client.post(path, content=padded(size), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413 and answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["error"]["kind"] == "too-large" and "expected at most that" in said["error"]["message"]
    assert set(said) == {"schema_version", "id", "error"}


@pytest.mark.parametrize(("path", "size"), [("/v1/diagnose", 1_900_000), ("/v1/jobs", 10_000_000)])
def test_a_large_body_comes_through_without_a_file(path: str, size: int, house: Proxied) -> None:
    with house.client("ray") as client:
        answer = client.post(path, content=padded(size), headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 202), answer.text[:500]
    assert not (house.folder / "temp").exists()


def padded(size: int) -> str:
    return json.dumps(PATIENT).ljust(size)


def test_plain_http_is_sent_to_https_and_nginx_logs_no_address_of_it(house: Proxied) -> None:
    case = "/v1/cases/0123"
    answer = httpx2.get(f"http://127.0.0.1:{house.plain}{case}?a=b", headers={"Host": NAME})
    assert answer.status_code == 308 and answer.headers["location"] == f"https://{NAME}{case}?a=b"
    with house.client("ann") as client:
        client.get(case)
    logs = [house.folder / name for name in ("access.log", "error.log", "rarescale.log")]
    assert [log.read_text() for log in logs] == ["", "", ""]


def test_headers_are_there_once_and_pages_with_secrets_are_not_compressed(house: Proxied) -> None:
    with house.client() as client:
        headers = client.get("/login", headers={"Accept-Encoding": "gzip"}).headers
    for name in ("Strict-Transport-Security", "Content-Security-Policy", "X-Request-ID", "Cache-Control", "Date"):
        assert len(headers.get_list(name)) == 1, name
    assert "content-encoding" not in headers and "max-age" in headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/%6detrics"])
def test_what_operators_look_at_is_there_on_this_machine_alone(path: str, house: Proxied) -> None:
    with house.client("ops") as outside:
        assert outside.get(path).status_code == 404
    if path.startswith("/m"):
        here = httpx2.get(f"http://127.0.0.1:{house.service}{path}", headers=house.bearer("ops"))
        assert here.status_code == 200 and "rarescale_requests_total" in here.text
    elif path.endswith("z"):
        assert httpx2.get(f"http://127.0.0.1:{house.service}{path}").status_code == 200


def test_another_name_is_refused(house: Proxied) -> None:
    with house.client("ann") as client:
        assert client.get("/help", headers={"Host": "evil.example"}).status_code == 421


def test_without_the_service_nginx_says_so_and_when_to_try_again(tmp_path: Path) -> None:
    house = Proxied(tmp_path, service=free_port())
    with nginx(house), house.client() as client:
        answer = client.get("/workbench")
    said: dict[str, Any] = answer.json()
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
    assert said["error"]["kind"] == "busy" and "try again" in said["error"]["message"]
