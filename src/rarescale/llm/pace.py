"""No faster than a service allows: requests and tokens per minute, and calls at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from rarescale.errors import UsageError
from rarescale.llm.messages import Model, Reply, Request

MINUTE = 60.0
BYTES_PER_TOKEN = 4.0
"""A usual figure for English; the true count is known only afterwards, and corrects the schedule."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits of a service; None = no limit. Raises UsageError for a limit that lets nothing through."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    at_once: int | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        for value in (self.requests_per_minute, self.tokens_per_minute, self.at_once):
            if value is not None and value <= 0:
                raise UsageError(f"{self} lets nothing through; expected limits above 0, or None.")


class Paced:
    """Spreads calls evenly: each takes its place in a schedule and sleeps until then. There are no bursts."""

    def __init__(
        self,
        model: Model,
        pace: Pace,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`sleep` and `clock` are in seconds."""
        self._model = model
        self._pace = pace
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._next_request = float("-inf")
        self._next_tokens = float("-inf")
        self._places = nullcontext() if pace.at_once is None else threading.BoundedSemaphore(pace.at_once)

    def complete(self, request: Request) -> Reply:
        """The reply, once it is this request's turn."""
        expected = expected_tokens(request)
        with self._places:
            wait = self._take_place(expected)
            if wait > 0:
                self._sleep(wait)
            reply = self._model.complete(request)
        self._correct(reply.usage.prompt_tokens + reply.usage.completion_tokens - expected)
        return reply

    def _take_place(self, expected: float) -> float:
        with self._lock:
            now = self._clock()
            start = max(now, self._next_request, self._next_tokens)
            if self._pace.requests_per_minute is not None:
                self._next_request = start + MINUTE / self._pace.requests_per_minute
            if self._pace.tokens_per_minute is not None:
                self._next_tokens = start + MINUTE * expected / self._pace.tokens_per_minute
            return start - now

    def _correct(self, surplus: float) -> None:
        if self._pace.tokens_per_minute is not None:
            with self._lock:
                self._next_tokens += MINUTE * surplus / self._pace.tokens_per_minute


def expected_tokens(request: Request) -> float:
    """Tokens that a call is booked with before its usage is known."""
    return sum(len(m.content.encode()) for m in request.messages) / BYTES_PER_TOKEN + request.max_tokens
