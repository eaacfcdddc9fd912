"""`/v1/diagnose`, `/v1/read`, `/v1/next-questions`: one patient in, the object of the command line out."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from rarescale.interview import Questions
from rarescale.record import SCHEMA_VERSION, Differential, Engine, Failure, Release, Understanding
from rarescale.service.bodies import source_of
from rarescale.service.examples import body
from rarescale.service.streams import progress, streamed, wanted
from rarescale.web import Desk

Top = Annotated[int, Query(ge=1, le=1000, description="How many diseases to list.")]
AmongAll = Annotated[
    Literal["all", "rare"], Query(description="rare: only diseases with an OMIM, ORPHA or DECIPHER id.")
]
PROBLEMS: dict[int | str, dict[str, Any]] = {code: {"model": Failure} for code in (404, 413, 415, 422)}


class NextQuestions(Questions):
    """What to ask next about one patient, and what it was computed from."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    id: str
    knowledge: Release
    engine: Engine


def patient_routes(desk: Desk) -> APIRouter:
    """The routes that take a patient in their body."""
    router = APIRouter(prefix="/v1", tags=["patients"], responses=PROBLEMS)
    diagnoser = desk.diagnoser

    @router.post("/diagnose", response_model=Differential, openapi_extra=body(), summary="Rank and explain")
    async def diagnose(request: Request, top: Top = 10, among: AmongAll = "all") -> Response:
        """The ranked, explained differential.

        With `Accept: text/event-stream` or `application/x-ndjson` the steps are streamed: reading, understood,
        ranking, answer.
        """
        source = await source_of(request)
        kind = wanted(request.headers.get("accept", ""))
        if kind is not None:
            return streamed(kind, progress(diagnoser, source, top, among))
        return _json(await run_in_threadpool(diagnoser.diagnose, source, top=top, among=among))

    @router.post("/read", response_model=Understanding, openapi_extra=body(), summary="Only what is understood")
    async def read(request: Request) -> Response:
        """Findings with quotes, what was not understood, red flags."""
        return _json(await run_in_threadpool(diagnoser.understand, await source_of(request)))

    @router.post("/next-questions", response_model=NextQuestions, openapi_extra=body(), summary="What to ask next")
    async def next_questions(
        request: Request,
        top: Annotated[int, Query(ge=1, le=20, description="How many questions.")] = 5,
        among: AmongAll = "all",
        known: Annotated[
            list[str] | None, Query(max_length=500, description="Ids of findings asked already; not asked again.")
        ] = None,
        open_ended: Annotated[
            bool, Query(description="While there is much to rule out, ask for findings of a kind, to be named.")
        ] = False,
    ) -> Response:
        """The questions that are expected to change the differential most, the most useful first."""
        source = await source_of(request)
        ask = partial(desk.ask_next, among=among, known=known or (), top=top, open_ended=open_ended)
        found = await run_in_threadpool(ask, source)
        answer = NextQuestions(
            **dict(found), id=source.id, knowledge=diagnoser.knowledge.release, engine=diagnoser.engine
        )
        return _json(answer)

    return router


def _json(answer: BaseModel) -> Response:
    """Exactly what the command line writes."""
    return Response(answer.model_dump_json(by_alias=True), media_type="application/json")
