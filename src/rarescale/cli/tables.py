"""`rarescale evaluate tables` and `rarescale evaluate judge`."""

from __future__ import annotations

import json as jsonlib
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.options import Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress
from rarescale.cli.weigh_door import BaseUrl, Batch, Cache, Door, Limit, PriceOf, Record, Replay, Service, Workers


def tables_command(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PLACE...]",
            help="Run folders, corpus folders, folders of these, or files of answers with --truth; "
            "left out: the small made-up runs that come with the program.",
        ),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Case or chat lines that files of answers are about.")
    ] = None,
    mapping: Annotated[
        list[Path] | None,
        typer.Option("--mapping", help="TSV of id, id, relation; relation E makes two ids one disease."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the tables here, as JSON.")] = None,
    json: Json = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """RareScale's Tables 1-5 and 7: the published figures and, beneath them, ours from runs.

    Example: rarescale evaluate tables runs/none runs/rarescale corpus
    """
    from rarescale.evaluation import Judge, equivalence, make_report, read_mapping, read_material, report_text, toy_runs
    from rarescale.knowledge import open_knowledge

    same = equivalence(pair for path in mapping or [] for pair in read_mapping(path))
    if not places:
        typer.echo(
            "rarescale: no runs given; these are toy runs on made-up chats and say nothing about quality", err=True
        )
    material = read_material(places or [toy_runs()], truth, same)
    report = make_report(material, lambda: Judge(open_knowledge(knowledge, progress=CompileProgress()), disease=same))
    data = jsonlib.dumps(report.to_data(), indent=1, ensure_ascii=False)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(data + "\n", encoding="utf-8")
    typer.echo(data if json else report_text(report))


def judge_command(
    run: Annotated[Path, typer.Argument(help="A run folder, or a file of answers with --truth.")],
    model: Annotated[str, typer.Option("--model", help="The judge's name, as the service knows it.")],
    truth: Annotated[
        Path | None, typer.Option("--truth", help="Case or chat lines that a file of answers is about.")
    ] = None,
    base_url: BaseUrl = None,
    service: Service = "openai",
    replay: Replay = None,
    record: Record = None,
    llm_cache: Cache = None,
    llm_batch: Batch = None,
    price: PriceOf = None,
    limit: Limit = None,
    workers: Workers = 8,
) -> None:
    """Have a language model judge the lists of a run: each entry right or not, and the list in five levels.

    Writes judgements.jsonl beside the answers; `rarescale evaluate tables` shows them and their agreement with the
    deterministic judge. Example: rarescale evaluate judge runs/none --model llama3.1 --llm-batch judge
    """
    from rarescale.evaluation import judgements_path, judging, lists_of, read_material

    (system,) = read_material([run], truth).systems
    tasks = {f"{k:06d}-{listed.id}": partial(judging, listed, model) for k, listed in enumerate(lists_of(system))}
    door = Door(model, base_url, service, replay, record, llm_cache, llm_batch, workers, price, limit)
    with exits.leaving_politely():
        outcomes = door.through(tasks)
    judged = [o.value for o in outcomes.values() if o.value is not None]
    path = judgements_path(run)
    path.write_text("".join(jsonlib.dumps(j.to_data(), ensure_ascii=False) + "\n" for j in judged), encoding="utf-8")
    failed = sum(j.a.failure is not None or j.b.failure is not None for j in judged)
    typer.echo(f"{len(judged)} lists judged by {model}, {failed} with a failure: {path}")
    raise typer.Exit(exits.SOME_FAILED if failed else exits.OK)
