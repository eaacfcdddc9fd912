"""`rarescale simulate cases | chats | stats | dataset`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli import llm_chats as llm
from rarescale.cli.options import KnowledgeFolder
from rarescale.cli.progress import CompileProgress, Counting
from rarescale.errors import UsageError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Simulate patients from the knowledge.")


@app.callback()
def _group() -> None:
    """Keeps `cases` a command of its own."""


@app.command("cases")
def cases_command(
    cases: Annotated[int, typer.Option("--cases", min=1, help="How many cases.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for cases.jsonl, dropped.tsv and manifest.json.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other cases.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; the lines do not depend on it.")] = 1,
    preset: Annotated[
        str, typer.Option("--preset", help="chat: what patients tell; realistic: like published cases, all HPO terms.")
    ] = "chat",
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
    from rarescale.simulation import SimulationSettings, simulate_cases

    settings, ids = SimulationSettings.preset(preset), _ids(diseases)
    base = open_knowledge(knowledge, progress=CompileProgress())
    facts = simulate_cases(
        base, cases, seed, out, settings=settings, diseases=ids, workers=workers, progress=Counting("diseases")
    )
    if facts["warning"]:
        sys.stderr.write(f"{facts['warning']}\n")
    typer.echo(
        f"{facts['cases']} cases of {facts['diseases']} diseases in {out};"
        f" {facts['eligible']} of {facts['judged']} diseases can be simulated"
    )


def _ids(path: Path | None) -> list[str] | None:
    """The first word of each line of `path`."""
    if path is None:
        return None
    if not path.is_file():
        raise UsageError(f"--diseases {path}: no such file; expected one disease id a line")
    return [words[0] for line in path.read_text(encoding="utf-8").splitlines() if (words := line.split())]


@app.command("chats")
def chats_command(
    cases: Annotated[int, typer.Option("--cases", min=1, help="How many cases; a chat is written of each.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for chats.jsonl, dropped.tsv and manifest.json.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other chats.")] = 0,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; the lines do not depend on it.")] = 1,
    writer: Annotated[
        str,
        typer.Option(
            "--writer", help="whole, turns or both (drawn for each chat); llm-whole, llm-turns: by a language model."
        ),
    ] = "both",
    reserved: Annotated[
        bool, typer.Option("--reserved", help="Test chats use the reserved lay expressions, which no other chat does.")
    ] = False,
    diseases: Annotated[
        Path | None, typer.Option("--diseases", help="File with one disease id a line; default: all eligible ones.")
    ] = None,
    model: llm.ModelName = None,
    checker: llm.Checker = None,
    base_url: llm.BaseUrl = None,
    llm_batch: llm.LlmBatch = None,
    record: llm.Record = None,
    replay: llm.ReplayFile = None,
    llm_workers: llm.LlmWorkers = 8,
    memory: llm.Memory = 4,
    temperature: llm.Temperature = 1.0,
    max_tokens: llm.MaxTokens = 6000,
    token_field: llm.TokenField = "max_tokens",
    price: llm.PriceOf = None,
    limit: llm.Limit = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Conversations of simulated patients, written offline, split into train, val and test by structured case.

    A run that was stopped goes on where it was. The writers llm-whole and llm-turns ask a language model.
    Example: rarescale simulate chats --cases 1000 --seed 1 --workers 2 --out corpus
    Example: rarescale simulate chats --cases 50 --out corpus --writer llm-whole --model llama3.1
    --base-url http://localhost:11434/v1
    """
    options = llm.LlmOptions(
        model=model,
        checker=checker,
        base_url=base_url,
        batch=llm_batch,
        record=record,
        replay=replay,
        workers=llm_workers,
        memory=memory,
        temperature=temperature,
        max_tokens=max_tokens,
        token_field=token_field,
        price=price,
        limit=limit,
    )
    from rarescale.knowledge import open_knowledge
    from rarescale.simulation import ChatSettings, simulate_chats

    if llm.is_llm(writer, options, reserved=reserved):
        base, ids = open_knowledge(knowledge, progress=CompileProgress()), _ids(diseases)
        llm.write_llm_chats(
            base, cases, seed, out, writer, options, diseases=ids, workers=workers, progress=Counting("diseases")
        )
        return
    settings, ids = ChatSettings(writer=writer, reserved=reserved), _ids(diseases)  # type: ignore[arg-type]
    base = open_knowledge(knowledge, progress=CompileProgress())
    facts = simulate_chats(
        base, cases, seed, out, settings=settings, diseases=ids, workers=workers, progress=Counting("diseases")
    )
    if facts["warning"]:
        sys.stderr.write(f"{facts['warning']}\n")
    typer.echo(f"{facts['chats']} chats of {facts['diseases']} diseases in {out}")


@app.command("stats")
def stats_command(
    corpus: Annotated[Path, typer.Argument(help="Folder written by `simulate chats`.")],
    as_json: Annotated[bool, typer.Option("--json", help="The rows as JSON, a line each.")] = False,
) -> None:
    """Chats, findings and messages (mean and standard deviation) by writer and split, as the method's Table 5.

    Example: rarescale simulate stats corpus
    """
    from rarescale.simulation import Tally, read_chats

    tally = Tally()
    for line in read_chats(corpus):
        tally.add(line)
    rows = tally.rows()
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row))
        return
    measures = [name for name in rows[0] if name not in ("writer", "split", "chats")] if rows else []
    typer.echo(f"{'writer':<10}{'split':<7}{'chats':>9}" + "".join(f"{name:>17}" for name in measures))
    for row in rows:
        cells = "".join(f"{_mean(row[name]):>17}" for name in measures)
        typer.echo(f"{row['writer']:<10}{row['split']:<7}{row['chats']:>9,}{cells}")


def _mean(value: dict[str, float | None]) -> str:
    return f"{value['mean']:.2f} +- {'n/a' if value['sd'] is None else format(value['sd'], '.2f')}"


@app.command("dataset")
def dataset_command(
    corpus: Annotated[Path, typer.Argument(help="Folder written by `simulate chats`.")],
    out: Annotated[Path, typer.Argument(help="New folder for the dataset.")],
) -> None:
    """A Hugging Face dataset folder: JSON lines by split (and Parquet, with pyarrow), and a card with the figures.

    Example: rarescale simulate dataset corpus dataset
    """
    from rarescale.simulation import write_dataset

    facts = write_dataset(corpus, out)
    typer.echo(f"{sum(facts['splits'].values())} chats in {out}")
