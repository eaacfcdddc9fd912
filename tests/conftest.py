"""What many tests share: the toy knowledge base, compiled into a cache of the test run's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rarescale.knowledge import Knowledge, open_knowledge

TOY = Path(__file__).parent / "toy"

pytest_plugins = ("tests.store.fixtures",)


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache or environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RARESCALE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("RARESCALE_KNOWLEDGE", raising=False)
        yield


@pytest.fixture(scope="session")
def toy() -> Knowledge:
    """The toy knowledge base of tests/toy/README.md."""
    return open_knowledge(TOY)


@pytest.fixture
def toy_copy(tmp_path: Path) -> Path:
    """A folder with the toy files, to be damaged."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    for name in ("hp.obo", "phenotype.hpoa"):
        shutil.copy(TOY / name, folder / name)
    shutil.copytree(TOY / "curated", folder / "curated")
    return folder


@pytest.fixture(scope="session")
def hpo() -> Knowledge:
    """The installed HPO release, compiled once per test run (seconds)."""
    return open_knowledge()
