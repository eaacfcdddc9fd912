"""`rarescale train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rarescale.cli.options import KnowledgeFolder
from rarescale.cli.progress import CompileProgress, Counting
from rarescale.errors import UsageError


def train_command(
    corpus: Annotated[
        list[Path], typer.Option("--corpus", help="Folder written by `simulate chats`; may be repeated.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run: model, card, figures, manifest.")],
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that read the chats.")] = 1,
    halves: Annotated[
        list[Path] | None,
        typer.Option("--half", help="Reading models of one half of the lexicon each (runs/reading_model.py --half)."),
    ] = None,
    read_every: Annotated[
        int,
        typer.Option(
            "--read-every", min=1, help="Read one chat in so many; pass the labels of the rest through a channel."
        ),
    ] = 1,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of a training setting, such as epochs=4.")
    ] = None,
    least: Annotated[int, typer.Option("--least-cases", min=1, help="Fewest training chats of a disease.")] = 2,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Train the candidate model on simulated chats.

    Checks the corpus for leakage first. A run that was stopped goes on where it was. Needs torch.
    Example: rarescale train --corpus corpus --out model --workers 2
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise UsageError("training needs torch; install it with: pip install 'rarescale[train]'") from error
    from rarescale.candidates import FitSettings, train
    from rarescale.knowledge import open_knowledge

    facts = train(
        open_knowledge(knowledge, progress=CompileProgress()),
        corpus,
        out,
        FitSettings(**_values(settings or [], FitSettings())),
        halves=halves or (),
        read_every=read_every,
        workers=workers,
        threads=workers,
        least_cases=least,
        progress=Counting("blocks"),
        say=lambda line: typer.echo(line, err=True),
    )
    for name, shares in facts["test"].items():
        typer.echo(f"{name}: " + "  ".join(f"{k} {v}" for k, v in shares.items()))


def _values(texts: list[str], known: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in vars(known):
            raise UsageError(f"--set {text}: unknown setting {name!r}; expected one of {', '.join(vars(known))}")
        try:
            found[name] = type(getattr(known, name))(value)
        except ValueError as error:
            raise UsageError(f"--set {text}: expected a number such as {getattr(known, name)}") from error
    return found
