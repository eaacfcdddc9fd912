"""Reports of evaluation runs, from a folder the user named. Nothing outside it is ever read."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from rarescale.record import Problem
from rarescale.web.desk import Desk
from rarescale.web.render import html

REPORT = "report.html"

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""A report is a file of somebody's: it may draw and style itself, and nothing else."""


def run_routes(desk: Desk) -> APIRouter:
    """`/runs` and the report of each."""
    router = APIRouter()

    @router.get("/runs")
    def runs() -> Response:
        names = sorted(reports(desk.runs)) if desk.runs else []
        return html(desk, "runs.html", title="Evaluation runs", names=names)

    @router.get("/runs/{name:path}")
    def run(name: str) -> Response:
        path = reports(desk.runs).get(name) if desk.runs else None
        if path is None:
            problem = Problem(kind="not-found", message=f"There is no run {name[:60]!r} here; choose one of the list.")
            return html(desk, "problem.html", 404, problem=problem)
        headers = {"Content-Security-Policy": SANDBOX, "Cache-Control": "no-store"}
        return FileResponse(path, media_type="text/html; charset=utf-8", headers=headers)

    return router


def reports(folder: Path) -> dict[str, Path]:
    """Name of a run (its folder, two levels deep at most) -> its report; links that lead out are left out."""
    root = folder.resolve()
    found = {}
    for path in (*root.glob(REPORT), *root.glob(f"*/{REPORT}"), *root.glob(f"*/*/{REPORT}")):
        if path.is_file() and path.resolve().is_relative_to(root):
            found[path.parent.relative_to(root).as_posix()] = path
    return found
