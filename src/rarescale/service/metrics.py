"""`/metrics`: counts and durations for Prometheus. No address, no id, no name, nothing of a patient.

    metrics.count("denied", reason="expired")
    metrics.observe("work_seconds", 0.012, work="read")

The names are those of `FAMILIES`; each app has its own registry.
"""

from __future__ import annotations

import platform
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from rarescale._version import __version__
from rarescale.record import Release

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""

MOST = 1_000
"""Combinations of labels of one family; further ones are counted as `OTHER`, so that nobody can fill the memory."""

OTHER = "other"

_Kind = TypeVar("_Kind", Counter, Gauge, Histogram)
_LABEL = re.compile(r"[\w./{}:+-]{1,80}", re.ASCII)


@dataclass(frozen=True)
class Family:
    """One kind of number and what it is told apart by."""

    kind: type[Counter] | type[Gauge] | type[Histogram]
    help: str
    labels: tuple[str, ...] = ()


FAMILIES = {
    "requests": Family(
        Counter, "Requests, by route pattern; status 0: the client left.", ("route", "method", "status")
    ),
    "request_seconds": Family(Histogram, "From the first byte asked to the last answered.", ("route",)),
    "bytes": Family(Counter, "Bytes of bodies.", ("direction",)),
    "in_flight": Family(Gauge, "Requests being answered, probes left out."),
    "work_seconds": Family(Histogram, "read: text to findings. diagnose: input to differential.", ("work",)),
    "problems": Family(Counter, "Requests that were answered with a problem, by its kind.", ("kind",)),
    "faults": Family(Counter, "Errors of the program itself; each has a line in the log.", ()),
    "batches": Family(Gauge, "Batches kept in memory.", ("status",)),
    "store_errors": Family(Counter, "Times the store did not answer or refused.", ("kind",)),
    "denied": Family(Counter, "Requests that were denied.", ("reason",)),
    "sessions": Family(Gauge, "People who are signed in to the pages."),
    "knowledge_info": Family(Gauge, "The knowledge release; always 1.", ("release", "hash")),
    "build_info": Family(Gauge, "The program; always 1.", ("version", "python")),
}


class Metrics:
    """The numbers of one app. Safe to use from several threads."""

    def __init__(self) -> None:
        """All at nothing."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._families: dict[str, Counter | Gauge | Histogram] = {}
        self._seen: dict[str, set[tuple[str, ...]]] = {name: set() for name in FAMILIES}
        self._lock = threading.Lock()
        for name, family in FAMILIES.items():
            buckets: dict[str, Any] = {"buckets": BUCKETS} if family.kind is Histogram else {}
            self._families[name] = family.kind(
                f"rarescale_{name}", family.help, family.labels, registry=self.registry, **buckets
            )

    def count(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        self._family(name, labels, Counter).inc(amount)

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """One more duration."""
        self._family(name, labels, Histogram).observe(seconds)

    def follow(self, name: str, value: Callable[[], float], **labels: str) -> None:
        """A gauge that asks `value` whenever somebody looks."""
        self._family(name, labels, Gauge).set_function(value)

    def text(self) -> bytes:
        """What Prometheus reads."""
        return generate_latest(self.registry)

    def _family(self, name: str, labels: dict[str, str], kind: type[_Kind]) -> _Kind:
        family = self._families[name]
        assert isinstance(family, kind), f"{name} is a {FAMILIES[name].kind.__name__}"
        return family.labels(**self._bounded(name, labels)) if labels else family

    def _bounded(self, name: str, labels: dict[str, str]) -> dict[str, str]:
        """The labels as words of bounded length and number."""
        words = {key: value if _LABEL.fullmatch(value) else OTHER for key, value in labels.items()}
        combination = tuple(words.values())
        with self._lock:
            seen = self._seen[name]
            if combination not in seen and len(seen) >= MOST:
                return dict.fromkeys(words, OTHER)
            seen.add(combination)
        return words


def describe(metrics: Metrics, release: Release) -> None:
    """What runs here, over which knowledge."""
    metrics.follow("build_info", _one, version=__version__, python=platform.python_version())
    metrics.follow("knowledge_info", _one, release=release.release, hash=release.hash[:12])


def _one() -> float:
    return 1.0


def metrics_routes(metrics: Metrics) -> APIRouter:
    """The page that Prometheus fetches."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    def numbers() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
