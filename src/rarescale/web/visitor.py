"""Who looks at a page: what its head shows, and what its forms bring back.

Set for each request by whoever let the visitor in, and read where a template is rendered; every page needs it, and
none of the functions in between.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in. `csrf` is what their forms bring back, so that no other site can send them."""

    name: str
    csrf: str


_now: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def welcome(visitor: Visitor | None) -> None:
    """Say who looks at the pages of this request; nobody where there is no login."""
    _now.set(visitor)


def visitor() -> Visitor | None:
    """Who looks at this page."""
    return _now.get()


def csrf_field() -> Markup:
    """The hidden field that every posted form has inside."""
    found = visitor()
    return Markup('<input type="hidden" name="csrf" value="{}">').format(found.csrf) if found else Markup("")
