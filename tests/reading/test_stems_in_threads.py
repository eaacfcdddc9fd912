"""Many threads of a service read at once, and none may stem another's word."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rarescale.reading.stems import fold

WORDS = [f"{a}{b}" for a in ("shiver", "ach", "swell", "trembl", "burn", "twitch") for b in ("ing", "ed", "s", "ingly")]


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change over as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_words_are_folded_in_many_threads_as_in_one() -> None:
    anew = fold.__wrapped__  # without what is remembered
    alone = [anew(word) for word in WORDS]
    with ThreadPoolExecutor(6) as pool:
        rounds = [pool.submit(lambda: [anew(word) for word in WORDS]) for _ in range(300)]
        assert all(each.result() == alone for each in rounds)
