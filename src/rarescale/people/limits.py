"""Token buckets: how much somebody may do at once, and how fast they may go on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

_DUST = 1e-6
"""Whoever waits as long as they were told gets through, whatever the rounding."""


class Buckets:
    """One bucket for each name: `burst` tokens when full, filled with `rate` tokens a second.

    At most `most` buckets are kept, the last used; one that was dropped begins anew, as a full one.
    """

    def __init__(self, *, rate: float, burst: float, most: int = 20_000, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._rate, self._burst, self._most, self._clock = rate, burst, most, clock
        self._lock = threading.Lock()
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name -> tokens at a time

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._filled)

    def wait(self, name: str) -> float:
        """Seconds until there is a token; 0 where there is one. Takes none."""
        with self._lock:
            return self._missing(self._tokens(name))

    def take(self, name: str) -> float:
        """Take a token. Returns 0, or the seconds until there is one; then none was taken."""
        with self._lock:
            tokens = self._tokens(name)
            missing = self._missing(tokens)
            if not missing:
                self._filled[name] = (tokens - 1.0, self._clock())
                self._filled.move_to_end(name)
                while len(self._filled) > self._most:
                    self._filled.popitem(last=False)
            return missing

    def _tokens(self, name: str) -> float:
        tokens, at = self._filled.get(name, (self._burst, self._clock()))
        return min(self._burst, tokens + (self._clock() - at) * self._rate)

    def _missing(self, tokens: float) -> float:
        return 0.0 if tokens >= 1.0 - _DUST else (1.0 - tokens) / self._rate
