"""All routes of an app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def routes(router: Any) -> Iterator[tuple[str, str]]:
    """Method and pattern of each route, of included routers too."""
    for route in router.routes:
        if inner := getattr(route, "original_router", None):
            yield from routes(inner)
        else:
            yield from ((method, route.path) for method in route.methods if method != "HEAD")
