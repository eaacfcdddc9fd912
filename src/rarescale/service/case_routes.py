"""`/v1/cases`: saved cases of whoever asks. There only where a store is open; another's case is like none at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rarescale.errors import UsageError
from rarescale.record import Differential, Failure
from rarescale.service.api import AmongAll
from rarescale.service.case_bodies import read_revision, tag, titled_source
from rarescale.service.case_models import CaseList, Differentials, History, Kept, RunAgain, Signed
from rarescale.service.examples import body
from rarescale.service.problems import Refusal
from rarescale.store import CaseLine, Deleted, SavedCase, SignOff, Stale, changes
from rarescale.web import Desk

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description='The revision that was read, with its quotes, such as "3".')
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="`*`: a new case, under an id of your own.")
]
Start = Annotated[int, Query(ge=0, description="How many of the newest cases to leave out.")]
Most = Annotated[int, Query(ge=1, le=200, description="How many cases to list.")]
ETAG = {"headers": {"ETag": {"description": "The revision.", "schema": {"type": "string"}}}}
T = TypeVar("T")


def _answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The problems an operation can answer, besides those that all can."""
    return {code: {"model": Failure} for code in (401, 403, *codes, 429, 503)}


def case_routes(desk: Desk) -> APIRouter:
    """All of `/v1/cases`."""
    router = APIRouter(prefix="/v1/cases", tags=["saved cases"])
    _add_lists(router, desk)
    _add_saving(router, desk)
    _add_history(router, desk)
    _add_hold(router, desk)
    return router


def _add_lists(router: APIRouter, desk: Desk) -> None:
    @router.get("", response_model=CaseList, responses=_answers(422), summary="List one's own cases")
    def listed(request: Request, start: Start = 0, most: Most = 50) -> Response:
        """Last saved first, with their titles."""
        return _json(CaseList(cases=desk.cases(request.state.who).listed(start=start, most=most)))

    @router.get("/export", responses=_answers(), summary="Take out everything one has")
    def export(request: Request) -> dict[str, Any]:
        """All cases with all their history, and what the log says of the person, in the clear."""
        return desk.cases(request.state.who).export()


