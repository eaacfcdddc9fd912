"""`rarescale people add | key | list | role | revoke | remove`: who may come in to the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from rarescale.cli.options import Json
from rarescale.errors import UsageError
from rarescale.people import (
    Key,
    Person,
    Role,
    add_key,
    add_person,
    change_people,
    read_people,
    remove_person,
    revoke_key,
    rotate_key,
    set_roles,
)

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Who may come in to `rarescale serve`, with which roles and keys. A running service notices within a second.",
)

MOST_DAYS = 3650

File = Annotated[
    Path, typer.Option("--people", metavar="FILE", envvar="RARESCALE_PEOPLE", help="The people file, mode 0600.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits, dots and dashes; never a patient's.")]
Roles = Annotated[list[Role], typer.Option("--role", help="What they are here for; may be given several times.")]


@app.command("add")
def add_command(
    name: Name,
    people: File,
    role: Roles,
    again: Annotated[
        bool, typer.Option("--again", help="The very person who was removed under this name is back.")
    ] = False,
) -> None:
    """Add somebody. They come in once they have a key.

    Example: rarescale people add ann --role clinician --people people.jsonl
    """
    with change_people(people) as found:
        add_person(found, name, frozenset(role), again=again)
    typer.echo(f"added {name}; give them a key: rarescale people key {name}")


@app.command("role")
def role_command(name: Name, people: File, role: Roles) -> None:
    """Give somebody these roles in the place of those they had."""
    with change_people(people) as found:
        set_roles(found, name, frozenset(role))
    typer.echo(f"{name}: {', '.join(sorted(set(role)))}")


@app.command("key")
def key_command(
    name: Name,
    people: File,
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help="How long it opens.")] = 90,
    rotate: Annotated[
        str | None, typer.Option("--rotate", metavar="KEY-ID", help="Another secret for this key; the old one is over.")
    ] = None,
) -> None:
    """Make a key and show it, this once: only its hash is kept. It alone goes to the standard output."""
    now = _now()
    expires = now + timedelta(days=days)
    with change_people(people) as found:
        if rotate is None:
            key, shown = add_key(found, name, now, expires)
        elif name in found and any(k.id == rotate for k in found[name].keys):
            key, shown = rotate_key(found, rotate, now, expires)
        else:
            raise UsageError(
                f"key {rotate[:20]!r}: found none of this id; expected one of {name}'s: rarescale people list"
            )
    typer.echo(f"key {key.id} of {name}, until {key.expires:%Y-%m-%d}; it is shown only now:", err=True)
    typer.echo(shown)


@app.command("list")
def list_command(
    people: File,
    removed: Annotated[bool, typer.Option("--removed", help="Show those who were removed, and nobody else.")] = False,
    json: Json = False,
) -> None:
    """Show everybody with their roles and the ids and times of their keys; no secret is kept, so none is shown."""
    now = _now()
    for person in read_people(people).values():
        if bool(person.removed) != removed:
            continue
        if json:
            typer.echo(_line(_fields(person, now)))
            continue
        gone = f"  removed {person.removed:%Y-%m-%d}" if person.removed else ""
        typer.echo(f"{person.name}  {', '.join(sorted(person.roles))}{gone}")
        for key in person.keys:
            typer.echo(f"  {_words(key, now)}")


@app.command("revoke")
def revoke_command(
    key_id: Annotated[str, typer.Argument(metavar="KEY-ID", help="As `rarescale people list` shows it.")], people: File
) -> None:
    """Take a key away. Browsers that came in by it are signed out as well."""
    with change_people(people) as found:
        revoke_key(found, key_id, _now())
    typer.echo(f"key {key_id} opens nothing any more")


@app.command("remove")
def remove_command(name: Name, people: File) -> None:
    """Take somebody out with all their keys. Their saved cases stay: see `rarescale store delete --person`.

    The name stays theirs, so that nobody else gets their cases with it.
    """
    with change_people(people) as found:
        remove_person(found, name, _now())
    typer.echo(f"removed {name}")


def _fields(person: Person, now: datetime) -> dict[str, object]:
    without = {"sha256", "earlier"}
    keys = [{**key.model_dump(mode="json", exclude=without), "state": key.state(now)} for key in person.keys]
    removed = {"removed": person.removed.isoformat()} if person.removed else {}
    return {"name": person.name, "roles": sorted(person.roles), "keys": keys, **removed}


def _words(key: Key, now: datetime) -> str:
    rotated = f", rotated {key.rotated:%Y-%m-%d}" if key.rotated else ""
    return f"{key.id}  {key.state(now)}, until {key.expires:%Y-%m-%d}, made {key.created:%Y-%m-%d}{rotated}"


def _line(values: dict[str, object]) -> str:
    import json

    return json.dumps(values)


def _now() -> datetime:
    return datetime.now(UTC)
