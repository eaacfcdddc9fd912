"""`create_app`: the API and the pages of one diagnoser, behind the guard."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
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
from rarescale.service.admission import Admission
from rarescale.service.api import patient_routes
from rarescale.service.cookies import session_name
from rarescale.service.denials import Denials
from rarescale.service.described import DOOR, ENDING, describe_login
from rarescale.service.door import CSRF, Door
from rarescale.service.guard import Guard
from rarescale.service.health import Readiness, health_routes
from rarescale.service.job_routes import job_routes
from rarescale.service.jobs import Jobs
from rarescale.service.knowledge_routes import knowledge_routes
from rarescale.service.life import Life
from rarescale.service.login_routes import login_routes
from rarescale.service.metrics import Metrics, describe, metrics_routes
from rarescale.service.people_log import PeopleLog
from rarescale.service.problems import RETRY_S, STATUS, Refusal, failed, problem
from rarescale.service.settings import ServiceSettings
from rarescale.service.timing import TimedDiagnoser, follow_jobs
from rarescale.service.turns import Turns
from rarescale.service.watch import Watch
from rarescale.web import Desk, open_desk, pages, problem_page, random_id, utc_now

if TYPE_CHECKING:
    from rarescale.store import Store


def create_app(
    diagnoser: Diagnoser,
    settings: ServiceSettings | None = None,
    *,
    store: Store | None = None,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = random_id,
) -> FastAPI:
    """The application. `store` keeps saved cases; `clock` gives the seconds by which batches grow old.

    `now` tells the time of saves and exports, `new_id` makes ids of cases: 32 hexadecimal digits.
    """
    settings = settings or ServiceSettings()
    life, metrics = Life(), Metrics()
    describe(metrics, diagnoser.knowledge.release)
    desk = open_desk(diagnoser, runs=settings.runs, store=store, now=now, new_id=new_id)
    desk = replace(desk, diagnoser=TimedDiagnoser(desk.diagnoser, metrics))
    # Where nobody signs in there is one person, who may have all.
    each = settings.jobs_each if settings.login else settings.jobs
    jobs = Jobs(desk.diagnoser, most=settings.jobs, each=each, seconds=settings.job_seconds, clock=clock)
    follow_jobs(metrics, jobs)
    metrics.follow("in_flight", lambda: life.running)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.workers
        yield
        jobs.close()

    app = FastAPI(
        title="rarescale",
        version=__version__,
        description=f"Ranked, explained differentials. {INTENDED_USE}",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # behind a proxy it would send a patient on to http://
        lifespan=lifespan,
        responses=ENDING | (DOOR if settings.login else {}),
    )
    app.state.life, app.state.metrics, app.state.jobs = life, metrics, jobs
    app.include_router(health_routes(Readiness(life, metrics, store, clock)))
    app.include_router(metrics_routes(metrics))
    app.include_router(patient_routes(desk))
    app.include_router(knowledge_routes(desk))
    app.include_router(job_routes(jobs, settings))
    if store is not None:
        from rarescale.service.case_routes import case_routes

        app.include_router(case_routes(desk))
    app.include_router(pages(desk))
    _handle_problems(app, desk, metrics)
    app.add_middleware(Turns)
    denials = Denials(store, clock=clock, now=now, metrics=metrics)
    if settings.login:
        people_log = PeopleLog(store, now=now)
        admission = Admission(settings, clock=clock, now=now, changed=people_log.changed)
        metrics.follow("sessions", lambda: len(admission.sessions))
        app.include_router(login_routes(desk, settings, admission, denials))
        describe_login(app, session_name(settings), CSRF)
        app.add_middleware(
            Door, settings=settings, desk=desk, admission=admission, denials=denials, people_log=people_log
        )
    app.add_middleware(Guard, settings=settings, denials=denials)
    app.add_middleware(Watch, life=life, metrics=metrics)
    return app


def _handle_problems(app: FastAPI, desk: Desk, metrics: Metrics) -> None:
    """A page gets a page, a program gets an object; both say the same."""

    def answer(request: Request, status: int, kind: str, message: str) -> Response:
        if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
            return problem(status, kind, message)
        page = problem_page(desk, status, Problem(kind=kind, message=message))
        if status == 503:
            page.headers["Retry-After"] = str(RETRY_S)
        return page

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        metrics.count("problems", kind=error.failure.error.kind)
        return failed(error.status, error.failure)

    @app.exception_handler(RareScaleError)
    async def known(request: Request, error: RareScaleError) -> Response:
        metrics.count("problems", kind=error.kind)
        return answer(request, STATUS.get(error.kind, 422), error.kind, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(step)[:40] for step in first["loc"])
        message = f"{where}: found a value that does not fit; expected otherwise ({first['msg']}). See /openapi.json."
        return answer(request, 422, "parameter", message)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        kinds = {400: "body", 404: "not-found", 405: "method"}
        message = {
            400: "the body: found what cannot be read; expected JSON in UTF-8, as /openapi.json says.",
            404: "found no such address here; expected one of /openapi.json, or a page of /workbench.",
            405: "found a method this address does not take; expected one that /openapi.json names.",
        }.get(error.status_code, str(error.detail))
        return answer(request, error.status_code, kinds.get(error.status_code, "request"), message)
