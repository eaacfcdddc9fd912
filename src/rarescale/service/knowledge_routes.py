"""`/v1/diseases/{id}` and `/v1/findings`: what the knowledge says, nothing about a patient."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from rarescale.knowledge import DiseaseCard, FindingCard, disease_card, finding_card
from rarescale.record import Failure
from rarescale.service.problems import Refusal
from rarescale.web import Desk

DISEASE_IDS = {"by ORPHA": {"value": "ORPHA:905"}, "by OMIM": {"value": "OMIM:277900"}}
FINDING_IDS = {"seizure": {"value": "HP:0001250"}}


def knowledge_routes(desk: Desk) -> APIRouter:
    """The routes of the library."""
    router = APIRouter(prefix="/v1", tags=["knowledge"], responses={404: {"model": Failure}})
    knowledge = desk.diagnoser.knowledge

    @router.get("/diseases/{id}", response_model=DiseaseCard, summary="The card of a disease")
    def disease(id: Annotated[str, Path(openapi_examples=DISEASE_IDS)]) -> dict[str, Any]:
        """Names, findings by falling frequency with their sources, inheritance, onset and course."""
        card = disease_card(knowledge, id)
        if card is None:
            raise Refusal("not-found", _unknown(id, "disease", "ORPHA:905"))
        return asdict(card)

    @router.get("/findings/{id}", response_model=FindingCard, summary="The card of a finding")
    def finding(id: Annotated[str, Path(openapi_examples=FINDING_IDS)]) -> dict[str, Any]:
        """Names, definition and parents of a term."""
        card = finding_card(knowledge, id)
        if card is None:
            raise Refusal("not-found", _unknown(id, "finding", "HP:0001250"))
        return asdict(card)

    @router.get("/findings", summary="Findings by words")
    def findings(
        q: Annotated[
            str, Query(max_length=200, description="Beginnings of the words of a name.", examples=["double vis"])
        ],
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> dict[str, Any]:
        """Findings whose name, synonym or lay expression has all of the words, best first."""
        return {"findings": [asdict(f) for f in desk.findings.find(q, limit)], "knowledge": knowledge.release}

    def _unknown(id: str, kind: str, example: str) -> str:
        release = knowledge.release.release
        return (
            f"{id[:60]!r}: found no {kind} of {release} with this id; expected one such as {example}. Search by name."
        )

    return router
