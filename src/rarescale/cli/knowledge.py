"""`rarescale knowledge info | check | search | show | update | diff`."""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.knowledge_upkeep import diff_command, update_command
from rarescale.cli.options import Json, KnowledgeFolder
from rarescale.cli.progress import CompileProgress
from rarescale.knowledge import (
    CardLine,
    DiseaseCard,
    FindingCard,
    Knowledge,
    cache_folder,
    check,
    disease_card,
    finding_card,
    open_knowledge,
    search,
)

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Look into the knowledge everything is computed from."
)
app.command("update")(update_command)
app.command("diff")(diff_command)


def _open(folder: Path | None) -> Knowledge:
    return open_knowledge(folder, progress=CompileProgress())


@app.command()
def info(json: Json = False, knowledge: KnowledgeFolder = None) -> None:
    """Release, hash, files and counts."""
    base = _open(knowledge)
    prefixes = [i.partition(":")[0] for i in base.diseases.source_ids]
    facts = {
        "release": base.release.release,
        "hash": base.release.hash,
        "files": [str(p) for p in base.sources.files],
        "cache": str(cache_folder()),
        "terms": len(base.ontology),
        "diseases": len(base.diseases),
        "entries": {p: prefixes.count(p) for p in sorted(set(prefixes))},
        "annotations": len(base.diseases.rows["term"]),
    }
    if json:
        typer.echo(jsonlib.dumps(facts))
        return
    for name, value in facts.items():
        typer.echo(f"{name:12} {', '.join(f'{k} {v}' for k, v in value.items()) if isinstance(value, dict) else value}")


@app.command("check")
def check_command(json: Json = False, knowledge: KnowledgeFolder = None) -> None:
    """List every problem with place and remedy; exit code 0 when there is no error."""
    issues = check(_open(knowledge))
    for issue in issues:
        typer.echo(
            jsonlib.dumps(asdict(issue))
            if json
            else f"{issue.level}  {issue.code}  {issue.where}: {issue.what}; {issue.remedy}"
        )
    errors = sum(i.level == "error" for i in issues)
    typer.echo(f"{errors} errors, {len(issues) - errors} warnings", err=json)
    raise typer.Exit(exits.SOME_FAILED if errors else exits.OK)


@app.command("search")
def search_command(
    text: Annotated[list[str], typer.Argument(help="Words of a finding or disease; beginnings of words are enough.")],
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to show.")] = 20,
    json: Json = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Find findings and diseases by their names."""
    hits = search(_open(knowledge), " ".join(text), limit=limit)
    for hit in hits:
        other = f"  ({hit.name})" if hit.name != hit.label else ""
        typer.echo(jsonlib.dumps(asdict(hit)) if json else f"{hit.kind:8} {hit.id:15} {hit.label}{other}")
    if not hits:
        typer.echo(f"rarescale: no finding or disease has all of these words: {' '.join(text)}", err=True)
        raise typer.Exit(exits.SOME_FAILED)


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="Id of a disease (OMIM, ORPHA, DECIPHER) or of a finding (HP).")],
    json: Json = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """The card of a disease or a finding."""
    base = _open(knowledge)
    card = disease_card(base, id) or finding_card(base, id)
    if card is None:
        typer.echo(
            f"rarescale: {id} is no disease and no finding of {base.release.release}; try: rarescale knowledge search",
            err=True,
        )
        raise typer.Exit(exits.NOTHING)
    if json:
        typer.echo(jsonlib.dumps(asdict(card)))
    elif isinstance(card, DiseaseCard):
        _print_disease(card)
    else:
        _print_finding(card)


def _print_disease(card: DiseaseCard) -> None:
    typer.echo(f"{card.names[0]}\nids: {', '.join(card.ids)}")
    if len(card.names) > 1:
        typer.echo(f"also called: {'; '.join(card.names[1:])}")
    sections = {
        "inheritance": card.inheritance,
        "course": card.course,
        "findings": card.findings,
        "said not to occur": card.excluded,
        "other": card.other,
    }
    for title, lines in sections.items():
        if lines:
            typer.echo(f"\n{title}")
            for line in lines:
                typer.echo(_line(line))


def _line(line: CardLine) -> str:
    return f"  {line.term}  {line.label}  [{line.frequency}]  {', '.join(line.sources)}"


def _print_finding(card: FindingCard) -> None:
    typer.echo(
        f"{card.label}\nid: {card.id}\n{card.definition}\nannotated to {card.diseases} diseases, itself or below it"
    )
    for id, label in card.parents:
        typer.echo(f"is a {label} ({id})")
    for text, kind in card.names[1:]:
        typer.echo(f"  {kind:12} {text}")
