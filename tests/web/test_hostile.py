"""No unkind input breaks the service, comes back unescaped, or is logged."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge
from rarescale.reading import open_reader
from rarescale.service import create_app
from tests.web.hostile import MARK, Attempt, attempts

MOST_BYTES = 6_000_000
"""Longest answer; the longest input is 2 MB."""

_OURS = """
    html head meta title link script body a header nav p span main h1 h2 h3 h4 form input button div section details
    summary ul ol li label select option textarea svg rect strong q b table thead tbody tr th td footer br code
"""
OURS = frozenset(_OURS.split())


class Tags(HTMLParser):
    """Every tag of a page; complains about one that our templates do not write."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        source = values.get("src") or values.get("href") or values.get("action") or values.get("formaction") or ""
        if tag not in OURS or any(name.startswith("on") or MARK in name or name == "style" for name in values):
            self.wrong.append(f"{tag} {attrs}")
        if tag in ("script", "link") and not source.startswith("/static/"):
            self.wrong.append(f"{tag} {attrs}")
        if (source and not source.startswith(("/", "#", "https://"))) or source.startswith("//"):
            self.wrong.append(f"{tag} {attrs}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")


def unescaped(text: str) -> list[str]:
    tags = Tags()
    tags.feed(text)
    tags.close()
    return tags.wrong


def test_the_check_sees_what_it_should() -> None:
    for bad in (
        "<script>x</script>",
        "<b onclick=x>",
        "<a href='javascript:x'>",
        "<iframe>",
        "<a href='//x.y'>",
        "<!-- -->",
    ):
        assert unescaped(f"<p>{bad}</p>"), bad


@pytest.fixture(scope="module")
def client(toy: Knowledge) -> Iterator[TestClient]:
    """Reads by names alone: this much nonsense through the contextual stage would take minutes, and say the same."""
    app = create_app(Diagnoser(toy, reader=open_reader(toy, context=False)))
    with TestClient(app, base_url="http://localhost:8765", raise_server_exceptions=False) as client:
        yield client


def sent(client: TestClient, attempt: Attempt) -> tuple[int, str, str]:
    options = dict(attempt.options)
    headers = options.pop("headers", {}) | {"Accept": "text/html"}
    answer = client.request(attempt.method, attempt.path, headers=headers, follow_redirects=False, **options)
    return answer.status_code, answer.headers.get("content-type", ""), answer.text


def test_hostile_inputs_are_answered_escaped_and_never_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    seen: Counter[int] = Counter()
    wrong: list[str] = []
    for attempt in attempts():
        status, kind, text = sent(client, attempt)
        seen[status] += 1
        where = f"{attempt.method} {attempt.path[:80]} {str(attempt.options)[:120]} gave {status}"
        if status >= 500 and (status, attempt.path) != (503, "/v1/jobs"):
            wrong.append(f"{where}: {text[:200]}")
        if len(text) > MOST_BYTES or "root:x:" in text:
            wrong.append(f"{where}: {len(text)} bytes")
        if "html" in kind and (tags := unescaped(text)):
            wrong.append(f"{where}: unescaped {tags[:3]}")
    assert not wrong, "\n".join(wrong)
    assert sum(seen.values()) >= 300, seen
    assert MARK not in caplog.text
    assert not [r for r in caplog.records if r.name == "rarescale.faults"]
