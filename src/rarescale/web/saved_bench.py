"""Saving from the workbench and opening again. What is on the screen is never lost, whatever the store says."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rarescale.errors import InputError, RareScaleError
from rarescale.record import Problem
from rarescale.store import NotSaved, SavedCase, Stale, StoreError
from rarescale.web.actions import act
from rarescale.web.bench import Bench, bench_of, packed
from rarescale.web.desk import Desk
from rarescale.web.forms import LARGEST, form_of
from rarescale.web.keeping import as_new, as_saved, prepared
from rarescale.web.render import moment_word
from rarescale.web.saved_content import bench_of_saved, read_otherwise
from rarescale.web.working import Said, Step, refused, start_page, step_of, work

RETRY_S = 5
"""Seconds after which a store that does not answer is asked again."""


def saved_bench_routes(desk: Desk) -> APIRouter:
    """`/workbench/save`, `/workbench/save/new`, `/workbench/saved/{case}`."""
    router = APIRouter()

    @router.post("/workbench/save")
    async def save(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_save, step_of(desk, request), form)

    @router.post("/workbench/save/new")
    async def save_as_new(request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_save, step_of(desk, request), form, mine=form.get("mine", ""))

    @router.get("/workbench/saved/{case}")
    def opened(case: str, request: Request) -> Response:
        step = step_of(desk, request)
        saved = desk.cases(step.who).case(case)
        bench = _opened(saved)
        size = len(packed(bench))
        if size > LARGEST // 2:
            raise InputError(
                f"this case: found {size:,} bytes; expected at most {LARGEST // 2:,}, as the page carries them along. "
                "Read it with GET /v1/cases/{case}, or see its history.",
                kind="too-large",
            )
        remark = read_otherwise(saved.content, desk.picture(bench))
        return work(step, bench, said=Said(note=remark))

    return router


def _opened(saved: SavedCase) -> Bench:
    bench = bench_of_saved(saved)
    return as_saved(bench, saved.case, saved.revision, saved.owner, saved.saved, saved.content.title)


def _save(step: Step, form: dict[str, str], *, mine: str = "") -> Response:
    """Save what is on the screen, sex and age as they stand in their fields."""
    try:
        bench = bench_of(form.get("state", ""))
        if mine:
            bench = as_new(bench, mine)
    except (InputError, ValueError) as error:
        return start_page(step.desk, Problem(kind="state", message=str(error)), 422)
    if bench.empty:
        return start_page(step.desk, Problem(kind="empty", message="There is nothing to save yet."), 422)
    bench = prepared(bench, form, step.desk.new_id)
    try:
        if "sex" in form:
            bench = act(bench, "person", form)
        saved = _saved(step, bench)
    except RareScaleError as error:
        return _refused(step, bench, form, error)
    bench = as_saved(bench, saved.case, saved.revision, saved.owner, saved.saved, saved.content.title)
    return work(step, bench, form, Said(touched="save"))


def _saved(step: Step, bench: Bench) -> SavedCase:
    kept = bench.kept
    assert kept is not None, "`prepared` gives one"
    cases = step.desk.cases(step.who)
    return cases.save_bench(bench, kept.title, case=kept.case, revision=kept.revision or None)[0]


def _refused(step: Step, bench: Bench, form: dict[str, str], error: RareScaleError) -> Response:
    """The page as it was, with what went wrong, and where it helps the offer to save it as a new case."""
    problem = Problem(kind=error.kind, message=str(error))
    if isinstance(error, Stale):
        saved = f"{error.by} saved this case at {moment_word(error.at)}, as revision {error.revision}"
        problem = Problem(kind=error.kind, message=f"{saved}, after it was opened here.")
        return work(step, bench, form, Said(problem=problem, status=409, mine=step.desk.new_id()))
    if isinstance(error, NotSaved):
        gone = "This case is not in the store any more: it was deleted."
        problem = Problem(kind=error.kind, message=gone)
        return work(step, bench, form, Said(problem=problem, status=404, mine=step.desk.new_id()))
    if isinstance(error, StoreError):
        answer = work(step, bench, form, refused(problem, 503))
        answer.headers["Retry-After"] = str(RETRY_S)
        return answer
    return work(step, bench, form, refused(problem, 403 if error.kind == "right" else 422))
