"""`rarescale store init | migrate | backup | restore | list | log | export | delete | hold | retention`."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rarescale.cli import exits
from rarescale.cli.options import Json
from rarescale.errors import RareScaleError, UsageError

if TYPE_CHECKING:
    from rarescale.store import Store

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The database of saved cases: SQLite or PostgreSQL. Needs: pip install 'rarescale[store]'",
)

Url = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="URL",
        envvar="RARESCALE_STORE",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME; a password belongs into the environment variable.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", envvar="RARESCALE_STORE_KEY", help="Key file of an encrypted store."),
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does it, for the log; default: you.")]
Yes = Annotated[bool, typer.Option("--yes", help="Really do it; without, it is only said what would be done.")]
Cases = Annotated[list[str], typer.Argument(metavar="CASE...", help="Ids, as `rarescale store list` shows them.")]


@app.command("init")
def init_command(
    ctx: typer.Context,
    store: Url,
    key: Key = None,
    new_key: Annotated[
        Path | None, typer.Option("--new-key", metavar="FILE", help="Make a key file, and encrypt patient text.")
    ] = None,
) -> None:
    """Make the tables in an empty database.

    Example: rarescale store init --store sqlite:///cases.sqlite --new-key cases.key
    """
    _needed()
    from rarescale.store import init_store, new_key_file

    # The settings of a service name the key that is about to be made.
    given = ctx.get_parameter_source("key")
    if new_key and key and given is not None and given.name == "COMMANDLINE":
        raise UsageError("--key and --new-key: give one of them")
    used = new_key_file(new_key) if new_key else _key(key)
    try:
        made = init_store(store, used)
    except RareScaleError:
        if new_key:
            new_key.unlink()
        raise
    typer.echo("made a new store" if made else "there is a store already; nothing was changed")


@app.command("migrate")
def migrate_command(
    store: Url, to: Annotated[str | None, typer.Option("--to", help="Schema version; default: the newest.")] = None
) -> None:
    """Bring the tables to another version with everything in them. Make a backup first."""
    _needed()
    from rarescale.store import migrate_store

    before, after = migrate_store(store, to) if to else migrate_store(store)
    typer.echo(f"schema {before} -> {after}" if before != after else f"schema {after}; nothing was changed")


@app.command("backup")
def backup_command(
    file: Annotated[Path, typer.Argument(help="A new file: .sqlite (SQLite only) or .jsonl; restored anywhere.")],
    store: Url,
    key: Key = None,
    by: By = None,
) -> None:
    """Write a backup of this moment while others go on working. Encrypted text stays encrypted in it."""
    with open_named(store, key) as opened:
        opened.backup(file, by=_who(by), at=_now())
    typer.echo(f"{file}: {file.stat().st_size} bytes")


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(help="A backup of either kind.")],
    store: Url,
    key: Key = None,
    backup_key: Annotated[
        Path | None, typer.Option("--backup-key", metavar="FILE", help="Key of the backup; default: that of the store.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain-backup", help="The backup is not encrypted, the store is.")] = False,
    by: By = None,
) -> None:
    """Put a backup into an empty store, whole or not at all. With another key, text is encrypted anew."""
    with open_named(store, key) as opened:
        used = None if plain else _key(backup_key or key)
        count = opened.restore(file, by=_who(by), at=_now(), backup_key=used)
    typer.echo(f"{count} rows restored")


@app.command("list")
def list_command(
    store: Url,
    key: Key = None,
    person: Annotated[str | None, typer.Option("--person", help="Only the cases of one person.")] = None,
    json: Json = False,
) -> None:
    """List saved cases, last saved first; nothing of the patients is shown."""
    with open_named(store, key) as opened:
        for line in opened.cases(person):
            shown = f"{line.case}  {line.saved:%Y-%m-%d %H:%M}  revision {line.revision}  {line.owner}"
            typer.echo(line.model_dump_json() if json else shown + ("  on hold" if line.hold else ""))


@app.command("log")
def log_command(
    store: Url,
    key: Key = None,
    case: Annotated[str | None, typer.Option("--case", help="Only about one case.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only what one person did.")] = None,
    json: Json = False,
) -> None:
    """Show the audit log, oldest first: who did what, when."""
    with open_named(store, key) as opened:
        for line in opened.audit_log(case=case, who=person):
            shown = f"{line.when:%Y-%m-%d %H:%M:%S}  {line.who}  {line.what}  {line.outcome}  {line.case or ''}"
            typer.echo(line.model_dump_json() if json else shown.rstrip())


@app.command("export")
def export_command(
    person: Annotated[str, typer.Argument(help="Whose cases, as `rarescale store list` names them.")],
    store: Url,
    key: Key = None,
    by: By = None,
) -> None:
    """Print everything one person has as one JSON object, in the clear.

    Example: rarescale store export ann --store sqlite:///cases.sqlite > ann.json
    """
    with open_named(store, key) as opened:
        json.dump(opened.export_all(person, by=_who(by), at=_now()), sys.stdout, ensure_ascii=False, indent=1)
    typer.echo()


@app.command("delete")
def delete_command(
    store: Url,
    cases: Annotated[list[str] | None, typer.Argument(metavar="CASE...", help="Ids of cases.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="All cases of one person.")] = None,
    yes: Yes = False,
    key: Key = None,
    by: By = None,
) -> None:
    """Really delete cases with all their history. Backups made before still hold them."""
    if bool(cases) == bool(person):
        raise UsageError("what to delete: give ids of cases, or --person NAME")
    with open_named(store, key) as opened:
        ids = cases or [line.case for line in opened.cases(person)]
        if not yes:
            _would(len(ids))
        deleted = opened.delete(*ids, by=_who(by), at=_now())
    _done(len(deleted.cases), deleted.purged)


@app.command("hold")
def hold_command(
    cases: Cases,
    store: Url,
    release: Annotated[bool, typer.Option("--release", help="Let retention delete them again.")] = False,
    key: Key = None,
    by: By = None,
) -> None:
    """Keep retention from deleting cases, however old they get."""
    with open_named(store, key) as opened:
        for case in cases:
            opened.hold(case, not release, by=_who(by), at=_now())


@app.command("retention")
def retention_command(
    days: Annotated[int, typer.Option("--days", min=1, help="Delete cases not saved for so many days.")],
    store: Url,
    yes: Yes = False,
    even_all: Annotated[bool, typer.Option("--even-all", help="Even when no case would be left.")] = False,
    key: Key = None,
    by: By = None,
) -> None:
    """Really delete the cases that have not been saved for a number of days, except those on hold.

    Example: rarescale store retention --days 365 --yes
    """
    with open_named(store, key) as opened:
        found = opened.retention(days, by=_who(by), at=_now(), even_all=even_all, dry=not yes)
    if not yes:
        _would(len(found.cases))
    _done(len(found.cases), found.purged)


def _needed() -> None:
    try:
        import alembic  # noqa: F401
        import sqlalchemy  # noqa: F401
    except ImportError as error:
        raise UsageError(f"the store needs {error.name}; install it with: pip install 'rarescale[store]'") from error


def open_named(url: str, key: Path | None) -> Store:
    """The store at a URL, with the key of a file. Raises UsageError where the extra is not installed."""
    _needed()
    from rarescale.store import open_store

    return open_store(url, _key(key))


def _key(path: Path | None) -> bytes | None:
    from rarescale.store import read_key_file

    return read_key_file(path) if path else None


def _would(count: int) -> None:
    typer.echo(f"{count} cases would be deleted; nothing was done. Really do it with --yes")
    raise typer.Exit(exits.OK)


def _done(count: int, purged: bool) -> None:
    typer.echo(f"{count} cases deleted")
    if not purged:
        typer.echo("rarescale: others still read; the old text leaves the files when they are done", err=True)


def _who(by: str | None) -> str:
    return by or getpass.getuser()


def _now() -> datetime:
    return datetime.now(UTC)
