"""The routes of the workbench: a step comes in as a form with the whole state, and goes out as the page after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rarescale.errors import InputError
from rarescale.record import Problem
from rarescale.web.actions import act, loaded
from rarescale.web.bench import Bench, bench_of, packed
from rarescale.web.compare import comparison
from rarescale.web.conversation import linked, transcript
from rarescale.web.desk import Desk
from rarescale.web.exports import EXPORTS, export
from rarescale.web.forms import form_of
from rarescale.web.onsets import ONSETS
from rarescale.web.patients import ask_freely, ask_patient, examples, open_example, open_patient, simulated, truth
from rarescale.web.picture import Picture, picture_of
from rarescale.web.render import html
from rarescale.web.views import View, views_of

QUIET = ("compare", "search", "reveal")
"""Buttons that leave the differential as it is; what changed at the step before stays shown."""


@dataclass(frozen=True)
class Step:
    """What a request asks for. `fragment`: only the changed part of the page is wanted."""

    desk: Desk
    fragment: bool = False


def workbench_routes(desk: Desk) -> APIRouter:
    """`/workbench` and what belongs to it."""
    router = APIRouter()

    @router.get("/workbench")
    def start() -> Response:
        return _start(desk)

    @router.get("/workbench/examples/{name}")
    def example(name: str) -> Response:
        bench = open_example(name)
        return _start(desk, _nothing("example", name), 404) if bench is None else _work(Step(desk), bench)

    @router.get("/workbench/patients/{name}")
    def patient(name: str) -> Response:
        bench = open_patient(name)
        return _start(desk, _nothing("simulated patient", name), 404) if bench is None else _work(Step(desk), bench)

    @router.post("/workbench/read")
    async def read(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_read, Step(desk, _wants_fragment(request)), form)

    @router.post("/workbench")
    async def step(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_step, Step(desk, _wants_fragment(request)), form)

    @router.post("/workbench/search")
    async def search(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_hits, desk, form)

    @router.post("/workbench/export/{kind}")
    async def save(kind: str, request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_export, desk, kind, form)

    return router


def _wants_fragment(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def _nothing(what: str, name: str) -> Problem:
    return Problem(kind="not-found", message=f"There is no {what} called {name[:40]!r}; choose one of the list below.")


def _start(desk: Desk, problem: Problem | None = None, status: int = 200, text: str = "") -> Response:
    return html(
        desk,
        "start.html",
        status,
        examples=examples(),
        patients=simulated(),
        problem=problem,
        text=text,
        title="Workbench",
    )


def _read(step: Step, form: dict[str, str]) -> Response:
    text = form.get("file") or form.get("text", "")
    try:
        return _work(step, loaded(text))
    except InputError as error:
        problem = Problem(kind=error.kind, message=str(error))
        return _start(step.desk, problem, 422, form.get("text", ""))


def _step(step: Step, form: dict[str, str]) -> Response:
    try:
        bench = bench_of(form.get("state", ""))
    except InputError as error:
        return _start(step.desk, Problem(kind=error.kind, message=str(error)), 422)
    value = form.get("do", "default")
    try:
        after = _after(step.desk, bench, value, form)
    except InputError as error:
        return _work(step, bench, form, problem=Problem(kind=error.kind, message=str(error)))
    verb = value.partition(":")[0]
    if verb not in QUIET:
        after = after.model_copy(update={"before": bench.shown})
    return _work(step, after, form, touched=value)


def _after(desk: Desk, bench: Bench, value: str, form: dict[str, str]) -> Bench:
    verb, _, term = value.partition(":")
    if verb == "ask":
        return ask_patient(bench, term, form.get(f"question:{term}", term), desk.diagnoser)
    if bench.patient and form.get("say", "").strip() and verb in ("say", "default"):
        return ask_freely(bench, form["say"], desk.diagnoser)
    return act(bench, value, form)


def _work(
    step: Step,
    bench: Bench,
    form: dict[str, str] | None = None,
    *,
    problem: Problem | None = None,
    touched: str = "",
) -> Response:
    """The four regions for a state."""
    desk, form = step.desk, form or {}
    picture = picture_of(bench, desk.diagnoser)
    views = views_of(picture, desk.diagnoser.knowledge)
    shown = bench.model_copy(update={"shown": tuple(c.id for c in picture.answer.differential if c.id)})
    turns = transcript(bench, picture.items)
    # A simulated patient says yes or no only; a real one can name what is meant.
    known, open_ended = tuple(picture.items), not bench.patient
    asked = desk.ask_next(picture.source, among=bench.among, known=known, open_ended=open_ended)
    sought = _sought(touched, form)
    values: dict[str, Any] = {
        "bench": bench,
        "state": packed(shown),
        "picture": picture,
        "answer": picture.answer,
        "groups": desk.systems.grouped((i.id, i) for i in picture.items.values()),
        "turns": turns,
        "linked": linked(turns),
        "views": views,
        "comparison": comparison(picture, desk.diagnoser.knowledge, views),
        "asked": asked,
        "hits": None if sought is None else desk.findings.find(sought),
        "q": sought or "",
        "onsets": ONSETS,
        "exports": EXPORTS,
        "patient": truth(bench.patient) if bench.patient else None,
        "true_rank": _true_rank(picture),
        "problem": problem,
        "status": _status(picture, views),
        "focus": _focus(touched),
        "title": "Workbench",
    }
    return html(desk, "work.html" if step.fragment else "bench.html", 422 if problem else 200, **values)


def _true_rank(picture: Picture) -> int | None:
    """The rank of a simulated patient's disease in the list."""
    found = truth(picture.bench.patient or "")
    ids = set(found.content["diagnosis"]) if found else set()
    return next((c.rank for c in picture.answer.differential if ids & set(c.ids)), None)


def _status(picture: Picture, views: list[View]) -> str:
    """What a screen reader says after a step."""
    if not views:
        return "No differential yet: no present finding is known."
    first = views[0].candidate
    flags = " ".join(picture.answer.red_flags)
    return f"{flags} Differential updated: {first.name} first, {views[0].band}.".strip()


def _focus(touched: str) -> str:
    """Where the focus goes when the pressed button is gone after a step: the finding it was about."""
    verb, _, rest = touched.partition(":")
    if verb in ("mark", "answer", "ask"):
        return "f-" + rest.split(":", 1 if verb != "ask" else 0)[-1].replace(":", "_")
    return {"say": "say", "search": "q"}.get(verb, "")


def _sought(touched: str, form: dict[str, str]) -> str | None:
    """The name that was looked for by a button, in the field of findings or in that of an open question."""
    verb, _, term = touched.partition(":")
    return form.get(f"named:{term}" if term else "q", "") if verb == "search" else None


def _hits(desk: Desk, form: dict[str, str]) -> Response:
    q = form.get("q") or next((value for name, value in form.items() if name.startswith("named:")), "")
    return html(desk, "hits.html", hits=desk.findings.find(q), q=q)


def _export(desk: Desk, kind: str, form: dict[str, str]) -> Response:
    try:
        picture = picture_of(bench_of(form.get("state", "")), desk.diagnoser)
        return export(kind, picture, datetime.now(UTC), deidentified=bool(form.get("deidentified")))
    except InputError as error:
        return html(desk, "problem.html", 422, problem=Problem(kind=error.kind, message=str(error)))
