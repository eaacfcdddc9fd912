"""`rarescale serve`: the workbench and the API on this machine."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli.options import KnowledgeFolder
from rarescale.cli.progress import CompileProgress


def serve_command(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; others than this machine's are refused.")
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any free one.")] = 8765,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let other machines connect. There are no accounts: see the warning.")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Another host name it answers to, such as that of a proxy.")
    ] = None,
    runs: Annotated[
        Path | None, typer.Option("--runs", metavar="DIR", help="Folder of evaluation runs to show.")
    ] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Open the workbench in a browser, and the API, offline and on this machine only.

    Example: rarescale serve --port 8765
    """
    from rarescale.diagnose import open_diagnoser
    from rarescale.service import ServiceSettings, bind, create_app, serve

    settings = ServiceSettings(host=host, port=port, allow_remote=allow_remote, names=tuple(name or ()), runs=runs)
    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    if not settings.loopback:
        typer.echo(
            f"rarescale: WARNING: everybody who can reach {host} can use this service: there are no accounts, and "
            "nothing is encrypted. Do not enter real patients over a network you do not trust.",
            err=True,
        )
    with bind(settings) as listener:
        app = create_app(open_diagnoser(knowledge, progress=CompileProgress()), settings)
        shown = f"[{host}]" if ":" in host else host
        typer.echo(f"http://{shown}:{listener.getsockname()[1]}/workbench   (Ctrl-C ends it)", err=True)
        serve(app, listener)
