from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rarescale.store import Store, init_store, open_store
from tests.store.server import Server, programs

NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the whole test run."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin); apt-get install postgresql")
    server = Server(found)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> NewUrl:
    numbers = iter(range(100))
    return lambda: f"sqlite:///{tmp_path}/cases{next(numbers)}.sqlite"


@pytest.fixture
def postgresql_url(server: Server) -> NewUrl:
    server.used = 0
    return server.new_database


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest) -> NewUrl:
    """Hands out the URLs of empty databases, on both kinds of database."""
    made: NewUrl = request.getfixturevalue(f"{request.param}_url")
    return made


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """A store that was just made."""
    url = new_url()
    init_store(url)
    return url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened
