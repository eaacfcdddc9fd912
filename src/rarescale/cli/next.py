"""`rarescale next`: what to ask each patient next."""

from __future__ import annotations

import json as jsonlib
import sys
from typing import Annotated

import numpy as np
import typer

from rarescale.cli import exits
from rarescale.cli.diagnose import Among
from rarescale.cli.options import Format, Inputs, Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress, counted
from rarescale.diagnose import RARE_SOURCES, Diagnoser, open_diagnoser
from rarescale.interview import EVERY_COST, Cost, Interviewer, Mode, Mover, Question, Questions
from rarescale.record import Case, Chat, Note, Unreadable


def next_command(
    inputs: Inputs,
    top: Annotated[int, typer.Option("--top", min=1, help="How many questions.")] = 5,
    mode: Annotated[
        Mode | None,
        typer.Option("--mode", help="What the questions are for; chosen from the differential if left out."),
    ] = None,
    cost: Annotated[
        list[Cost] | None, typer.Option("--cost", help="Only questions of this cost; may be given more than once.")
    ] = None,
    among: Annotated[
        Among, typer.Option("--among", help="rare: only diseases with an OMIM, ORPHA or DECIPHER id.")
    ] = Among.ALL,
    open_ended: Annotated[
        bool,
        typer.Option("--open-ended", help="While there is much to rule out, ask for findings of a kind, to be named."),
    ] = False,
    json: Json = False,
    format: Format = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Show what to ask each patient next, what each answer would change, and when to stop.

    Example: rarescale next examples/chat.jsonl --top 3
    """
    from rarescale.formats import read_inputs

    diagnoser = open_diagnoser(knowledge, progress=CompileProgress())
    interviewer = Interviewer(diagnoser.knowledge, diagnoser.expert)
    only = _rare(diagnoser) if among is Among.RARE else None
    failed = read = 0
    with exits.leaving_politely():
        for source in counted(read_inputs(inputs, format=format, stdin=sys.stdin.buffer), "patients"):
            if isinstance(source, Unreadable):
                failed += 1
                _show_failure(source, json)
                continue
            read += 1
            questions = _next(diagnoser, interviewer, source, only, top, mode, cost, open_ended)
            _show(source.id, questions, json)
    if failed:
        typer.echo(f"rarescale: {failed} of {failed + read} could not be read", err=True)
    raise typer.Exit(exits.NOTHING if not read else exits.SOME_FAILED if failed else exits.OK)


def _next(
    diagnoser: Diagnoser,
    interviewer: Interviewer,
    source: Case | Chat | Note,
    only: np.ndarray | None,
    top: int,
    mode: Mode | None,
    cost: list[Cost] | None,
    open_ended: bool,
) -> Questions:
    query = diagnoser.query(source)
    ranking = None if query is None else diagnoser.expert.rank(query, only)
    costs = tuple(cost or EVERY_COST)
    return interviewer.next_questions(query, ranking, top=top, mode=mode, costs=costs, open_ended=open_ended)


def _rare(diagnoser: Diagnoser) -> np.ndarray:
    """bool (g,): diseases with an OMIM, ORPHA or DECIPHER id."""
    diseases = diagnoser.knowledge.diseases
    return np.array([any(i.startswith(RARE_SOURCES) for i in diseases.ids(d)) for d in range(len(diseases))])


def _show(patient: str, questions: Questions, json: bool) -> None:
    if json:
        sys.stdout.write(jsonlib.dumps({"id": patient, **questions.model_dump(mode="json")}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    typer.echo(f"{patient}: {questions.mode.value}")
    if questions.stop is not None:
        typer.echo(
            f"  No need to ask more: {questions.stop.text}" if questions.questions else f"  {questions.stop.text}"
        )
    for number, question in enumerate(questions.questions, 1):
        typer.echo(_text(number, question))


def _text(number: int, q: Question) -> str:
    lines = [
        f"  {number}. {q.text}",
        f"     {q.label} ({q.id}), {q.cost.value}, gain {q.gain:.3f} nats, yes expected in {q.yes:.0%}",
    ]
    if q.open_ended:
        lines.append("     open question: note what the patient names")
    lines += [f"     {word}: {_moved(movers)}" for word, movers in (("yes", q.up_if_yes), ("no", q.up_if_no)) if movers]
    return "\n".join(lines)


def _moved(movers: tuple[Mover, ...]) -> str:
    return ", ".join(f"{m.name} {m.change:+.1%}" for m in movers)


def _show_failure(source: Unreadable, json: bool) -> None:
    if json:
        error = {"kind": source.kind, "message": source.message}
        sys.stdout.write(jsonlib.dumps({"id": source.id, "error": error}, ensure_ascii=False) + "\n")
    typer.echo(f"rarescale: {source.id}: {source.message}", err=True)
