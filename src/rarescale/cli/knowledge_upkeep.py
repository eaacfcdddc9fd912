"""`rarescale knowledge update | diff`: another release, and what it would change."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli.options import Json
from rarescale.errors import KnowledgeError
from rarescale.knowledge import (
    RELEASE_ADDRESS,
    DiseaseChange,
    Floors,
    Installed,
    KnowledgeDiff,
    diff_knowledge,
    find_sources,
    held_releases,
    update_knowledge,
)

_LEAST = Floors()


def update_command(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="URL_OR_DIR",
            help="Where hp.obo and phenotype.hpoa are: a folder, or an address they are files below.",
            show_default="HPO's newest release on github.com",
        ),
    ] = RELEASE_ADDRESS,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Where releases are kept; default: your data folder."),
    ] = None,
    least_terms: Annotated[
        int, typer.Option("--least-terms", min=1, help="Refuse a release with fewer current terms.")
    ] = _LEAST.terms,
    least_annotations: Annotated[
        int, typer.Option("--least-annotations", min=1, help="Refuse a release with fewer annotations.")
    ] = _LEAST.annotations,
    json: Json = False,
) -> None:
    """Fetch the newest HPO release, check it, and keep it beside earlier ones.

    Nothing uses it by itself: name it with --knowledge DIR or RARESCALE_KNOWLEDGE=DIR. Published cases that it was
    annotated from cannot be told from others, so figures measured with it would flatter.
    """
    floors = Floors(least_terms, least_annotations)
    found = update_knowledge(source, into, floors=floors, told=lambda line: typer.echo(line, err=True))
    if json:
        typer.echo(jsonlib.dumps(asdict(found) | {"folder": str(found.folder)}))
    else:
        _print_release(found)


def _print_release(found: Installed) -> None:
    typer.echo(f"{'kept in' if found.new else 'the very same files were already in'} {found.folder}")
    typer.echo(
        f"HPO {found.ontology_release}: {found.terms:,} terms, {found.annotations:,} annotations"
        f" of {found.diseases:,} diseases"
    )
    for name, file in found.files.items():
        typer.echo(f"{name}: {file.bytes:,} bytes, SHA-256 {file.sha256}")
    for note in found.notes:
        typer.echo(f"note: {note}")
    if others := [str(p) for p in held_releases(found.folder.parent) if p != found.folder]:
        typer.echo(f"kept too: {', '.join(others)}")
    typer.echo(f"\nsee what is new:  rarescale knowledge diff {_in_use()} {found.folder}")
    typer.echo(f"use it once:      rarescale diagnose INPUT --knowledge {found.folder}")
    typer.echo(f"use it always:    export RARESCALE_KNOWLEDGE={found.folder}")
    typer.echo("Runs that name no release go on with the installed one.")


def _in_use() -> str:
    """The folder that a run without options uses now; a word for it where there is none."""
    try:
        return str(find_sources().folder)
    except KnowledgeError:
        return "OLD"


def diff_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Folder of the older release.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Folder of the newer release.", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", min=0, help="Most lines of each list; --json has all.")] = 10,
    json: Json = False,
) -> None:
    """What two releases differ in, and which lines of our own tables that touches."""
    found = diff_knowledge(old, new)
    if json:
        typer.echo(jsonlib.dumps(asdict(found)))
        return
    typer.echo(f"{found.old} -> {found.new}")
    for title, lines in _lists(found):
        typer.echo(f"\n{title}: {len(lines):,}")
        for line in lines[:limit]:
            typer.echo(f"  {line}")
        if len(lines) > limit:
            typer.echo(f"  and {len(lines) - limit:,} more (--limit, --json)")


def _lists(found: KnowledgeDiff) -> Iterator[tuple[str, list[str]]]:
    """Each list of the differences: its title and its lines."""
    yield "terms added", [f"{t.id}  {t.name}" for t in found.terms_added]
    yield (
        "terms obsoleted",
        [f"{t.id}  {t.name} -> {t.successor or ' or '.join(t.consider) or 'nothing'}" for t in found.terms_obsoleted],
    )
    yield "terms renamed", [f"{t.id}  {t.old} -> {t.new}" for t in found.terms_renamed]
    yield "diseases added", [f"{d.id}  {d.name}" for d in found.diseases_added]
    yield "diseases gone", [f"{d.id}  {d.name}" for d in found.diseases_gone]
    yield "diseases renamed", [f"{d.id}  {d.old} -> {d.new}" for d in found.diseases_renamed]
    most = sorted(found.diseases_changed, key=lambda d: -d.size)
    yield "diseases with other annotations, most changed first", [_disease(d) for d in most]
    yield (
        "ids in our own tables that this touches",
        [
            f"{t.table}  {t.id} {t.change}{f' -> {t.now}' if t.now else ''}  {_numbers(t.lines)}"
            for t in sorted(found.touched, key=lambda t: t.change)
        ],
    )


def _disease(change: DiseaseChange) -> str:
    """`OMIM:1  Name: 2 added (a, b), 1 with another frequency (c: 1/2 -> 3/4)`."""
    changed = [f"{c.name}: {', '.join(c.old)} -> {', '.join(c.new)}" for c in change.changed]
    parts = {
        "added": [e.name for e in change.added],
        "removed": [e.name for e in change.removed],
        "with another frequency": changed,
    }
    told = [f"{len(names)} {what} ({_few(names)})" for what, names in parts.items() if names]
    return f"{change.id}  {change.name}: {'; '.join(told)}"


def _few(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _numbers(lines: tuple[int, ...], most: int = 5) -> str:
    shown = ", ".join(str(n) for n in lines[:most]) + (", …" if len(lines) > most else "")
    return f"line {shown}" if len(lines) == 1 else f"{len(lines)} lines: {shown}"
