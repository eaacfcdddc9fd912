"""`rarescale doctor`: what is here, what is missing, and how to get it."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version

import typer

from rarescale._version import __version__
from rarescale.cli import exits
from rarescale.cli.options import KnowledgeFolder
from rarescale.cli.progress import CompileProgress
from rarescale.errors import KnowledgeError
from rarescale.knowledge import cache_folder, open_knowledge

_NEEDED = re.compile(r"""([\w.-]+)[^;]*(?:; extra == ['"]([\w-]+)['"])?""")
"""A package that every installation needs, or one that an extra does; those of some machines only are passed over."""


def needs() -> dict[str, list[str]]:
    """The packages of the main job, under "", and of each extra, as this installation was declared."""
    found: dict[str, list[str]] = {}
    try:
        declared = requires("rarescale") or []
    except PackageNotFoundError:
        declared = ["rarescale"]  # it runs from a folder, and is missing as a package
    for line in declared:
        if match := _NEEDED.fullmatch(line):
            found.setdefault(match[2] or "", []).append(match[1])
    return found


def doctor_command(knowledge: KnowledgeFolder = None) -> None:
    """Versions, knowledge release, extras; exit code 0 when the main job can run."""
    typer.echo(f"rarescale         {__version__}")
    typer.echo(f"python            {platform.python_version()} on {platform.system()} {platform.machine()}")
    needed = needs()
    sound = all([_package(name) for name in needed.pop("", [])])
    for extra, names in needed.items():
        missing = [n for n in names if _version(n) is None]
        state = (
            "complete"
            if not missing
            else f"missing {', '.join(missing)}; get it with: pip install 'rarescale[{extra}]'"
        )
        typer.echo(f"{f'[{extra}]':17} {state}")
    typer.echo(f"cache             {cache_folder()}")
    try:
        base = open_knowledge(knowledge, progress=CompileProgress())
        typer.echo(
            f"knowledge         {base.release.release}, {len(base.diseases)} diseases, "
            f"{len(base.ontology)} terms, hash {base.release.hash[:16]}"
        )
    except KnowledgeError as error:
        typer.echo(f"knowledge         missing: {error}")
        sound = False
    typer.echo("ready" if sound else "not ready: see the lines that say missing")
    raise typer.Exit(exits.OK if sound else exits.NOTHING)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _package(name: str) -> bool:
    found = _version(name)
    typer.echo(f"{name:17} {found or f'missing; get it with: pip install {name}'}")
    return found is not None