def _add_saving(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "",
        status_code=201,
        response_model=Kept,
        responses=_answers(413, 415, 422) | {201: ETAG},
        openapi_extra=body(),
        summary="Save a new case",
    )
    async def add(request: Request, among: AmongAll = "all") -> Response:
        """The body of `/v1/diagnose`, with a further key `title` if it is JSON. Kept with its differential.

        Sent twice, it is two cases; to be able to send it again safely, PUT it under an id of your own.
        """
        source, title = await titled_source(request)

        def save() -> tuple[SavedCase, Differential]:
            cases = desk.cases(request.state.who)
            return cases.save_input(source, title, among=among, case=desk.new_id(), revision=None)

        return _kept(*await run_in_threadpool(save), status=201)

    @router.put(
        "/{case}",
        response_model=Kept,
        responses=_answers(404, 412, 413, 415, 422, 428) | {200: ETAG, 201: {"model": Kept} | ETAG},
        openapi_extra=body(),
        summary="Save on top of what was read",
    )
    async def replace(
        case: str,
        request: Request,
        among: AmongAll = "all",
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """With `If-Match`, the next revision of a case; edits made in the workbench stay in force.

        With `If-None-Match: *`, a new case under an id of 32 hexadecimal digits. The same save sent twice is done once.
        """
        revision = None if if_none_match == "*" else read_revision(if_match)
        source, title = await titled_source(request)

        def save() -> tuple[SavedCase, Differential]:
            cases = desk.cases(request.state.who)
            return cases.save_input(source, title, among=among, case=case, revision=revision)

        saved = await run_in_threadpool(_unless_stale, save)
        return _kept(*saved, status=201 if revision is None else 200)

    @router.get("/{case}", response_model=SavedCase, responses=_answers(404) | {200: ETAG}, summary="One case")
    def one(case: str, request: Request) -> Response:
        """As it stands, with the edits in force."""
        saved = desk.cases(request.state.who).case(case)
        return _json(saved, headers={"ETag": tag(saved.revision)})

    @router.delete("/{case}", responses=_answers(404), summary="Really delete a case")
    def delete(case: str, request: Request) -> Deleted:
        """With all its history. `purged` is false where others still read and the old text leaves the files later."""
        return desk.cases(request.state.who).delete(case)


def _add_history(router: APIRouter, desk: Desk) -> None:
    @router.get("/{case}/history", response_model=History, responses=_answers(404), summary="All that was saved")
    def history(case: str, request: Request) -> Response:
        """Contents, edits, differentials and sign-offs, oldest first."""
        return _json(History(case=case, entries=desk.cases(request.state.who).history(case)))

    @router.get(
        "/{case}/differentials", response_model=Differentials, responses=_answers(404), summary="All differentials"
    )
    def differentials(case: str, request: Request) -> Response:
        """Each as it was made, with the knowledge it was made with."""
        return _json(Differentials(case=case, differentials=desk.cases(request.state.who).differentials(case)))

    @router.post(
        "/{case}/differentials",
        status_code=201,
        response_model=RunAgain,
        responses=_answers(404),
        summary="Run again with the knowledge of today",
    )
    def again(case: str, request: Request) -> Response:
        """Kept as one more; those before it stay as they are."""
        cases = desk.cases(request.state.who)
        saved, before = cases.case(case), cases.differentials(case)
        made = cases.again(saved)
        entry = cases.add_differential(case, saved.revision, made)
        moved = changes(before[-1].differential, made) if before else None
        return _json(RunAgain(case=case, entry=entry, differential=made, changes=moved), 201)

    @router.post(
        "/{case}/sign-off",
        status_code=201,
        response_model=Signed,
        responses=_answers(400, 404, 412, 422, 428),
        summary="Sign a case as it stands",
    )
    def sign(case: str, signed: SignOff, request: Request, if_match: IfMatch = None) -> Response:
        """What is concluded, on the revision in `If-Match`; kept apart from what was read and edited."""
        revision = read_revision(if_match)
        if signed.disease and desk.diagnoser.knowledge.diseases.index(signed.disease) is None:
            raise UsageError(
                f"the key disease: found {signed.disease[:40]!r}, which this knowledge does not have; expected an id "
                "such as ORPHA:905, or none. Look it up with /v1/diseases/{id}."
            )
        cases = desk.cases(request.state.who)
        entry = _unless_stale(lambda: cases.sign_off(case, revision, signed))
        return _json(Signed(case=case, entry=entry, revision=revision), 201)


def _add_hold(router: APIRouter, desk: Desk) -> None:
    def set_hold(case: str, request: Request, hold: bool) -> CaseLine:
        cases = desk.cases(request.state.who)
        cases.hold(case, hold)
        return cases.line(case)

    @router.put("/{case}/hold", responses=_answers(404), summary="Keep a case from retention")
    def hold(case: str, request: Request) -> CaseLine:
        """However long it is not saved; deleting it by name works all the same. Sent twice, it is held once."""
        return set_hold(case, request, True)

    @router.delete("/{case}/hold", responses=_answers(404), summary="Let retention delete a case again")
    def release(case: str, request: Request) -> CaseLine:
        """As soon as it is old enough."""
        return set_hold(case, request, False)


def _unless_stale(step: Callable[[], T]) -> T:
    """The step, or 412: the revision that the request names is not the one that stands."""
    try:
        return step()
    except Stale as error:
        raise Refusal(error.kind, str(error), status=412) from error


def _kept(saved: SavedCase, made: Differential, *, status: int) -> Response:
    line = {name: getattr(saved, name) for name in CaseLine.model_fields}
    return _json(Kept(**line, differential=made), status, {"ETag": tag(saved.revision)})


def _json(answer: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(answer.model_dump_json(by_alias=True), status, headers, media_type="application/json")
