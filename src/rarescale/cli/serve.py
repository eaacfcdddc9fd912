"""`rarescale serve`: the workbench and the API on this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rarescale.cli.options import KnowledgeFolder
from rarescale.cli.progress import CompileProgress

if TYPE_CHECKING:
    from rarescale.store import Store


def serve_command(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; others than this machine's are refused.")
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes any free one.")] = 8765,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let other machines connect: needs people and TLS.")
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name", envvar="RARESCALE_NAME", help="Another host name it answers to, such as that of a proxy."
        ),
    ] = None,
    runs: Annotated[
        Path | None, typer.Option("--runs", metavar="DIR", help="Folder of evaluation runs to show.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", envvar="RARESCALE_STORE", help="Where cases are saved: docs/store.md."),
    ] = None,
    store_key: Annotated[
        Path | None,
        typer.Option("--store-key", metavar="FILE", envvar="RARESCALE_STORE_KEY", help="Its key, if it is encrypted."),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            "--people", metavar="FILE", envvar="RARESCALE_PEOPLE", help="Who may come in; everybody signs in."
        ),
    ] = None,
    oidc: Annotated[
        Path | None,
        typer.Option("--oidc", metavar="FILE", envvar="RARESCALE_OIDC", help="The login of the house: docs/people.md."),
    ] = None,
    behind_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--behind-proxy",
            metavar="ADDRESS",
            envvar="RARESCALE_BEHIND_PROXY",
            help="Address or network of the proxy that does TLS.",
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option("--tls-cert", metavar="FILE", envvar="RARESCALE_TLS_CERT", help="Certificate chain, PEM."),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", envvar="RARESCALE_TLS_KEY", help="Its key, mode 0600.")
    ] = None,
    plain_http: Annotated[
        bool,
        typer.Option(
            "--plain-http",
            envvar="RARESCALE_PLAIN_HTTP",
            help="Without TLS, although others on the way can read keys and patients.",
        ),
    ] = False,
    idle_minutes: Annotated[
        float, typer.Option("--idle-minutes", help="A browser that does nothing for so long is signed out.")
    ] = 15.0,
    session_hours: Annotated[
        float, typer.Option("--session-hours", help="After so long everybody signs in anew.")
    ] = 12.0,
    grace: Annotated[
        float, typer.Option("--grace", min=0, help="Seconds that running requests have when it is told to end.")
    ] = 20.0,
    log: Annotated[
        str, typer.Option("--log", envvar="RARESCALE_LOG", help="text or json: how lines of the log look.")
    ] = "text",
    knowledge: KnowledgeFolder = None,
) -> None:
    """Open the workbench in a browser, and the API, offline; for this machine only, unless people sign in.

    Example: rarescale serve --port 8765
    """
    from rarescale.diagnose import open_diagnoser
    from rarescale.service import ServiceSettings, bind, create_app, serve, set_up_logs

    settings = ServiceSettings(
        host=host,
        port=port,
        allow_remote=allow_remote,
        names=tuple(name or ()),
        runs=runs,
        store_key=store_key,
        people=people,
        oidc=oidc,
        behind_proxy=tuple(behind_proxy or ()),
        tls_cert=tls_cert,
        tls_key=tls_key,
        plain_http=plain_http,
        session_idle=idle_minutes * 60,
        session_seconds=session_hours * 3600,
    )
    if settings.plain_http:
        typer.echo(
            "rarescale: WARNING: nothing is encrypted. Keys and what is entered can be read on the way here.",
            err=True,
        )
    with bind(settings) as listener, _opened(store, store_key) as cases:
        app = create_app(open_diagnoser(knowledge, progress=CompileProgress()), settings, store=cases)
        set_up_logs(log)  # after all libraries are loaded, or those that come later bring loggers of their own
        if not serve(app, listener, settings, grace=grace):
            raise typer.Exit(1)


def _opened(store: str | None, key: Path | None) -> AbstractContextManager[Store | None]:
    """The store while the service runs, closed at its end; None where none is named."""
    if store is None:
        return nullcontext()
    from rarescale.cli.store import open_named

    return open_named(store, key)
