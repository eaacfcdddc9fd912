"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...", help="Files (.jsonl, .json, .txt, .md, .zip, .gz), folders, or - for standard input."
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="case, chat, phenopacket or text; told from the content if left out."),
]
KnowledgeFolder = Annotated[
    Path | None,
    typer.Option(
        "--knowledge", metavar="DIR", help="Folder with hp.obo and phenotype.hpoa; default: the installed release."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output, nothing else.")]
Context = Annotated[
    bool,
    typer.Option(
        "--context/--no-context",
        help="Also read with a model that hears whole sentences, for words that no list has: slower.",
    ),
]
ContextModel = Annotated[
    Path | None,
    typer.Option(
        "--context-model", metavar="FILE", help="Another model (a model.safetensors) for that; implies --context."
    ),
]
