"""Many assignments through one door, or through rounds of batch files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path

from rarescale.errors import RareScaleError, UsageError
from rarescale.llm import Model, Outcome, Prices, Rounds, Task, persistent, run_live, run_rounds
from rarescale.simulation.writers.contract import Assignment
from rarescale.simulation.writers.llm_lanes import Result, Unwritten, lane, lanes_of
from rarescale.simulation.writers.llm_settings import LlmSettings, LlmWriter
from rarescale.simulation.writers.llm_tally import Tally
from rarescale.simulation.writers.llm_turns import turn_by_turn
from rarescale.simulation.writers.llm_whole import whole_chat

LLM_WRITERS: Mapping[str, LlmWriter] = {"llm-whole": whole_chat, "llm-turns": turn_by_turn}
"""The writers that ask a model, by the name in the `writer` key of a chat line."""

VERSION = "1"
"""Changes whenever equal assignments and equal replies may give another chat."""

HOPELESS = frozenset({"auth", "budget", "network-forbidden", "not-installed", "not-recorded", "script-ended"})
"""Kinds of ModelError that every further chat would meet too: a live run stops instead of dropping all chats."""

Lanes = Mapping[str, Callable[[], Task[tuple[Result, ...]]]]


def llm_writer(name: str) -> LlmWriter:
    """Raises UsageError for an unknown name."""
    if name not in LLM_WRITERS:
        raise UsageError(f"writer {name!r} is not known; expected one of {', '.join(LLM_WRITERS)}. Choose one.")
    return LLM_WRITERS[name]


def write_live(
    writer: str,
    assignments: Iterable[Assignment],
    model: Model,
    settings: LlmSettings,
    tally: Tally,
    *,
    workers: int = 8,
    block: int = 64,
) -> Iterator[Result]:
    """A result for each assignment, in order, `block` lanes at a time with `workers` threads.

    Memory is bounded by the block. With a cache behind `model`, a stopped run goes on where it was without asking
    anything twice. Raises ModelError of a `HOPELESS` kind, after the results before it, and UsageError.
    """
    write = llm_writer(writer)
    lanes = enumerate(lanes_of(assignments, settings.memory))
    while part := dict(islice(lanes, block)):
        outcomes = run_live(_tasks(write, part, settings), model, workers=workers)
        for result in _results(outcomes.values(), tally):
            if isinstance(result, Unwritten) and result.failure.kind in HOPELESS:
                raise result.failure
            tally.add(result)
            yield result


def write_rounds(
    writer: str,
    assignments: Iterable[Assignment],
    folder: Path,
    settings: LlmSettings,
    tally: Tally,
    *,
    prices: Prices | None = None,
    limit: float | None = None,
    token_field: str = "max_tokens",
) -> tuple[Rounds[tuple[Result, ...]], tuple[Result, ...]]:
    """Go on with batch rounds in `folder` as far as its replies allow; where it stands, and all results once done.

    All assignments are held in memory. Raises what `run_rounds` raises, and UsageError for an unknown writer.
    """
    lanes = dict(enumerate(lanes_of(assignments, settings.memory)))
    tasks = _tasks(llm_writer(writer), lanes, settings)
    standing = run_rounds(tasks, folder, prices=prices, limit=limit, token_field=token_field)
    if not standing.done:
        return standing, ()
    results = tuple(_results(standing.outcomes.values(), tally))
    for result in results:
        tally.add(result)
    return standing, results


def _tasks(write: LlmWriter, lanes: Mapping[int, tuple[Assignment, ...]], settings: LlmSettings) -> Lanes:
    def begin(assignments: tuple[Assignment, ...]) -> Task[tuple[Result, ...]]:
        return persistent(lane(write, assignments, settings))

    return {f"lane-{number}": partial(begin, assignments) for number, assignments in lanes.items()}


def _results(outcomes: Iterable[Outcome[tuple[Result, ...]]], tally: Tally) -> Iterator[Result]:
    for outcome in outcomes:
        tally.use(outcome.exchanges)
        if outcome.failure is not None or outcome.value is None:
            raise outcome.failure or RareScaleError(f"{outcome.id} ended without results")
        yield from outcome.value
