"""Batch rounds: the same tasks through files, answered by a batch service or anything else, at any time.

Round N writes ``requests.rN.jsonl`` and takes ``replies.rN.jsonl``; when no task asks anything more, ``done`` is
written. There is no other state: each start walks the tasks anew through the replies that are there, so a kill at
any moment loses nothing and nothing is asked twice. The same question (same key) is asked once in all rounds, as
with a cache.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from rarescale.llm.batchlines import custom_id, ids_of_requests, read_replies, request_line
from rarescale.llm.failures import ModelError
from rarescale.llm.files import json_line, write_whole
from rarescale.llm.messages import Reply, Request, Usage
from rarescale.llm.prices import Prices, cost, worst_cost
from rarescale.llm.tasks import Outcome, Tasks, Walk

T = TypeVar("T")


@dataclass(frozen=True)
class Rounds(Generic[T]):
    """Where a batch run stands: in `round` (from 1), with `answered` of `asked` requests of that round.

    `outcomes` holds the tasks that have ended, in the order given; all of them once `done`. `usage` counts each
    reply once. `remarks` name lines of replies files that were passed over.
    """

    folder: Path
    done: bool
    round: int
    asked: int
    answered: int
    outcomes: Mapping[str, Outcome[T]]
    usage: Usage
    remarks: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """One sentence for people: what is there, what is awaited, what to do."""
        if self.done:
            failed = sum(o.failure is not None for o in self.outcomes.values())
            return f"{self.folder}: done after {self.round} rounds; {len(self.outcomes)} tasks, {failed} failed."
        return (
            f"{self.folder}: waiting for replies.r{self.round}.jsonl: {self.answered} of {self.asked}. Have "
            f"requests.r{self.round}.jsonl answered (OpenAI Batch API lines), put the output and error lines into "
            f"replies.r{self.round}.jsonl, and run the same command again."
        )


@dataclass
class _State(Generic[T]):
    folder: Path
    prices: Prices
    walks: list[Walk[T]]
    known: dict[str, Reply] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    remarks: list[str] = field(default_factory=list)


def run_rounds(
    tasks: Tasks[T],
    folder: Path,
    *,
    prices: Prices | None = None,
    limit: float | None = None,
    token_field: str = "max_tokens",
) -> Rounds[T]:
    """Go as far as the replies in `folder` allow, and write the requests of the next round.

    `prices` turns tokens into cost, at the batch share; with a `limit`, no requests are written that could exceed
    it. Some services want the limit of a reply in another `token_field`. Call again when replies have come.
    Raises ModelError: rounds when the folder belongs to other tasks, budget when the next round could cost too much.
    """
    if folder.exists() and not folder.is_dir():
        raise ModelError(f"{folder}: expected a folder for batch files, found a file. Give a folder.", kind="rounds")
    state = _State(folder, prices or {}, [Walk(id, begin) for id, begin in tasks.items()])
    number = 0
    while pending := _pending(state, number + 1):
        number += 1
        if not _already_asked(folder / f"requests.r{number}.jsonl", pending):
            _check_limit(state, pending, limit)
            lines = [request_line(id, request, token_field) for id, request in pending.items()]
            write_whole(folder / f"requests.r{number}.jsonl", "".join(lines).encode())
        replies = read_replies(folder / f"replies.r{number}.jsonl", pending)
        state.remarks += replies.remarks
        if len(replies.answers) < len(pending):
            return _standing(state, number, len(pending), len(replies.answers), done=False)
        _advance(
            state, {pending[id].key: _priced(answer, pending[id], state) for id, answer in replies.answers.items()}
        )
    result = _standing(state, number, 0, 0, done=True)
    _write_done(result)
    return result


def follow_rounds(
    start: Callable[[], Rounds[T]],
    *,
    every_s: float = 5.0,
    within_s: float = float("inf"),
    on_wait: Callable[[Rounds[T]], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Rounds[T]:
    """Start again whenever new replies are there, until done or `within_s` seconds have passed.

    `start` calls `run_rounds`; replies are looked for every `every_s` seconds. `on_wait` is told where the run
    stands whenever that has changed.
    """
    end = clock() + within_s
    told: tuple[int, int] | None = None
    while True:
        standing = start()
        if standing.done:
            return standing
        if on_wait is not None and told != (standing.round, standing.answered):
            on_wait(standing)
            told = standing.round, standing.answered
        seen = _seen(standing)
        while _seen(standing) == seen:
            if clock() + every_s > end:
                return standing
            sleep(every_s)


def _seen(standing: Rounds[T]) -> list[tuple[int, int]]:
    found = standing.folder.glob(f"replies.r{standing.round}.jsonl*")
    return [(s.st_size, s.st_mtime_ns) for s in (p.stat() for p in sorted(found))]


def _pending(state: _State[T], number: int) -> dict[str, Request]:
    """Requests without an answer, by custom id; the same question of several tasks stands here once."""
    first: dict[str, tuple[str, Request]] = {}
    for walk in state.walks:
        if walk.request is not None:
            first.setdefault(walk.request.key, (walk.id, walk.request))
    return {custom_id(id, number, request): request for id, request in first.values()}


def _advance(state: _State[T], answers: Mapping[str, Reply | ModelError]) -> None:
    state.known |= {key: a for key, a in answers.items() if isinstance(a, Reply)}
    for walk in state.walks:
        if walk.request is not None:
            # A failure answers the question once; asked again, it goes into the next round.
            walk.take(answers[walk.request.key])
        while walk.request is not None and walk.request.key in state.known:
            walk.take(replace(state.known[walk.request.key], cached=True))


def _priced(answer: Reply | ModelError, request: Request, state: _State[T]) -> Reply | ModelError:
    if isinstance(answer, ModelError):
        return answer
    usage = replace(answer.usage, cost=cost(state.prices, request.model, answer.usage, batch=True))
    state.usage = state.usage + usage
    return replace(answer, usage=usage)


def _check_limit(state: _State[T], pending: Mapping[str, Request], limit: float | None) -> None:
    if limit is None:
        return
    worst = [worst_cost(state.prices, request, batch=True) for request in pending.values()]
    unknown = sorted({r.model for r, w in zip(pending.values(), worst, strict=True) if w is None})
    spent = state.usage.cost or 0.0
    total = spent + sum(w for w in worst if w is not None)
    if unknown or total > limit:
        found = f"no price for {', '.join(unknown)}" if unknown else f"{spent:.6g} spent and up to {total:.6g} with it"
        raise ModelError(
            f"{state.folder}: expected the next round of {len(pending)} requests to stay below the limit {limit:.6g}, "
            f"found {found}. Nothing was written; raise the limit, ask less, or add the price.",
            kind="budget",
        )


def _already_asked(path: Path, pending: Mapping[str, Request]) -> bool:
    if not path.exists():
        return False
    asked = ids_of_requests(path)
    if set(asked) != set(pending) or len(asked) != len(pending):
        missing, foreign = sorted(set(pending) - set(asked)), sorted(set(asked) - set(pending))
        example = (missing or foreign or asked)[0]
        raise ModelError(
            f"{path}: expected the {len(pending)} requests of these tasks, found {len(asked)} of which {len(foreign)} "
            f"are others and {len(missing)} missing (such as {example}). The inputs, prompts, settings or earlier "
            "replies have changed since it was written; restore them, or begin in a new folder.",
            kind="rounds",
        )
    return True


def _standing(state: _State[T], number: int, asked: int, answered: int, *, done: bool) -> Rounds[T]:
    outcomes = {w.id: w.outcome for w in state.walks if w.outcome is not None}
    return Rounds(state.folder, done, number, asked, answered, outcomes, state.usage, tuple(state.remarks))


def _write_done(result: Rounds[T]) -> None:
    names = [f"{kind}.r{n}.jsonl" for n in range(1, result.round + 1) for kind in ("requests", "replies")]
    paths = [p for name in names for p in (result.folder / name, result.folder / f"{name}.gz") if p.exists()]
    summary = {
        "schema_version": "1",
        "rounds": result.round,
        "tasks": len(result.outcomes),
        "failed": sum(o.failure is not None for o in result.outcomes.values()),
        "prompt_tokens": result.usage.prompt_tokens,
        "completion_tokens": result.usage.completion_tokens,
        "cost": result.usage.cost,
        "sha256": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in paths},
    }
    data = json_line(summary).encode()
    done = result.folder / "done"
    if not done.exists() or done.read_bytes() != data:
        write_whole(done, data)
