"""`/v1/jobs`: many patients at once, fetched when they are done."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from rarescale.record import Failure
from rarescale.service.api import AmongAll, Top
from rarescale.service.bodies import LINES, sources_of
from rarescale.service.examples import body
from rarescale.service.jobs import Full, Jobs, JobState
from rarescale.service.problems import Refusal
from rarescale.service.settings import ServiceSettings

PROBLEMS: dict[int | str, dict[str, Any]] = {code: {"model": Failure} for code in (404, 409, 413, 415, 422, 429, 503)}


def job_routes(jobs: Jobs, settings: ServiceSettings) -> APIRouter:
    """Batches: made, looked at, fetched once, dropped."""
    router = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses=PROBLEMS)

    def theirs(id: str, request: Request) -> None:
        """Another's batch is, in every word, like none."""
        if not jobs.belongs_to(id, request.state.who.name):
            raise _gone()

    own = [Depends(theirs)]

    @router.post("", status_code=202, openapi_extra=body(lines=True), summary="Start a batch")
    async def start(request: Request, top: Top = 10, among: AmongAll = "all") -> JobState:
        """One patient a line, at most a thousand. It is kept in memory only, for a quarter of an hour."""
        inputs = await sources_of(request, settings.job_inputs)
        try:
            return await run_in_threadpool(jobs.add, inputs, top, among, request.state.who.name)
        except Full as error:
            raise _full(settings, own=error.own) from error

    @router.get("/{id}", summary="How far a batch is", dependencies=own)
    def state(id: str) -> JobState:
        """Counts only."""
        found = jobs.state(id)
        if found is None:
            raise _gone()
        return found

    @router.get("/{id}/results", summary="Fetch and forget", response_class=Response, dependencies=own)
    def results(id: str) -> Response:
        """JSONL, one answer a patient in the order they came; fetched once, then the batch is forgotten."""
        answers = jobs.take(id)
        if answers is None:
            if jobs.state(id) is None:
                raise _gone()
            raise Refusal("not-ready", "found a batch that is not done; expected one that is. Ask again.", status=409)
        return StreamingResponse(answers, media_type=LINES[0])

    @router.delete("/{id}", status_code=204, summary="Forget a batch", response_class=Response, dependencies=own)
    def drop(id: str) -> Response:
        """Finished or not."""
        if not jobs.drop(id):
            raise _gone()
        return Response(status_code=204)

    return router


def _full(settings: ServiceSettings, *, own: bool) -> Refusal:
    found = f"{settings.jobs_each} batches of yours" if own else f"{settings.jobs} batches"
    message = f"found {found} already here; expected fewer. Fetch or delete one, then try again."
    return Refusal("busy", message, status=429 if own else 503)


def _gone() -> Refusal:
    return Refusal(
        "not-found",
        "found no batch with this id; expected one that is here. It was fetched, expired or never was: send it anew.",
    )
