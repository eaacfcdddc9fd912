"""The last results, by what they were made from, so that a step that changes nothing of a patient works nothing out.

What patients said stands in them, so there are few, they are short-lived, and nothing outlives the process.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 128
SECONDS = 900.0


class Recent(Generic[T]):
    """At most `most` results, the last used, each for `seconds` from when it was made. Safe in several threads.

    One whose time is over goes when anybody asks for any.
    """

    def __init__(
        self, *, most: int = MOST, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing yet. `clock` counts seconds and never goes back."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[float, T]] = OrderedDict()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def get(self, made_from: str, make: Callable[[], T]) -> T:
        """The result for `made_from`, made where it is not here; of that text only a hash is kept."""
        key = sha256(made_from.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            self._age()
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
                return found[1]
        made = make()
        with self._lock:
            self._kept[key] = (self._clock(), made)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made

    def _age(self) -> None:
        now = self._clock()
        for key in [key for key, (at, _) in self._kept.items() if now - at >= self._seconds]:
            del self._kept[key]
