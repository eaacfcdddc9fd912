"""Disease and finding pages, linked to each other, and one search over both."""

from __future__ import annotations

import numpy as np
from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from rarescale.knowledge import BANDS, Knowledge, finding_card
from rarescale.record import Problem
from rarescale.web.desk import Desk
from rarescale.web.render import html

MOST_DISEASES = 60
"""Diseases listed on the page of a finding, the most frequent first."""


def library_routes(desk: Desk) -> APIRouter:
    """`/diseases`, `/findings` and their cards."""
    router = APIRouter()
    knowledge = desk.diagnoser.knowledge

    @router.get("/diseases")
    def diseases(q: str = "") -> Response:
        hits = desk.diseases.find(q, limit=40)
        return html(
            desk, "search.html", title="Diseases", kind="diseases", q=q, hits=hits, total=len(knowledge.diseases)
        )

    @router.get("/findings")
    def findings(q: str = "") -> Response:
        hits, total = desk.findings.find(q, limit=40), int(knowledge.ontology.is_finding.sum())
        return html(desk, "search.html", title="Findings", kind="findings", q=q, hits=hits, total=total)

    @router.get("/diseases/{id}")
    def disease(id: str) -> Response:
        card = desk.card(id)
        index = knowledge.diseases.index(id)
        if card is None or index is None:
            return html(desk, "problem.html", 404, problem=_unknown(knowledge, id, "disease"))
        if card.ids[0] != id:
            return RedirectResponse(f"/diseases/{card.ids[0]}", status_code=307)
        groups = desk.systems.grouped((x.term, x) for x in card.findings)
        prevalence, rarity = BANDS[int(knowledge.diseases.bands[index])], knowledge.diseases.rarity(index)
        return html(
            desk, "disease.html", title=card.names[0], card=card, groups=groups, rarity=rarity, prevalence=prevalence
        )

    @router.get("/findings/{id}")
    def finding(id: str) -> Response:
        card = finding_card(knowledge, id)
        if card is None:
            return html(desk, "problem.html", 404, problem=_unknown(knowledge, id, "finding"))
        if card.id != id:
            return RedirectResponse(f"/findings/{card.id}", status_code=307)
        children, rows = _children(knowledge, id), diseases_with(knowledge, id)
        return html(desk, "finding.html", title=card.label, card=card, children=children, rows=rows, most=MOST_DISEASES)

    return router


def _unknown(knowledge: Knowledge, id: str, kind: str) -> Problem:
    release = knowledge.release.release
    return Problem(
        kind="not-found",
        message=f"{id[:60]!r} is no {kind} of {release}; expected an id such as "
        f"{'ORPHA:905' if kind == 'disease' else 'HP:0001250'}. Look it up by its name.",
    )


def _children(knowledge: Knowledge, term: str) -> list[tuple[str, str]]:
    ontology = knowledge.ontology
    index = ontology.index(term)
    if index is None:
        return []
    below = (d for d in ontology.descendants[index].tolist() if index in ontology.parents[d].tolist())
    return sorted(((ontology.ids[d], str(ontology.labels[d])) for d in below), key=lambda pair: pair[1])


def diseases_with(knowledge: Knowledge, term: str) -> list[tuple[str, str, float, str]]:
    """(id, name, frequency 0..1, its own words) of diseases annotated with the term itself, most frequent first."""
    index, rows = knowledge.ontology.index(term), knowledge.diseases.rows
    places = np.flatnonzero((rows["term"] == index) & ~rows["negative"])
    best: dict[int, tuple[float, str]] = {}
    for place in places.tolist():
        row = knowledge.diseases.annotation(place)
        disease = int(knowledge.diseases.row_disease[place])
        best[disease] = max(best.get(disease, (0.0, "")), (row.probability, row.frequency))
    names = knowledge.diseases
    listed: list[tuple[str, str, float, str]] = [
        (names.ids(d)[0], names.name(d), p, words) for d, (p, words) in best.items()
    ]
    return sorted(listed, key=lambda x: (x[3] == "not stated", -x[2], x[1]))[:MOST_DISEASES]
