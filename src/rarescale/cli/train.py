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
    kind: Annotated[
        str,
        typer.Option("--kind", help="compact: numpy model, minutes on a CPU; causal-lm: a language model, fine-tuned."),
    ] = "compact",
    base_model: Annotated[
        str | None, typer.Option("--base-model", help="causal-lm: folder or hub name of the model to start from.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset", help="causal-lm: paper (full, 8B; the default), lora, scratch (33M, random), tiny (to try out)."
        ),
    ] = None,
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
    """Train a candidate model on simulated chats.

    Checks the corpus for leakage first. A run that was stopped goes on where it was. Needs torch, and for causal-lm
    transformers. Example: rarescale train --corpus corpus --out model --workers 2
    Example: rarescale train --kind causal-lm --preset lora --corpus corpus --out model
    """
    if kind not in ("compact", "causal-lm"):
        raise UsageError(f"--kind {kind}: expected compact or causal-lm")
    if kind == "causal-lm":
        if halves or read_every > 1:
            raise UsageError("--half and --read-every are about findings, which --kind causal-lm does not read")
        changed = {"base_model": base_model} if base_model else {}
        _train_causal_lm(corpus, out, preset or "paper", changed, settings or [], least, knowledge)
        return
    if base_model or preset:
        raise UsageError("--base-model and --preset belong to --kind causal-lm")
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


def _train_causal_lm(
    corpus: list[Path],
    out: Path,
    preset: str,
    changed: dict[str, Any],
    settings: list[str],
    least: int,
    knowledge: Path | None,
) -> None:
    from rarescale.candidates import lm_preset, needs_lm_libraries, train_causal_lm
    from rarescale.knowledge import open_knowledge

    values = _values(settings, lm_preset(preset))
    if twice := changed.keys() & values.keys():
        raise UsageError(f"--set {', '.join(twice)}: given twice; leave it or --base-model out")
    chosen = lm_preset(preset, **changed, **values)
    needs_lm_libraries()
    facts = train_causal_lm(
        open_knowledge(knowledge, progress=CompileProgress()),
        corpus,
        out,
        chosen,
        least_cases=least,
        progress=Counting("chats judged"),
        say=lambda line: typer.echo(line, err=True),
    )
    for name, shares in facts["judged"].items():
        typer.echo(f"{name}: " + "  ".join(f"{k} {v}" for k, v in shares.items()))


def _values(texts: list[str], known: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in vars(known):
            raise UsageError(f"--set {text}: unknown setting {name!r}; expected one of {', '.join(vars(known))}")
        try:
            found[name] = _value(value, getattr(known, name))
        except (ValueError, KeyError) as error:
            raise UsageError(f"--set {text}: expected a value such as {getattr(known, name)}") from error
    return found


def _value(text: str, like: Any) -> Any:
    """`text` as the type of `like`; Python takes any text for true, so truth has its own table."""
    return {"true": True, "false": False}[text.lower()] if isinstance(like, bool) else type(like)(text)
