"""What many tests share: how laws are tried, and the toy knowledge base in a cache of the test run's own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rarescale.diagnose import Diagnoser
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.reading import Reader, open_reader
from rarescale.record import Chat, Note, Reading

TOY = Path(__file__).parent / "toy"

pytest_plugins = ("tests.store.fixtures",)

# A busy machine is no fault, and a run tries the examples that the run before it tried.
settings.register_profile(
    "tests", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


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


class WarmOnce:
    """Reads as `inner` does, but the note that warms up each of some hundred services only once."""

    def __init__(self, inner: Reader) -> None:
        self.name, self._inner = inner.name, inner
        self._warm: dict[str, Reading] = {}

    def read(self, source: Chat | Note) -> Reading:
        if not (isinstance(source, Note) and source.id == "warm"):
            return self._inner.read(source)
        if source.text not in self._warm:
            self._warm[source.text] = self._inner.read(source)
        return self._warm[source.text]


@pytest.fixture(scope="session")
def diagnoser(toy: Knowledge) -> Diagnoser:
    """The default one over the toy knowledge, for services."""
    return Diagnoser(toy, reader=WarmOnce(open_reader(toy)))


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
