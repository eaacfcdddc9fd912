"""How `rarescale weigh` and `rarescale evaluate judge` ask a language model: live, from a recording, or in rounds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from rarescale.cli import exits
from rarescale.errors import UsageError

if TYPE_CHECKING:
    from rarescale.llm import Model, Outcome, Price, Tasks

T = TypeVar("T")

BaseUrl = Annotated[
    str | None, typer.Option("--base-url", help="A chat completions service, such as http://localhost:11434/v1.")
]
Service = Annotated[
    str, typer.Option("--service", help="Another kind of model: scripted:FILE, or a provider that is registered.")
]
Replay = Annotated[Path | None, typer.Option("--replay", metavar="FILE", help="Answer from a recording.")]
Record = Annotated[Path | None, typer.Option("--record", metavar="FILE", help="Keep every reply here, for --replay.")]
Cache = Annotated[
    Path | None, typer.Option("--llm-cache", metavar="DIR", help="Keep replies here, so that a stopped run goes on.")
]
Batch = Annotated[
    Path | None,
    typer.Option(
        "--llm-batch",
        metavar="DIR",
        help="Ask through files: requests.rN.jsonl out, replies.rN.jsonl in; run again until DIR/done.",
    ),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Questions asked at the same time.")]
PriceOf = Annotated[str | None, typer.Option("--price", metavar="IN,OUT", help="Price of a million tokens.")]
Limit = Annotated[float | None, typer.Option("--limit", min=0, help="The most that may be spent; needs --price.")]


@dataclass(frozen=True)
class Door:
    """The options as they were given; `model` is the name that the service knows."""

    model: str
    base_url: str | None
    service: str
    replay: Path | None
    record: Path | None
    cache: Path | None
    batch: Path | None
    workers: int
    price: str | None
    limit: float | None

    def through(self, tasks: Tasks[T]) -> Mapping[str, Outcome[T]]:
        """All outcomes; where rounds wait for replies, it is said and the command ends."""
        from rarescale.llm import run_live, run_rounds

        if self.limit is not None and self.price is None:
            raise UsageError("--limit needs --price IN,OUT, the price of a million tokens; add it")
        if self.batch is None:
            return run_live(tasks, self._live(), workers=self.workers)
        if self.base_url or self.replay or self.record or self.cache:
            raise UsageError(
                "--llm-batch asks through files; expected no --base-url, --replay, --record or --llm-cache"
            )
        standing = run_rounds(tasks, self.batch, prices=self._prices(), limit=self.limit)
        for remark in standing.remarks:
            typer.echo(f"rarescale: {remark}", err=True)
        typer.echo(f"rarescale: {standing.message}", err=True)
        if not standing.done:
            raise typer.Exit(exits.OK)
        return standing.outcomes

    def _live(self) -> Model:
        from rarescale.llm import Backoff, Recording, guarded, open_model

        rng = random.Random(0)
        if self.replay is not None:
            return guarded(open_model(f"replay:{self.replay}"), rng, backoff=Backoff(first_s=0.0))
        model = open_model(f"openai:{self.base_url}" if self.base_url else self.service)
        if self.record is not None:
            model = Recording(model, self.record)
        return guarded(model, rng, prices=self._prices(), limit=self.limit, cache=self.cache)

    def _prices(self) -> dict[str, Price] | None:
        from rarescale.llm import Price

        if self.price is None:
            return None
        try:
            prompt, completion = (float(part) for part in self.price.split(","))
        except ValueError as error:
            raise UsageError(f"--price {self.price!r}; expected two numbers such as 2.5,10") from error
        return {self.model: Price(prompt, completion)}
