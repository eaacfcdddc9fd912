"""`rarescale diagnose` and `rarescale read`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.exports import Sink, html_sink, phenopacket_sink
from rarescale.cli.options import Context, ContextModel, Format, Inputs, Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress, counted
from rarescale.diagnose import Diagnoser, open_diagnoser
from rarescale.errors import UsageError
from rarescale.reading import READS_IN_CONTEXT
from rarescale.record import Differential, Failure, Input, Understanding, Unreadable

Show = Callable[[Understanding | Failure], None]


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
    csv: Annotated[bool, typer.Option("--csv", help="CSV on standard output, one row per disease.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write one page to read and print.")
    ] = None,
    phenopacket: Annotated[
        Path | None, typer.Option("--phenopacket", metavar="DIR", help="Also write a phenopacket per patient.")
    ] = None,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Leave out ids, exact ages and whatever quotes the patient.")
    ] = False,
    context: Context = READS_IN_CONTEXT,
    context_model: ContextModel = None,
    format: Format = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Rank the diseases that explain each patient, with reasons.

    Example: rarescale diagnose examples/chat.jsonl --top 5 --html differential.html
    """
    if json and csv:
        raise UsageError("--json and --csv both want standard output; give one of them")

    def answer(diagnoser: Diagnoser, source: Input) -> Differential | Failure:
        return diagnoser.answer(source, top=top, among=among.value)

    show = _csv_printer(deidentify) if csv else _printer(json, deidentify)
    sinks = [] if html is None else [html_sink(html, deidentified=deidentify)]
    sinks += [] if phenopacket is None else [phenopacket_sink(phenopacket, deidentified=deidentify)]
    _run(inputs, format, _opened(knowledge, context, context_model), answer, show, sinks)


def read_command(
    inputs: Inputs,
    json: Json = False,
    context: Context = READS_IN_CONTEXT,
    context_model: ContextModel = None,
    format: Format = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Show what is understood of each patient: findings with quotes, and what was not understood.

    Example: rarescale read examples/chat.jsonl
    """
    opened = _opened(knowledge, context, context_model)
    _run(inputs, format, opened, lambda diagnoser, source: diagnoser.read(source), _printer(json, False))


def _opened(folder: Path | None, context: bool, model: Path | None) -> Diagnoser:
    return open_diagnoser(folder, context=model or context, progress=CompileProgress())


def _run(
    inputs: list[str],
    format: str | None,
    diagnoser: Diagnoser,
    answer: Callable[[Diagnoser, Input], Understanding | Failure],
    show: Show,
    sinks: Sequence[AbstractContextManager[Sink]] = (),
) -> None:
    """Answer every input in order and leave with the exit code of the contract."""
    from rarescale.formats import read_inputs

    sources = read_inputs(inputs, format=format, stdin=sys.stdin.buffer)
    failed = read = 0
    with exits.leaving_politely(), ExitStack() as stack:
        takers = [stack.enter_context(sink) for sink in sinks]
        for source in counted(sources, "patients"):
            result = answer(diagnoser, source)
            failed += isinstance(result, Failure)
            read += not isinstance(source, Unreadable)
            for take in takers:
                take(source, result)
            show(result)
    if failed:
        typer.echo(f"rarescale: {failed} of {failed + read} could not be read", err=True)
    raise typer.Exit(exits.NOTHING if not read else exits.SOME_FAILED if failed else exits.OK)


def _printer(json: bool, deidentified: bool) -> Show:
    show = _json_printer() if json else _terminal_printer()
    if not deidentified:
        return show
    from rarescale.report import deidentify

    count = 0

    def show_less(result: Understanding | Failure) -> None:
        nonlocal count
        count += 1
        show(deidentify(result, count))

    return show_less


def _csv_printer(deidentified: bool) -> Show:
    from rarescale.report import csv_writer

    return csv_writer(sys.stdout, deidentified=deidentified)


def _json_printer() -> Show:
    out = sys.stdout

    def show(result: Understanding | Failure) -> None:
        out.write(result.model_dump_json(by_alias=True) + "\n")
        out.flush()
        if isinstance(result, Failure):
            typer.echo(f"rarescale: {result.id}: {result.error.message}", err=True)

    return show


def _terminal_printer() -> Show:
    from rarescale.report import print_answer, terminal

    console = terminal(sys.stdout)
    first: Iterator[bool] = iter([True])

    def show(result: Understanding | Failure) -> None:
        if not next(first, False):
            console.print()
        print_answer(result, console)

    return show
