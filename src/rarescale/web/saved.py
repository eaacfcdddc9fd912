"""All pages about saved cases. Imported only where a store is open, since the store needs its extra."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from rarescale.web.desk import Desk
from rarescale.web.render import html
from rarescale.web.saved_bench import saved_bench_routes
from rarescale.web.saved_file import saved_file_routes

LISTED = 50
"""Cases on one page of the list."""


def saved_routes(desk: Desk) -> APIRouter:
    """The list, the export of everything, and the pages of each case."""
    router = APIRouter()

    @router.get("/workbench/saved")
    def listed(request: Request, start: int = 0) -> Response:
        start = max(0, start)
        found = desk.cases(request.state.who).listed(start=start, most=LISTED + 1)
        more = start + LISTED if len(found) > LISTED else None
        return html(desk, "saved.html", lines=found[:LISTED], start=start, more=more, title="Saved cases")

    @router.post("/workbench/saved/export")
    def export(request: Request) -> Response:
        text = json.dumps(desk.cases(request.state.who).export(), ensure_ascii=False, indent=1)
        headers = {"Content-Disposition": 'attachment; filename="saved-cases.json"'}
        return Response(text, media_type="application/json", headers=headers)

    router.include_router(saved_bench_routes(desk))
    router.include_router(saved_file_routes(desk))
    return router
