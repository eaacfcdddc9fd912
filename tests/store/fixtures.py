"""Databases for tests of any folder: SQLite in a file, and a PostgreSQL of the test run's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The store and its drivers are imported where they are used, since most tests need none of them.
if TYPE_CHECKING:
    from rarescale.store import Store
    from tests.store.server import Server

NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for the whole test run."""
    from tests.store.server import Server, programs

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
    from rarescale.store import init_store

    url = new_url()
    init_store(url)
    return url


@pytest.fixture
def sqlite_store(sqlite_url: NewUrl) -> Iterator[Store]:
    """An empty store in a file."""
    from rarescale.store import init_store, open_store

    url = sqlite_url()
    init_store(url)
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    from rarescale.store import open_store

    with open_store(url) as opened:
        yield opened
