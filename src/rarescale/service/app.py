"""`create_app`: the API and the pages of one diagnoser, behind the guard."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from rarescale._version import __version__
from rarescale.diagnose import Diagnoser
from rarescale.errors import RareScaleError
from rarescale.record import Problem
from rarescale.report import INTENDED_USE
from rarescale.service.api import patient_routes
from rarescale.service.guard import Guard
from rarescale.service.job_routes import job_routes
from rarescale.service.jobs import Jobs
from rarescale.service.knowledge_routes import knowledge_routes
from rarescale.service.problems import Refusal, failed, problem
from rarescale.service.settings import ServiceSettings
from rarescale.web import Desk, open_desk, pages, problem_page

if TYPE_CHECKING:
    from rarescale.store import Store


def create_app(
    diagnoser: Diagnoser,
    settings: ServiceSettings | None = None,
    *,
    store: Store | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The application. `store` keeps saved cases; `clock` gives the seconds by which batches grow old."""
    settings = settings or ServiceSettings()
    desk = open_desk(diagnoser, runs=settings.runs, store=store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.workers
        yield

    app = FastAPI(
        title="rarescale",
        version=__version__,
        description=f"Ranked, explained differentials. {INTENDED_USE}",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    jobs = Jobs(diagnoser, most=settings.jobs, seconds=settings.job_seconds, clock=clock)
    app.include_router(patient_routes(desk))
    app.include_router(knowledge_routes(desk))
    app.include_router(job_routes(jobs, settings))
    app.include_router(pages(desk))
    _handle_problems(app, desk)
    app.add_middleware(Guard, settings=settings)
    return app


def _handle_problems(app: FastAPI, desk: Desk) -> None:
    """A page gets a page, a program gets an object; both say the same."""

    def answer(request: Request, status: int, kind: str, message: str) -> Response:
        if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
            return problem(status, kind, message)
        return problem_page(desk, status, Problem(kind=kind, message=message))

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return failed(error.status, error.failure)

    @app.exception_handler(RareScaleError)
    async def known(request: Request, error: RareScaleError) -> Response:
        return answer(request, 422, error.kind, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(step)[:40] for step in first["loc"])
        message = f"{where}: found a value that does not fit; expected otherwise ({first['msg']}). See /openapi.json."
        return answer(request, 422, "parameter", message)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        kinds = {404: "not-found", 405: "method"}
        message = {
            404: "found no such address here; expected one of /openapi.json, or a page of /workbench.",
            405: "found a method this address does not take; expected one that /openapi.json names.",
        }.get(error.status_code, str(error.detail))
        return answer(request, error.status_code, kinds.get(error.status_code, "request"), message)
