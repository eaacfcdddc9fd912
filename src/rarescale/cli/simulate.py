"""`rarescale simulate cases`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli.options import KnowledgeFolder
from rarescale.cli.progress import CompileProgress
from rarescale.errors import UsageError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Simulate patients from the knowledge.")


class _Counting:
    """A line on standard error every few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= 5.0:
            sys.stderr.write(f"{done} of {of} diseases\n")
            self._last = now


@app.callback()
def _group() -> None:
    """Keeps `cases` a command of its own."""


@app.command("cases")
def cases_command(
    cases: Annotated[int, typer.Option("--cases", min=1, help="How many cases.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for cases.jsonl, dropped.tsv and manifest.json.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other cases.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; the lines do not depend on it.")] = 1,
    diseases: Annotated[
        Path | None, typer.Option("--diseases", help="File with one disease id a line; default: all eligible ones.")
    ] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Structured cases of all diseases that the expert can tell by their symptoms.

    The first run judges every disease (minutes) and keeps the result. A run that was stopped goes on where it was.
    Example: rarescale simulate cases --cases 1000 --seed 1 --out corpus
    """
    from rarescale.knowledge import open_knowledge
    from rarescale.simulation import simulate_cases

    if diseases is not None and not diseases.is_file():
        raise UsageError(f"--diseases {diseases}: no such file; expected one disease id a line")
    words = [line.split() for line in diseases.read_text(encoding="utf-8").splitlines()] if diseases else None
    ids = None if words is None else [w[0] for w in words if w]
    base = open_knowledge(knowledge, progress=CompileProgress())
    facts = simulate_cases(base, cases, seed, out, diseases=ids, workers=workers, progress=_Counting())
    typer.echo(
        f"{facts['cases']} cases of {facts['diseases']} diseases in {out};"
        f" {facts['eligible']} of {facts['judged']} diseases can be simulated"
    )
