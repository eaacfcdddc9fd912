"""The part of `rarescale simulate chats` that asks a language model: options, the door, and what is told at the end."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rarescale.errors import UsageError

if TYPE_CHECKING:
    from rarescale.knowledge import Knowledge
    from rarescale.llm import Model, Price
    from rarescale.simulation import Batch, Live

ModelName = Annotated[str | None, typer.Option("--model", help="llm-*: the model that writes.")]
Checker = Annotated[
    str | None,
    typer.Option("--checker", help="llm-*: the model that checks; default: the one that writes."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="llm-*: a chat completions service, such as http://localhost:11434/v1; default: OpenAI. The key stands "
        "in OPENAI_API_KEY.",
    ),
]
LlmBatch = Annotated[
    Path | None,
    typer.Option(
        "--llm-batch",
        metavar="DIR",
        help="llm-*: ask through files; requests.rN.jsonl out, replies.rN.jsonl in; run again until DIR/done.",
    ),
]
Record = Annotated[Path | None, typer.Option("--record", metavar="FILE", help="llm-*: keep every reply.")]
ReplayFile = Annotated[Path | None, typer.Option("--replay", metavar="FILE", help="llm-*: answer from a record.")]
LlmWorkers = Annotated[int, typer.Option("--llm-workers", min=1, help="llm-*: questions asked at once.")]
Memory = Annotated[
    int,
    typer.Option(
        "--memory",
        min=1,
        help="llm-*: chats of one disease written one after the other, each told how those before put their "
        "findings; 1 = no memory. Batch rounds grow with it.",
    ),
]
Temperature = Annotated[
    float,
    typer.Option("--temperature", help="llm-*: of writing; below 0 leaves it to the service."),
]
MaxTokens = Annotated[int, typer.Option("--max-tokens", min=1, help="llm-*: the most that one reply may be.")]
TokenField = Annotated[
    str,
    typer.Option("--token-field", help="llm-*: where the service wants that limit; newer ones: max_completion_tokens."),
]
PriceOf = Annotated[
    str | None,
    typer.Option("--price", metavar="IN,OUT", help="llm-*: price of a million tokens, for all models asked."),
]
Limit = Annotated[
    float | None,
    typer.Option("--limit", min=0, help="llm-*: the most that the run may cost; needs --price."),
]


@dataclass(frozen=True)
class LlmOptions:
    """The options as they were given."""

    model: str | None
    checker: str | None
    base_url: str | None
    batch: Path | None
    record: Path | None
    replay: Path | None
    workers: int
    memory: int
    temperature: float
    max_tokens: int
    token_field: str
    price: str | None
    limit: float | None

    @property
    def named(self) -> list[str]:
        """Options given that only the language model writers take."""
        given = {
            "--model": self.model,
            "--checker": self.checker,
            "--base-url": self.base_url,
            "--llm-batch": self.batch,
            "--record": self.record,
            "--replay": self.replay,
            "--price": self.price,
            "--limit": self.limit,
        }
        return [name for name, value in given.items() if value is not None]


class _Chats:
    """A line on standard error every few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= 5.0:
            sys.stderr.write(f"{done} of {of} chats\n")
            self._last = now


def is_llm(writer: str, options: LlmOptions, *, reserved: bool) -> bool:
    """Whether a language model writes. Raises UsageError for options that this writer does not take."""
    from rarescale.simulation import LLM_WRITERS

    if writer in LLM_WRITERS:
        if reserved:
            raise UsageError("--reserved: the writers by a language model use no lay lexicon; leave it away")
        return True
    if options.named:
        raise UsageError(
            f"{', '.join(options.named)}: the writer {writer!r} asks no model; expected --writer "
            + " or ".join(LLM_WRITERS)
        )
    return False


def write_llm_chats(
    knowledge: Knowledge,
    cases: int,
    seed: int,
    out: Path,
    writer: str,
    options: LlmOptions,
    *,
    diseases: list[str] | None,
    workers: int,
    progress: Any,
) -> None:
    """Write the corpus, or the requests of the next round, and say which."""
    from rarescale.llm import Rounds
    from rarescale.simulation import LlmSettings, simulate_llm_chats

    if options.model is None:
        raise UsageError(
            f"--writer {writer} needs the name of a model; expected --model NAME, such as gpt-4o or llama3.1"
        )
    temperature = None if options.temperature < 0 else options.temperature
    llm = LlmSettings(options.model, options.checker, temperature, options.max_tokens, memory=options.memory)
    told = simulate_llm_chats(
        knowledge,
        cases,
        seed,
        out,
        writer,
        llm,
        _through(options, out, seed),
        diseases=diseases,
        workers=workers,
        progress=progress,
        on_chat=_Chats(),
    )
    if isinstance(told, Rounds):
        sys.stderr.writelines(f"{remark}\n" for remark in told.remarks)
        typer.echo(told.message)
        return
    if told["warning"]:
        sys.stderr.write(f"{told['warning']}\n")
    typer.echo(_summary(told, out))


def _summary(facts: dict[str, Any], out: Path) -> str:
    asked = facts["llm"]
    cost = "" if asked["cost"] is None else f", cost {asked['cost']:.4g}"
    return (
        f"{facts['chats']} chats of {facts['diseases']} diseases in {out}; {asked['edited']} were edited,"
        f" {sum(asked['dropped'].values())} dropped; {sum(asked['requests'].values())} requests,"
        f" {asked['prompt_tokens']:,} + {asked['completion_tokens']:,} tokens{cost}"
    )


def _through(options: LlmOptions, out: Path, seed: int) -> Live | Batch:
    from rarescale.simulation import Batch, Live

    prices = _prices(options)
    if options.batch is not None:
        if live := [n for n in options.named if n in ("--base-url", "--record", "--replay")]:
            raise UsageError(f"{', '.join(live)}: expected none of these with --llm-batch, which asks through files")
        return Batch(options.batch, prices, options.limit, options.token_field)
    return Live(_model(options, out, seed, prices), options.workers)


def _model(options: LlmOptions, out: Path, seed: int, prices: dict[str, Price] | None) -> Model:
    from rarescale.llm import Backoff, Recording, guarded, open_model

    if options.replay is not None:
        # A recorded failure that passed was followed by an answer, which is found by asking again at once.
        replayed = open_model(f"replay:{options.replay}")
        return guarded(replayed, random.Random(seed), prices=prices, backoff=Backoff(first_s=0.0))
    model = open_model(f"openai:{options.base_url or ''}", token_field=options.token_field)
    if options.record is not None:
        if options.record.resolve().is_relative_to(out.resolve()):
            raise UsageError(f"--record {options.record} is inside {out}, whose .jsonl files are the corpus; move it")
        model = Recording(model, options.record)
    return guarded(model, random.Random(seed), prices=prices, limit=options.limit, cache=out / "replies")


def _prices(options: LlmOptions) -> dict[str, Price] | None:
    from rarescale.llm import Price

    if options.price is None:
        return None
    try:
        prompt, completion = (float(part) for part in options.price.split(","))
    except ValueError as error:
        raise UsageError(f"--price {options.price!r}; expected two numbers such as 2.5,10") from error
    return {name: Price(prompt, completion) for name in (options.model, options.checker) if name}
