"""The routes of the workbench: a step comes in as a form with the whole state, and goes out as the page after it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rarescale.errors import InputError
from rarescale.record import Problem
from rarescale.web.actions import act, loaded
from rarescale.web.bench import Bench, bench_of
from rarescale.web.desk import Desk
from rarescale.web.exports import export
from rarescale.web.forms import form_of
from rarescale.web.patients import ask_freely, ask_patient, open_example, open_patient
from rarescale.web.render import html
from rarescale.web.working import Said, Step, refused, start_page, step_of, work

QUIET = ("compare", "search", "reveal")
"""Buttons that leave the differential as it is; what changed at the step before stays shown."""


def workbench_routes(desk: Desk) -> APIRouter:
    """`/workbench` and what belongs to it."""
    router = APIRouter()

    @router.get("/workbench")
    def start() -> Response:
        return start_page(desk)

    @router.get("/workbench/examples/{name}")
    def example(name: str, request: Request) -> Response:
        bench = open_example(name)
        if bench is None:
            return start_page(desk, _nothing("example", name), 404)
        return work(step_of(desk, request), bench)

    @router.get("/workbench/patients/{name}")
    def patient(name: str, request: Request) -> Response:
        bench = open_patient(name)
        if bench is None:
            return start_page(desk, _nothing("simulated patient", name), 404)
        return work(step_of(desk, request), bench)

    @router.post("/workbench/read")
    async def read(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_read, step_of(desk, request), form)

    @router.post("/workbench")
    async def step(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_step, step_of(desk, request), form)

    @router.post("/workbench/search")
    async def search(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_hits, desk, form)

    @router.post("/workbench/export/{kind}")
    async def save(kind: str, request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_export, desk, kind, form)

    return router


def _nothing(what: str, name: str) -> Problem:
    return Problem(kind="not-found", message=f"There is no {what} called {name[:40]!r}; choose one of the list below.")


def _read(step: Step, form: dict[str, str]) -> Response:
    text = form.get("file") or form.get("text", "")
    try:
        return work(step, loaded(text))
    except InputError as error:
        problem = Problem(kind=error.kind, message=str(error))
        return start_page(step.desk, problem, 422, form.get("text", ""))


def _step(step: Step, form: dict[str, str]) -> Response:
    try:
        bench = bench_of(form.get("state", ""))
    except InputError as error:
        return start_page(step.desk, Problem(kind=error.kind, message=str(error)), 422)
    value = form.get("do", "default")
    try:
        after = _after(step.desk, bench, value, form)
    except InputError as error:
        return work(step, bench, form, refused(Problem(kind=error.kind, message=str(error))))
    verb = value.partition(":")[0]
    if verb not in QUIET:
        after = after.model_copy(update={"before": bench.shown})
    return work(step, after, form, Said(touched=value))


def _after(desk: Desk, bench: Bench, value: str, form: dict[str, str]) -> Bench:
    verb, _, term = value.partition(":")
    if verb == "ask":
        return ask_patient(bench, term, form.get(f"question:{term}", term), desk.diagnoser)
    if bench.patient and form.get("say", "").strip() and verb in ("say", "default"):
        return ask_freely(bench, form["say"], desk.diagnoser)
    return act(bench, value, form)


def _hits(desk: Desk, form: dict[str, str]) -> Response:
    q = form.get("q") or next((value for name, value in form.items() if name.startswith("named:")), "")
    return html(desk, "hits.html", hits=desk.findings.find(q), q=q)


def _export(desk: Desk, kind: str, form: dict[str, str]) -> Response:
    try:
        picture = desk.picture(bench_of(form.get("state", "")))
        return export(kind, picture, desk.now(), deidentified=bool(form.get("deidentified")))
    except InputError as error:
        return html(desk, "problem.html", 422, problem=Problem(kind=error.kind, message=str(error)))
