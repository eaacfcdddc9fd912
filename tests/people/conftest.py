from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.people.provider import FakeProvider, Times


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def provider(times: Times) -> Iterator[FakeProvider]:
    """A real provider of OpenID Connect on loopback, with a key of its own."""
    with FakeProvider(times) as running:
        yield running
