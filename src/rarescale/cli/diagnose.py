"""`rarescale diagnose` and `rarescale read`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.options import Format, Inputs, Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress, counted
from rarescale.diagnose import Diagnoser, open_diagnoser
from rarescale.record import Differential, Failure, Input, Understanding, Unreadable


class Among(StrEnum):
    """Which diseases may be listed."""

    ALL = "all"
    RARE = "rare"


def diagnose_command(
    inputs: Inputs,
    top: Annotated[int, typer.Option("--top", min=1, help="How many diseases to list.")] = 10,
    among: Annotated[
        Among, typer.Option("--among", help="rare: only diseases with an OMIM, ORPHA or DECIPHER id.")
    ] = Among.ALL,
    json: Json = False,
    format: Format = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Rank the diseases that explain each patient, with reasons.

    Example: rarescale diagnose examples/chat.jsonl --top 5
    """

    def answer(diagnoser: Diagnoser, source: Input) -> Differential | Failure:
        return diagnoser.answer(source, top=top, among=among.value)

    _run(inputs, format, knowledge, json, answer)


def read_command(inputs: Inputs, json: Json = False, format: Format = None, knowledge: KnowledgeFolder = None) -> None:
    """Show what is understood of each patient: findings with quotes, and what was not understood.

    Example: rarescale read examples/chat.jsonl
    """
    _run(inputs, format, knowledge, json, lambda diagnoser, source: diagnoser.read(source))


def _run(
    inputs: list[str],
    format: str | None,
    folder: Path | None,
    json: bool,
    answer: Callable[[Diagnoser, Input], Understanding | Failure],
) -> None:
    """Answer every input in order and leave with the exit code of the contract."""
    from rarescale.formats import read_inputs

    diagnoser = open_diagnoser(folder, progress=CompileProgress())
    sources = read_inputs(inputs, format=format, stdin=sys.stdin.buffer)
    show = _json_printer() if json else _terminal_printer()
    failed = read = 0
    with exits.leaving_politely():
        for source in counted(sources, "patients"):
            result = answer(diagnoser, source)
            failed += isinstance(result, Failure)
            read += not isinstance(source, Unreadable)
            show(result)
    if failed:
        typer.echo(f"rarescale: {failed} of {failed + read} could not be read", err=True)
    raise typer.Exit(exits.NOTHING if not read else exits.SOME_FAILED if failed else exits.OK)


def _json_printer() -> Callable[[Understanding | Failure], None]:
    out = sys.stdout

    def show(result: Understanding | Failure) -> None:
        out.write(result.model_dump_json(by_alias=True) + "\n")
        out.flush()
        if isinstance(result, Failure):
            typer.echo(f"rarescale: {result.id}: {result.error.message}", err=True)

    return show


def _terminal_printer() -> Callable[[Understanding | Failure], None]:
    from rarescale.report import print_answer, terminal

    console = terminal(sys.stdout)
    first: Iterator[bool] = iter([True])

    def show(result: Understanding | Failure) -> None:
        if not next(first, False):
            console.print()
        print_answer(result, console)

    return show
