"""Templates to HTML. Everything is escaped; a missing name is an error."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from rarescale._version import __version__
from rarescale.report import INTENDED_USE, band
from rarescale.web.desk import Desk
from rarescale.web.links import link_to
from rarescale.web.onsets import onset_word
from rarescale.web.picture import sex_word
from rarescale.web.views import percent
from rarescale.web.visitor import csrf_field, visitor

STATIC = ("app.css", "app.js", "htmx.min.js", "htmx.LICENSE.txt", "icon.svg")
"""The files of the page, all that it ever loads."""


@cache
def templates() -> Environment:
    """The environment of all pages."""
    env = Environment(
        loader=PackageLoader("rarescale.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        percent=percent,
        band=band,
        sex_word=sex_word,
        years=years_word,
        onset=onset_word,
        moment=moment_word,
        signed=signed,
        key=lambda i: i.replace(":", "_"),
    )
    env.tests.update(same=lambda a, b: a.lower() == b.lower())
    env.globals.update(intended_use=INTENDED_USE, version=__version__, asset=asset, link_to=link_to, bar=bar)
    env.globals.update(visitor=visitor, csrf_field=csrf_field)
    return env


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so that it can be cached for long."""
    digest = hashlib.sha256(static_file(name)).hexdigest()[:10]
    return f"/static/{digest}/{name}"


@cache
def static_file(name: str) -> bytes:
    """The content of one of `STATIC`."""
    return files("rarescale.web").joinpath("static", name).read_bytes()


def html(desk: Desk, name: str, code: int = 200, /, **values: object) -> HTMLResponse:
    """A page or a part of one."""
    diagnoser = desk.diagnoser
    known = {"release": diagnoser.knowledge.release, "engine": diagnoser.engine, "has_runs": desk.runs is not None}
    known["has_store"] = desk.store is not None
    return HTMLResponse(templates().get_template(name).render(known | values), status_code=code)


def bar(side: str, width: float) -> Markup:
    """One signed weight as a drawing; `side` is for or against, `width` 0..100 of the half it has.

    Here and not in a template, as a page has a hundred of them.
    """
    left = 100.0 if side == "for" else 100.0 - width
    return Markup(
        f'<svg class="bar" viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{escape(side)}" x="{left:.1f}" y="1" width="{width:.1f}" height="8"/></svg>'
    )


def signed(weight: float) -> str:
    """A weight with its sign, as typesetters write it: +0.3 or −1.2."""
    return f"{weight:+.1f}".replace("-", "−")


def moment_word(at: datetime) -> str:
    """An instant as a page shows it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def years_word(age: float | None) -> str:
    """An age in years as a field shows it: 34 or 0.5."""
    return "" if age is None else f"{age:.2f}".rstrip("0").rstrip(".")
