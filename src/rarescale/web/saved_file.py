"""The file of one saved case: its history, its differentials and sign-offs, and what can be done with it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from rarescale.errors import UsageError
from rarescale.people import Who
from rarescale.record import DiseaseId, Problem
from rarescale.store import Entry, SignOff, Stale, changes
from rarescale.web.desk import Desk
from rarescale.web.forms import form_of
from rarescale.web.render import html

LONGEST_STATEMENT = 20_000

Form = dict[str, str]


def saved_file_routes(desk: Desk) -> APIRouter:
    """`/workbench/saved/{case}/…`."""
    router = APIRouter(prefix="/workbench/saved/{case}")

    @router.get("/history")
    def history(case: str, request: Request) -> Response:
        return _file(desk, request.state.who, case)

    @router.post("/again")
    async def run_again(case: str, request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_again, desk, request.state.who, case, keep=bool(form.get("keep")))

    @router.post("/sign-off")
    async def sign(case: str, request: Request) -> Response:
        form = await form_of(request)
        return await run_in_threadpool(_sign, desk, request.state.who, case, form)

    @router.post("/hold")
    async def hold(case: str, request: Request) -> Response:
        form = await form_of(request)
        await run_in_threadpool(lambda: desk.cases(request.state.who).hold(case, bool(form.get("hold"))))
        return _to(case)

    @router.get("/delete")
    def confirm(case: str, request: Request) -> Response:
        cases = desk.cases(request.state.who)
        return html(desk, "saved_delete.html", line=cases.line(case), title="Delete a saved case")

    @router.post("/delete")
    def delete(case: str, request: Request) -> Response:
        done = desk.cases(request.state.who).delete(case)
        return html(desk, "saved_deleted.html", purged=done.purged, title="Saved cases")

    return router


def _to(case: str) -> Response:
    """To the file again, so that a reload repeats nothing."""
    return RedirectResponse(f"/workbench/saved/{case}/history", status_code=303)


def _file(
    desk: Desk, who: Who, case: str, form: Form | None = None, problem: Problem | None = None, status: int = 200
) -> Response:
    cases = desk.cases(who)
    entries = cases.history(case)
    shown = _last(entries, "differential")
    return html(
        desk,
        "saved_file.html",
        status,
        line=cases.line(case),
        name=next((e.content.title for e in reversed(entries) if e.content is not None), ""),
        entries=tuple(reversed(entries)),
        signed=[e for e in entries if e.kind == "sign-off"],
        shown=shown,
        form=form or {},
        problem=problem,
        title="Saved cases",
    )


def _last(entries: tuple[Entry, ...], kind: str) -> Entry | None:
    return next((e for e in reversed(entries) if e.kind == kind), None)


def _again(desk: Desk, who: Who, case: str, *, keep: bool) -> Response:
    cases = desk.cases(who)
    saved = cases.case(case)
    made = cases.again(saved)
    if keep:
        cases.add_differential(case, saved.revision, made)
        return _to(case)
    before = next((d for d in reversed(cases.differentials(case))), None)
    return html(
        desk,
        "saved_again.html",
        line=saved,
        name=saved.content.title,
        before=before,
        made=made,
        changes=changes(before.differential, made) if before else None,
        title="Saved cases",
    )


def _sign(desk: Desk, who: Who, case: str, form: Form) -> Response:
    cases = desk.cases(who)
    try:
        cases.sign_off(case, _number(form, "revision") or 0, _signed(desk, form))
    except (Stale, UsageError) as error:
        status = 409 if isinstance(error, Stale) else 422
        return _file(desk, who, case, form, Problem(kind=error.kind, message=str(error)), status)
    return _to(case)


def _signed(desk: Desk, form: Form) -> SignOff:
    statement, disease = form.get("statement", "").strip(), form.get("disease", "").strip()
    if not 0 < len(statement) <= LONGEST_STATEMENT:
        raise UsageError(
            f"the statement: found {len(statement):,} characters; expected 1 to {LONGEST_STATEMENT:,}. "
            "Write what you conclude."
        )
    _check_disease(desk, disease)
    return SignOff(
        statement=statement, disease=DiseaseId(disease) if disease else None, differential=_number(form, "differential")
    )


def _check_disease(desk: Desk, disease: str | None) -> None:
    """Raises UsageError for an id the knowledge does not have; none is fine."""
    if disease and desk.diagnoser.knowledge.diseases.index(disease) is None:
        raise UsageError(
            f"the disease: found {disease[:40]!r}, which this knowledge does not have; expected an id such as "
            "ORPHA:905, or none. Look it up under Diseases."
        )


def _number(form: Form, name: str) -> int | None:
    found = form.get(name, "")
    return int(found) if found.isdecimal() and len(found) < 10 else None
