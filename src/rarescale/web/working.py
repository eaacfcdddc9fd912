"""The page of a state: the four regions, what they say after a step, and where the focus goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from rarescale.people import LOCAL, Right, Who
from rarescale.record import Problem
from rarescale.web.bench import Bench, packed
from rarescale.web.compare import comparison
from rarescale.web.conversation import linked, transcript
from rarescale.web.desk import Desk
from rarescale.web.exports import EXPORTS
from rarescale.web.keeping import changed, prepared
from rarescale.web.onsets import ONSETS
from rarescale.web.patients import examples, simulated, truth
from rarescale.web.picture import Picture
from rarescale.web.render import html
from rarescale.web.views import View, views_of


@dataclass(frozen=True)
class Step:
    """What a request asks for, and who. `fragment`: only the changed part of the page is wanted."""

    desk: Desk
    fragment: bool = False
    who: Who = LOCAL

    @property
    def saves(self) -> bool:
        """Whether this person can save here."""
        return self.desk.store is not None and self.who.may(Right.CASES)


def step_of(desk: Desk, request: Request) -> Step:
    """The step of a request."""
    return Step(desk, request.headers.get("HX-Request") == "true", request.state.who)


@dataclass(frozen=True)
class Said:
    """What the page says besides the state.

    `touched` is the button that led here, `note` a remark, `problem` what went wrong, answered with `status`. Where a
    save was refused, `mine` is the id under which the state on the screen can be saved as a new case.
    """

    touched: str = ""
    note: str = ""
    problem: Problem | None = None
    status: int = 200
    mine: str = ""


def refused(problem: Problem, status: int = 422) -> Said:
    """A step that was not done."""
    return Said(problem=problem, status=status)


def start_page(desk: Desk, problem: Problem | None = None, status: int = 200, text: str = "") -> Response:
    """The page before there is a patient."""
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


def work(step: Step, bench: Bench, form: dict[str, str] | None = None, said: Said | None = None) -> Response:
    """The four regions for a state."""
    desk, form, said = step.desk, form or {}, said or Said()
    if step.saves:
        bench = prepared(bench, form, desk.new_id)
    picture, asked = desk.seen(bench)
    ontology = desk.diagnoser.knowledge.ontology
    views = views_of(picture, ontology, desk.card)
    shown = bench.model_copy(update={"shown": tuple(c.id for c in picture.answer.differential if c.id)})
    turns = transcript(bench, picture.items)
    sought = _sought(said.touched, form)
    values: dict[str, Any] = {
        "bench": bench,
        "state": packed(shown),
        "picture": picture,
        "answer": picture.answer,
        "groups": desk.systems.grouped((i.id, i) for i in picture.items.values()),
        "turns": turns,
        "linked": linked(turns),
        "views": views,
        "comparison": comparison(picture, ontology, views),
        "asked": asked,
        "hits": None if sought is None else desk.findings.find(sought),
        "q": sought or "",
        "onsets": ONSETS,
        "exports": EXPORTS,
        "patient": truth(bench.patient) if bench.patient else None,
        "true_rank": _true_rank(picture),
        "problem": said.problem,
        "note": said.note,
        "mine": said.mine,
        "kept": bench.kept if step.saves else None,
        "changed": changed(bench),
        "unsent": _unsent(said, form),
        "status": _status(picture, views) if said.touched != "save" else "Saved.",
        "focus": _focus(said.touched),
        "title": "Workbench",
    }
    return html(desk, "work.html" if step.fragment else "bench.html", said.status, **values)


def _true_rank(picture: Picture) -> int | None:
    """The rank of a simulated patient's disease in the list."""
    found = truth(picture.bench.patient or "")
    ids = set(found.content["diagnosis"]) if found else set()
    return next((c.rank for c in picture.answer.differential if ids & set(c.ids)), None)


def _unsent(said: Said, form: dict[str, str]) -> dict[str, str]:
    """What was typed into the conversation and not added: it stays where the step was another, or was refused."""
    stays = said.problem is not None or said.touched == "save"
    return {name: form.get(name, "") if stays else "" for name in ("say", "speaker")}


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
