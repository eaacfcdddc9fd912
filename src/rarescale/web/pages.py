"""The routes of all pages. They parse, call one function, and render."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rarescale.record import Problem
from rarescale.web.desk import Desk
from rarescale.web.library import library_routes
from rarescale.web.render import STATIC, asset, html, static_file
from rarescale.web.runs import run_routes
from rarescale.web.workbench import workbench_routes

_TYPES = {"css": "text/css", "js": "text/javascript", "txt": "text/plain", "svg": "image/svg+xml"}


def pages(desk: Desk) -> APIRouter:
    """Every page and its static files."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/")
    def home() -> Response:
        return RedirectResponse("/workbench", status_code=307)

    @router.get("/help")
    def help_page() -> Response:
        return html(desk, "help.html")

    @router.get("/static/{digest}/{name}")
    async def static(digest: str, name: str) -> Response:
        if name not in STATIC:
            return problem_page(desk, 404, Problem(kind="not-found", message=f"{name[:40]} is no file of this page."))
        fresh = asset(name).split("/")[2] == digest
        keep = "public, max-age=31536000, immutable" if fresh else "no-store"
        headers = {"Cache-Control": keep}
        return Response(static_file(name), media_type=_TYPES[name.rpartition(".")[2]], headers=headers)

    router.include_router(workbench_routes(desk))
    router.include_router(library_routes(desk))
    router.include_router(run_routes(desk))
    if desk.store is not None:
        from rarescale.web.saved import saved_routes

        router.include_router(saved_routes(desk))
    return router


def problem_page(desk: Desk, status: int, problem: Problem) -> Response:
    """A page that says what went wrong and what to do."""
    return html(desk, "problem.html", status, problem=problem)
