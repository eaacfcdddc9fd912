"""Try again what passes by itself: exponential backoff with jitter, and the service's own wish for a pause."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from rarescale.errors import UsageError
from rarescale.llm.failures import ModelError
from rarescale.llm.messages import Model, Reply, Request


@dataclass(frozen=True, slots=True)
class Backoff:
    """How to try again.

    At most `attempts` calls; the k-th pause is drawn between half and all of min(`longest_s`, `first_s` * 2^(k-1)),
    or as long as the service asks if that is more. No pause is begun that would end later than `within_s` after the
    first call. Raises UsageError when a value makes no sense.
    """

    attempts: int = 6
    first_s: float = 1.0
    longest_s: float = 60.0
    within_s: float = 600.0

    def __post_init__(self) -> None:
        """Check the values."""
        if self.attempts < 1 or min(self.first_s, self.longest_s, self.within_s) < 0:
            raise UsageError(f"{self} makes no sense; expected at least one attempt and no negative times.")

    def pause(self, failures: int, draw: float) -> float:
        """Seconds after the given number of failures (1 or more); `draw` is random in 0..1."""
        full = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 60))
        return full * (0.5 + 0.5 * draw)


class Retrying:
    """Asks again after failures that pass; others, and the last one, are raised with the number of attempts."""

    def __init__(
        self,
        model: Model,
        rng: random.Random,
        *,
        backoff: Backoff | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`rng` draws the jitter; `sleep` and `clock` are in seconds."""
        self._model = model
        self._rng = rng
        self._backoff = backoff or Backoff()
        self._sleep = sleep
        self._clock = clock

    def complete(self, request: Request) -> Reply:
        """The first reply within the attempts and the time allowed."""
        start = self._clock()
        raws: tuple[str, ...] = ()
        calls = 0
        failures = 0
        while True:
            try:
                return self._model.complete(request)
            except ModelError as error:
                failures += 1
                calls += error.attempts
                raws += error.raws
                pause = max(self._backoff.pause(failures, self._rng.random()), error.retry_after or 0.0)
                late = self._clock() + pause > start + self._backoff.within_s
                if not error.passing or failures >= self._backoff.attempts or late:
                    raise _final(error, calls, raws) from error
            self._sleep(pause)


def _final(error: ModelError, calls: int, raws: tuple[str, ...]) -> ModelError:
    if calls == error.attempts:
        return error
    return error.changed(message=f"{error} (after {calls} attempts)", attempts=calls, raws=raws)
