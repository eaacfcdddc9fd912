"""`rarescale evaluate run`, `compare` and `report`."""

from __future__ import annotations

import json as jsonlib
import random
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.options import Format, Inputs, Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress, Counting
from rarescale.errors import UsageError

if TYPE_CHECKING:
    from rarescale.evaluation import Run


class Among(StrEnum):
    """Which diseases may be listed."""

    ALL = "all"
    RARE = "rare"


class Place(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    RAY = "ray"


class Leave(StrEnum):
    """Which annotations a case's own paper takes with it."""

    LENIENT = "lenient"
    STRICT = "strict"


def run_command(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The run folder; a stopped run goes on there.")],
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="NAME", help="default, expert, qmr, labels, or module:function of your own."),
    ] = "default",
    among: Annotated[
        Among, typer.Option("--among", help="rare: only diseases with an OMIM, ORPHA or DECIPHER id.")
    ] = Among.ALL,
    top: Annotated[int, typer.Option("--top", min=1, help="How many diseases each answer lists.")] = 10,
    leave: Annotated[
        Leave | None,
        typer.Option(
            "--leave-own-paper-out",
            help="Forget, for each case, annotations made from its own paper: rows that cite nothing else (lenient), "
            "or every row that cites it (strict).",
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--mapping",
            metavar="FILE",
            help="TSV of id, id, relation; relation E makes two ids one disease. The word knowledge: as merged there.",
        ),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="KEY", help="Also measure the groups of this key of the inputs.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; the results do not depend on it.")] = 1,
    on: Annotated[Place, typer.Option("--on", help="This machine, or a Ray cluster.")] = Place.LOCAL,
    seed: Annotated[int, typer.Option("--seed", min=0, help="For engines that draw lots.")] = 0,
    format: Format = None,
    json: Json = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Answer every input that names a diagnosis, and keep answers, ranks, measures and a report in one folder.

    Example: rarescale evaluate run cases.jsonl --out runs/first --among rare
    """
    from rarescale.evaluation import RunSettings, evaluate_run
    from rarescale.formats import read_inputs
    from rarescale.knowledge import open_knowledge

    base = open_knowledge(knowledge, progress=CompileProgress())
    settings = RunSettings(
        engine, among.value, top, seed, None if leave is None else leave.value, tuple(mapping or ()), tuple(by or ())
    )
    asked = {"inputs": inputs, "format": format, "knowledge": None if knowledge is None else str(knowledge)}
    found = evaluate_run(
        read_inputs(inputs, format=format, stdin=sys.stdin.buffer),
        base,
        out,
        settings,
        sources=[i for i in inputs if i != "-"],
        asked=asked,
        workers=workers,
        on=on.value,
        progress=Counting("batches of cases"),
        page=_page,
    )
    typer.echo(jsonlib.dumps(found.metrics, indent=1, ensure_ascii=False) if json else _shown(found))
    failed = sum(
        case["outcome"] == "not scored" and bool(case["reason"]) and not case["listed"] for case in found.cases
    )
    raise typer.Exit(exits.SOME_FAILED if failed else exits.OK)


def compare_command(
    a: Annotated[Path, typer.Argument(metavar="A", help="A run folder.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one, over the same inputs.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="For the resampling of the intervals.")] = 0,
    json: Json = False,
) -> None:
    """Two runs case by case: differences A minus B with intervals, paired tests, and the cases won and lost.

    Example: rarescale evaluate compare runs/expert runs/qmr
    """
    from rarescale.evaluation import compare_runs, comparison_text, read_run

    found = compare_runs(read_run(a), read_run(b), random.Random(seed))
    typer.echo(jsonlib.dumps(found, indent=1, ensure_ascii=False) if json else comparison_text(found))


def report_command(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="A run folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="The page; default: report.html in the folder.")] = None,
) -> None:
    """Write the HTML page of a finished run again: one file that opens offline.

    Example: rarescale evaluate report runs/first
    """
    from rarescale.evaluation import read_run

    target = out or run / "report.html"
    page = _page(read_run(run))
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error}; give another place with --out") from error
    typer.echo(str(target))


def _page(run: Run) -> str:
    from rarescale.report import run_page

    return run_page(run.config, run.metrics, run.manifest, run.cases)


def _shown(run: Run) -> str:
    from rarescale.evaluation import run_text

    return f"{run_text(run)}\n\n{run.folder / 'report.html'}"
