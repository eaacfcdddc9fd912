"""`rarescale evaluate`: run an engine, compare runs, score answers that were made elsewhere."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli.evaluate_runs import compare_command, report_command, run_command
from rarescale.cli.options import Json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Measure how well differentials name the truth.")


app.command("run")(run_command)
app.command("compare")(compare_command)
app.command("report")(report_command)


@app.command()
def score(
    truth: Annotated[Path, typer.Argument(help="Case or chat lines with id and diagnosis.")],
    predictions: Annotated[Path, typer.Argument(help="What `rarescale diagnose --json` wrote for them.")],
    mapping: Annotated[
        list[Path] | None,
        typer.Option("--mapping", help="TSV of id, id, relation; relation E makes two ids one disease."),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="KEY", help="Also score the groups of this key of the truth.")
    ] = None,
    json: Json = False,
) -> None:
    """Top-1, 3, 5, 10 and MRR with 95 % intervals over diseases; ties count against, failed and missing are misses.

    Example: rarescale evaluate score cases.jsonl answers.jsonl --mapping equivalents.tsv
    """
    from rarescale.evaluation import score_files, score_text

    scores = score_files(truth, predictions, by=by, mapping=mapping or [])
    typer.echo(jsonlib.dumps(scores, indent=1) if json else score_text(scores))
