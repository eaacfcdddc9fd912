from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rarescale.diagnose import Diagnoser
from rarescale.service import ServiceSettings, create_app

HERE = "http://localhost:8765"


@pytest.fixture(scope="session")
def client(diagnoser: Diagnoser) -> Iterator[TestClient]:
    """The pages over the toy knowledge."""
    app = create_app(diagnoser, ServiceSettings(runs=Path(__file__).parent))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        yield client


@dataclass
class Page:
    """A workbench as a browser without scripts has it: the state is posted back with every button."""

    client: TestClient
    text: str
    status: int = 200

    @property
    def state(self) -> str:
        found = re.search(r'name="state" value="([^"]*)"', self.text)
        assert found, self.text[:500]
        return html.unescape(found[1])

    @property
    def diseases(self) -> list[str]:
        return re.findall(r'<h3><a href="/diseases/([^"]+)"', self.text)

    @property
    def findings(self) -> dict[str, str]:
        """Id -> present, absent, unknown or paused."""
        chips = re.findall(r'<li class="chip (\w+)( paused)?" id="f-([\w]+)"', self.text)
        return {i.replace("_", ":"): "paused" if paused else mark for mark, paused, i in chips}

    def press(self, button: str, **fields: str) -> Page:
        answer = self.client.post("/workbench", data={"state": self.state, "do": button} | fields)
        return Page(self.client, answer.text, answer.status_code)


@pytest.fixture
def read(client: TestClient) -> Callable[[str], Page]:
    """The workbench after a text."""

    def call(text: str) -> Page:
        answer = client.post("/workbench/read", data={"text": text})
        return Page(client, answer.text, answer.status_code)

    return call
