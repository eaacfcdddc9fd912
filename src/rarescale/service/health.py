"""`/healthz` and `/readyz`: is the process alive, and may requests be sent to it.

Neither says anything about a patient, a person or this machine, so both answer without a login.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from rarescale.errors import RareScaleError
from rarescale.service.life import Life
from rarescale.service.metrics import Metrics

if TYPE_CHECKING:
    from rarescale.store import Store

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered while the service ends, and not waited for."""

FRESH = 1.0
"""Seconds that an answer of the store stands, so that asking often does not load the database."""

PATIENCE = 3.0
"""Seconds until a store that does not answer counts as gone."""


class Readiness:
    """Why no request should be sent here; one word, "" when all is well.

    `clock` gives seconds.
    """

    def __init__(self, life: Life, metrics: Metrics, store: Store | None, clock: Callable[[], float]) -> None:
        """The store is asked when somebody asks."""
        self._life, self._metrics, self._store, self._clock = life, metrics, store, clock
        self._asking, self._busy = asyncio.Lock(), False
        self._word, self._asked = "", float("-inf")

    async def reason(self) -> str:
        """ "ending", "store", or ""."""
        if self._life.ending:
            return "ending"
        if self._store is None:
            return ""
        async with self._asking:
            if self._clock() - self._asked >= FRESH:
                self._word = "" if await self._answers(self._store) else "store"
                self._asked = self._clock()
            return self._word

    async def _answers(self, store: Store) -> bool:
        """Whether the store answers in time. A thread that hangs is left alone, and no second one is started."""
        if self._busy:
            return False
        answered = False
        self._busy = True
        with anyio.move_on_after(PATIENCE):
            answered = await anyio.to_thread.run_sync(
                self._ping, store, limiter=anyio.CapacityLimiter(1), abandon_on_cancel=True
            )
        return answered

    def _ping(self, store: Store) -> bool:
        try:
            store.ping()
        except RareScaleError as error:
            self._metrics.count("store_errors", kind=error.kind)
            return False
        finally:
            self._busy = False
        return True


def health_routes(readiness: Readiness) -> APIRouter:
    """The two probes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> Response:
        return PlainTextResponse("alive\n")

    @router.get("/readyz")
    async def ready() -> Response:
        reason = await readiness.reason()
        if reason:
            return JSONResponse({"ready": False, "reason": reason}, 503, {"Retry-After": "5"})
        return JSONResponse({"ready": True})

    return router
