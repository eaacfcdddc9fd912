"""No test here leaves this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rarescale.llm import SWITCH


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(SWITCH, "1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    yield
