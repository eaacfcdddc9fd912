"""Work that asks a model, written once and run anywhere: live, replayed, or in rounds of files.

A task is a generator that yields requests and receives replies; a failure is thrown into it as `ModelError`, which
it may catch. What it does must follow from what it received alone (randomness and clocks are arguments), because
rounds run it again from its beginning.

    def two_pass(note: str) -> Task[str]:
        draft = yield first_request(note)
        final = yield second_request(note, draft.text)
        return final.text
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from rarescale.errors import RareScaleError
from rarescale.llm.failures import ModelError
from rarescale.llm.messages import Model, Reply, Request, Usage

T = TypeVar("T")

Task: TypeAlias = Generator[Request, Reply, T]
"""Yields requests, receives replies, returns a result."""

Tasks: TypeAlias = Mapping[str, Callable[[], Task[T]]]
"""Tasks by id, each as a function that begins it anew."""


@dataclass(frozen=True)
class Exchange:
    """A request and what came back."""

    request: Request
    answer: Reply | ModelError


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """How one task ended: with a `value`, or with the `failure` that explains why there is none."""

    id: str
    exchanges: tuple[Exchange, ...]
    value: T | None = None
    failure: RareScaleError | None = None

    @property
    def usage(self) -> Usage:
        """Tokens of all replies that the task received, asked for or kept from before."""
        return sum((e.answer.usage for e in self.exchanges if isinstance(e.answer, Reply)), Usage())


class Walk(Generic[T]):
    """One task on its way: waiting for the answer to `request`, or ended with `outcome`."""

    def __init__(self, id: str, begin: Callable[[], Task[T]]) -> None:
        """Begins the task and goes to its first request."""
        self.id = id
        self.request: Request | None = None
        self.outcome: Outcome[T] | None = None
        self._exchanges: list[Exchange] = []
        self._task = begin()
        self._step(lambda: next(self._task))

    def take(self, answer: Reply | ModelError) -> None:
        """Hand over the answer to `request` and go to the next one, or to the end."""
        if self.request is None:
            raise ValueError(f"task {self.id} has ended")
        self._exchanges.append(Exchange(self.request, answer))
        if isinstance(answer, ModelError):
            self._step(lambda: self._task.throw(answer))
        else:
            self._step(lambda: self._task.send(answer))

    def _step(self, go: Callable[[], Request]) -> None:
        self.request = None
        try:
            self.request = go()
        except StopIteration as end:
            self.outcome = Outcome(self.id, tuple(self._exchanges), value=end.value)
        except RareScaleError as error:
            self.outcome = Outcome(self.id, tuple(self._exchanges), failure=error)


def walk_live(id: str, begin: Callable[[], Task[T]], model: Model) -> Outcome[T]:
    """Walk one task to its end with a live model."""
    walk = Walk(id, begin)
    while walk.request is not None:
        try:
            answer: Reply | ModelError = model.complete(walk.request)
        except ModelError as error:
            answer = error
        walk.take(answer)
    if walk.outcome is None:
        raise AssertionError(f"task {id} neither waits nor has ended")
    return walk.outcome


def drive(task: Task[T], model: Model) -> T:
    """The result of one task, now. Raises what the task raises."""
    outcome = walk_live("task", lambda: task, model)
    if outcome.failure is not None:
        raise outcome.failure
    return outcome.value  # type: ignore[return-value]  # without a failure, None is a value of T itself


def run_live(
    tasks: Tasks[T], model: Model, *, workers: int = 8, on_end: Callable[[Outcome[T]], None] | None = None
) -> dict[str, Outcome[T]]:
    """Run all tasks with `workers` threads; outcomes in the order of `tasks`.

    A failed task never stops the others. `on_end` is called with each outcome as it comes, from the threads.
    Any other exception is an error of the program: tasks not yet begun are dropped and it is raised.
    """

    def run(id: str) -> Outcome[T]:
        outcome = walk_live(id, tasks[id], model)
        if on_end is not None:
            on_end(outcome)
        return outcome

    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = {id: pool.submit(run, id) for id in tasks}
        try:
            wait(futures.values(), return_when=FIRST_EXCEPTION)
        finally:
            # Also on Ctrl-C: what has not begun never will.
            pool.shutdown(wait=True, cancel_futures=True)
        broken = [e for f in futures.values() if not f.cancelled() and (e := f.exception()) is not None]
        if broken:
            raise broken[0]
        return {id: future.result() for id, future in futures.items()}


def persistent(task: Task[T], attempts: int = 2) -> Task[T]:
    """The same task, asking again when a failure passes by itself, also in batch rounds, `attempts` times in all."""
    try:
        request = next(task)
        while True:
            answer = yield from _insist(request, attempts)
            request = task.throw(answer) if isinstance(answer, ModelError) else task.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # a generator's StopIteration carries its own result type


def _insist(request: Request, attempts: int) -> Generator[Request, Reply, Reply | ModelError]:
    for attempt in range(1, attempts + 1):
        try:
            reply = yield request
        except ModelError as error:
            if not error.passing or attempt == attempts:
                return error
        else:
            return reply
    raise ValueError("attempts must be 1 or more")
