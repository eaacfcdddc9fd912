"""`rarescale evaluate tables` and `rarescale evaluate judge`."""

from __future__ import annotations

import json as jsonlib
import random
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.options import Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress


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
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="A chat completions service, such as http://localhost:11434/v1.")
    ] = None,
    service: Annotated[
        str, typer.Option("--service", help="Address of another kind: replay:FILE or scripted:FILE.")
    ] = "openai",
    llm_batch: Annotated[
        Path | None, typer.Option("--llm-batch", metavar="DIR", help="Ask through files in rounds, not a service.")
    ] = None,
    llm_cache: Annotated[
        Path | None,
        typer.Option("--llm-cache", metavar="DIR", help="Keep replies here, so that nothing is asked twice."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Questions asked at the same time.")] = 8,
) -> None:
    """Have a language model judge the lists of a run: each entry right or not, and the list in five levels.

    Writes judgements.jsonl beside the answers; `rarescale evaluate tables` shows them and their agreement with the
    deterministic judge. Example: rarescale evaluate judge runs/none --model llama3.1 --llm-batch judge
    """
    from rarescale.evaluation import judgements_path, judging, lists_of, read_material
    from rarescale.llm import guarded, open_model, run_live, run_rounds

    (system,) = read_material([run], truth).systems
    tasks = {f"{k:06d}-{listed.id}": partial(judging, listed, model) for k, listed in enumerate(lists_of(system))}
    with exits.leaving_politely():
        if llm_batch is not None:
            standing = run_rounds(tasks, llm_batch)
            typer.echo(f"rarescale: {standing.message}", err=True)
            if not standing.done:
                raise typer.Exit(exits.OK)
            outcomes = standing.outcomes
        else:
            asked = open_model(f"openai:{base_url}" if base_url else service)
            outcomes = run_live(tasks, guarded(asked, random.Random(0), cache=llm_cache), workers=workers)
    judged = [o.value for o in outcomes.values() if o.value is not None]
    path = judgements_path(run)
    path.write_text("".join(jsonlib.dumps(j.to_data(), ensure_ascii=False) + "\n" for j in judged), encoding="utf-8")
    failed = sum(j.a.failure is not None or j.b.failure is not None for j in judged)
    typer.echo(f"{len(judged)} lists judged by {model}, {failed} with a failure: {path}")
    raise typer.Exit(exits.SOME_FAILED if failed else exits.OK)
