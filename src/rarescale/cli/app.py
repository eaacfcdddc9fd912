"""`rarescale`: the commands and what they share. Heavy imports happen inside the commands that need them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rarescale._version import __version__
from rarescale.cli import benchmarks, evaluate, exits, knowledge, people, simulate, store
from rarescale.cli.diagnose import diagnose_command, read_command
from rarescale.cli.doctor import doctor_command
from rarescale.cli.next import next_command
from rarescale.cli.serve import serve_command
from rarescale.cli.tables import judge_command, tables_command
from rarescale.cli.train import train_command
from rarescale.cli.weigh import weigh_command
from rarescale.errors import RareScaleError

app = typer.Typer(
    name="rarescale",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Finds the rare disease behind an ordinary conversation: a chat, note, HPO terms or phenopacket in; "
    "a ranked, explained differential out. Offline. "
    "For research and education by health professionals; not a medical device.",
    epilog="Example: rarescale diagnose examples/chat.jsonl",
)
app.command("diagnose")(diagnose_command)
app.command("read")(read_command)
app.command("next")(next_command)
app.command("weigh")(weigh_command)
app.add_typer(knowledge.app, name="knowledge")
evaluate.app.command("tables")(tables_command)
evaluate.app.command("judge")(judge_command)
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(benchmarks.app, name="benchmarks")
app.add_typer(simulate.app, name="simulate")
app.add_typer(store.app, name="store")
app.add_typer(people.app, name="people")
app.command("train")(train_command)
app.command("serve")(serve_command)
app.command("doctor")(doctor_command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"rarescale {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line; an error the user can fix is one sentence, a bug keeps its traceback."""
    try:
        app(standalone_mode=True)
    except RareScaleError as error:
        typer.echo(f"rarescale: {error}", err=True)
        sys.exit(exits.NOTHING)
