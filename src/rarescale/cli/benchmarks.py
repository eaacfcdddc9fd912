"""`rarescale benchmarks list`, `show` and `run`."""

from __future__ import annotations

import json as jsonlib
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rarescale.cli import exits
from rarescale.cli.evaluate_runs import Among, _page
from rarescale.cli.options import Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress, Counting
from rarescale.cli.weigh_door import BaseUrl, Batch, Cache, Door, Limit, PriceOf, Record, Replay, Service
from rarescale.errors import UsageError

if TYPE_CHECKING:
    from rarescale.evaluation import Benchmark, Opened, Run
    from rarescale.knowledge import Knowledge

app = typer.Typer(
    name="benchmarks",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The benchmarks of the field: what they are, how to get them, and how we do on them.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="See `rarescale benchmarks list`.")]


class Task(StrEnum):
    """What is asked of the engine."""

    RANKING = "ranking"
    QUESTIONS = "questions"


@app.command("list")
def list_command(json: Json = False) -> None:
    """All benchmarks: name, tasks, number of records, title.

    Example: rarescale benchmarks list
    """
    from rarescale.evaluation import all_benchmarks, benchmarks_text

    if json:
        for benchmark in all_benchmarks():
            typer.echo(benchmark.model_dump_json())
        return
    typer.echo(benchmarks_text(all_benchmarks()))


@app.command("show")
def show_command(name: Name, json: Json = False) -> None:
    """One benchmark: licence, citation, how to get its files, published figures and where they were read.

    Example: rarescale benchmarks show rarebench-mme
    """
    from rarescale.evaluation import benchmark_card, benchmark_named

    benchmark = benchmark_named(name)
    typer.echo(benchmark.model_dump_json() if json else benchmark_card(benchmark))


@app.command("run")
def run_command(
    name: Name,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The run folder; a stopped run goes on there.")],
    files: Annotated[
        Path | None,
        typer.Option("--files", metavar="DIR", help="Where the published files are; default: a folder of the cache."),
    ] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch missing files first, where they have a plain address.")
    ] = False,
    task: Annotated[Task | None, typer.Option("--task", help="Default: the first one that `show` lists.")] = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", metavar="NAME", help="As for `evaluate run`: a name, or module:function of your own."),
    ] = None,
    among: Annotated[
        Among, typer.Option("--among", help="rare: only diseases with an OMIM, ORPHA or DECIPHER id.")
    ] = Among.ALL,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="How many diseases each answer lists; default: as `show` says.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--mapping", metavar="FILE", help="As for `evaluate run`; the word knowledge: as merged there."),
    ] = None,
    records: Annotated[
        int | None,
        typer.Option("--records", min=0, help="Draw so many records; 0: all. Default: as the benchmark says."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="For the draw, and for engines that draw lots.")] = 42,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes, or questions to a model at once.")] = 1,
    model: Annotated[
        str | None, typer.Option("--model", help="Questions only: the language model that answers them.")
    ] = None,
    base_url: BaseUrl = None,
    service: Service = "openai",
    replay: Replay = None,
    record: Record = None,
    llm_cache: Cache = None,
    llm_batch: Batch = None,
    price: PriceOf = None,
    limit: Limit = None,
    json: Json = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Run a benchmark into a run folder, its own measures and the published figures in metrics.json.

    Nothing is fetched without --download. Example: rarescale benchmarks run rarebench-mme --files data --out runs/mme
    """
    from rarescale.evaluation import (
        RunSettings,
        benchmark_named,
        benchmark_text,
        default_folder,
        fetch_benchmark,
        open_benchmark,
    )
    from rarescale.knowledge import open_knowledge

    benchmark = benchmark_named(name)
    asked = _task(benchmark, task, model)
    folder = files or default_folder(benchmark)
    if download:
        fetch_benchmark(benchmark, folder, lambda line: typer.echo(f"rarescale: {line}", err=True))
    base = open_knowledge(knowledge, progress=CompileProgress())
    opened = open_benchmark(benchmark, folder, base, limit=records, seed=seed)
    options = {"files": str(folder), "records": records, "knowledge": None if knowledge is None else str(knowledge)}
    how = _How(
        engine or RunSettings().engine, among.value, top or benchmark.top, seed, tuple(mapping or ()), workers, options
    )
    if asked == Task.RANKING:
        run = _ranking(opened, base, out, how)
    else:
        door = None
        if model is not None:
            door = Door(model, base_url, service, replay, record, llm_cache, llm_batch, workers, price, limit)
        run = _questions(opened, base, out, how, door)
    metrics = run.metrics
    typer.echo(
        jsonlib.dumps(metrics, indent=1, ensure_ascii=False)
        if json
        else f"{benchmark_text(metrics['benchmark'])}\n\n{run.folder}"
    )
    raise typer.Exit(exits.SOME_FAILED if _failed(run) else exits.OK)


@dataclass(frozen=True)
class _How:
    """The options that both tasks share."""

    engine: str
    among: Any
    top: int
    seed: int
    mapping: tuple[str, ...]
    workers: int
    asked: dict[str, Any]


def _task(benchmark: Benchmark, task: Task | None, model: str | None) -> Task:
    chosen = Task(benchmark.tasks[0]) if task is None else task
    if chosen.value not in benchmark.tasks:
        raise UsageError(f"{benchmark.name} has no {chosen.value}; expected --task {' or '.join(benchmark.tasks)}")
    if model is not None and chosen == Task.RANKING:
        raise UsageError(
            "--model answers questions; a list of diseases is made by an --engine. For a language model over patients"
            " use `rarescale weigh`, or an engine of your own"
        )
    return chosen


def _ranking(opened: Opened, knowledge: Knowledge, out: Path, how: _How) -> Run:
    from rarescale.evaluation import RunSettings, run_ranking

    settings = RunSettings(engine=how.engine, among=how.among, top=how.top, seed=how.seed, mapping=how.mapping)
    return run_ranking(
        opened,
        knowledge,
        out,
        settings,
        asked=how.asked,
        workers=how.workers,
        progress=Counting("batches of cases"),
        page=_page,
    )


def _questions(opened: Opened, knowledge: Knowledge, out: Path, how: _How, door: Door | None) -> Run:
    from rarescale.evaluation import (
        QUESTION_PROMPT,
        Chosen,
        EngineOptions,
        check_questions,
        choose_by_list,
        choosing,
        write_questions,
    )

    questions = check_questions(opened, out)
    if door is None:
        options = EngineOptions(among=how.among, top=max(how.top, 100), seed=how.seed)
        chosen = choose_by_list(questions, how.engine, knowledge, options, Counting("batches of cases"))
        engine = {"name": f"{how.engine}, best listed option", "version": f"top {options.top}"}
        return write_questions(opened, chosen, knowledge, out, engine=engine, asked=how.asked)
    with exits.leaving_politely():
        found = door.through({f"{k:06d}-{q.id}": partial(choosing, q, door.model) for k, q in enumerate(questions)})
    chosen = [
        o.value if o.value is not None else Chosen(q.id, None, "failed")
        for q, o in zip(questions, found.values(), strict=True)
    ]
    engine = {"name": door.model, "version": QUESTION_PROMPT}
    return write_questions(opened, chosen, knowledge, out, engine=engine, asked=how.asked)


def _failed(run: Run) -> bool:
    """Whether a case or question failed, other than by not being found."""
    return any(case["outcome"] == "not scored" and case["reason"] and not case.get("listed") for case in run.cases)
