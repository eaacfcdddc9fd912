"""What can be taken away: the answer as JSON, CSV, phenopacket, or one page to print."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from rarescale.errors import InputError
from rarescale.report import csv_text, deidentify, differential_page, phenopacket
from rarescale.web.picture import Picture

EXPORTS = (("json", "JSON"), ("csv", "CSV"), ("phenopacket", "Phenopacket"), ("html", "Page to print"))
"""(kind, what its button says)."""

_FILES = {
    "json": ("differential.json", "application/json"),
    "csv": ("differential.csv", "text/csv; charset=utf-8"),
    "phenopacket": ("phenopacket.json", "application/json"),
    "html": ("differential.html", "text/html; charset=utf-8"),
}

Maker = Callable[[Picture, datetime, bool], str]


def export(kind: str, picture: Picture, now: datetime, *, deidentified: bool) -> Response:
    """The answer as a file made at `now`. Raises InputError for another kind."""
    if kind not in _MAKERS:
        raise InputError(
            f"the export: found {kind[:20]!r}; expected one of {', '.join(_MAKERS)}. Use the buttons of the page.",
            kind="form",
        )
    name, media = _FILES[kind]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(_MAKERS[kind](picture, now, deidentified), media_type=media, headers=headers)


def _json(picture: Picture, now: datetime, deidentified: bool) -> str:
    answer = deidentify(picture.answer) if deidentified else picture.answer
    return answer.model_dump_json(by_alias=True)


def _csv(picture: Picture, now: datetime, deidentified: bool) -> str:
    return csv_text([picture.answer], deidentified=deidentified)


def _packet(picture: Picture, now: datetime, deidentified: bool) -> str:
    created = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(phenopacket(picture.answer, created=created, deidentified=deidentified), indent=1)


def _page(picture: Picture, now: datetime, deidentified: bool) -> str:
    source = picture.bench.talk
    created = f"{now:%Y-%m-%d}"
    return differential_page([picture.answer], sources=[source], created=created, deidentified=deidentified)


_MAKERS: dict[str, Maker] = {"json": _json, "csv": _csv, "phenopacket": _packet, "html": _page}
