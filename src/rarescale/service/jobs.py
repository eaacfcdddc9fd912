"""Batches in memory: a few at a time, worked on one after the other, gone when fetched or when their time is over."""

from __future__ import annotations

import secrets
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel

from rarescale.diagnose import Among, Diagnoser
from rarescale.record import Differential, Failure, Input, Problem

Status = Literal["waiting", "running", "done"]

LOOK = 2.0
"""Seconds between two looks for batches whose time is over."""


ANSWERS_BYTES = 32_000_000
"""Compressed answers of one batch that are kept; a patient whose answer would not fit is told so in its place."""


class Inputs(Protocol):
    """Patients that can be counted, and gone through once they are needed."""

    def __len__(self) -> int:
        """How many."""
        ...

    def __iter__(self) -> Iterator[Input]:
        """One after the other."""
        ...


class JobState(BaseModel):
    """What can be asked of a batch: counts of patients, never what was said."""

    id: str
    status: Status
    total: int
    done: int
    failed: int
    expires_in: float


@dataclass
class _Job:
    id: str
    inputs: Iterator[Input]
    top: int
    among: Among
    expires: float
    total: int
    status: Status = "waiting"
    answers: list[bytes] = field(default_factory=list)
    """JSON lines, compressed."""
    size: int = 0
    failed: int = 0
    owner: str = ""

    def forget(self) -> None:
        """Let go of everything a patient said."""
        self.inputs = iter(())
        self.answers = []


class Full(Exception):
    """As many batches as are kept are here already; `own`: as many of one person."""

    def __init__(self, *, own: bool) -> None:
        """Says nothing: whoever asks finds the words."""
        super().__init__()
        self.own = own


class Jobs:
    """At most `most` batches, `each` of one person. A batch lives `seconds` of `clock` from its arrival or its end on.

    One thread works on them, and lives only as long as there is a batch.
    """

    def __init__(
        self, diagnoser: Diagnoser, *, most: int, each: int, seconds: float, clock: Callable[[], float]
    ) -> None:
        """Nothing runs before the first batch."""
        self._diagnoser, self._seconds, self._clock = diagnoser, seconds, clock
        self._most, self._each = most, each
        self._jobs: dict[str, _Job] = {}
        self._changed = threading.Condition()
        self._working = False

    def add(self, inputs: Inputs, top: int, among: Among, owner: str = "") -> JobState:
        """Take a batch of somebody. Raises Full."""
        with self._changed:
            self._expire()
            if len(self._jobs) >= self._most:
                raise Full(own=False)
            if sum(j.owner == owner for j in self._jobs.values()) >= self._each:
                raise Full(own=True)
            expires = self._clock() + self._seconds
            job = _Job(secrets.token_urlsafe(18), iter(inputs), top, among, expires, len(inputs), owner=owner)
            self._jobs[job.id] = job
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="rarescale-jobs", daemon=True).start()
            self._changed.notify()
            return self._state(job)

    def belongs_to(self, id: str, owner: str) -> bool:
        """Whether a batch is here and is theirs."""
        with self._changed:
            return id in self._jobs and self._jobs[id].owner == owner

    def state(self, id: str) -> JobState | None:
        """How far a batch is; None when it is not here, or no longer."""
        with self._changed:
            self._expire()
            job = self._jobs.get(id)
            return None if job is None else self._state(job)

    def take(self, id: str) -> Iterator[bytes] | None:
        """The answers as JSON lines in the order of the inputs, once: afterwards the batch is forgotten.

        None before it is done.
        """
        with self._changed:
            self._expire()
            job = self._jobs.get(id)
            if job is None or job.status != "done":
                return None
            answers = job.answers
            self._drop(job)
            return map(zlib.decompress, answers)

    def drop(self, id: str) -> bool:
        """Forget a batch, finished or not; whether it was here."""
        with self._changed:
            job = self._jobs.get(id)
            if job is not None:
                self._drop(job)
            return job is not None

    def close(self) -> int:
        """Forget all batches; how many were not done."""
        with self._changed:
            undone = sum(j.status != "done" for j in self._jobs.values())
            for job in list(self._jobs.values()):
                self._drop(job)
            return undone

    def count(self, status: Status) -> int:
        """How many batches are so far."""
        with self._changed:
            return sum(j.status == status for j in self._jobs.values())

    def _drop(self, job: _Job) -> None:
        job.forget()
        del self._jobs[job.id]
        self._changed.notify()

    def _expire(self) -> None:
        now = self._clock()
        for job in [j for j in self._jobs.values() if j.expires <= now]:
            self._drop(job)

    def _state(self, job: _Job) -> JobState:
        return JobState(
            id=job.id,
            status=job.status,
            total=job.total,
            done=len(job.answers),
            failed=job.failed,
            expires_in=round(max(0.0, job.expires - self._clock()), 1),
        )

    def _work(self) -> None:
        """One patient after the other, oldest batch first; looks for old batches in between; ends with the last one."""
        while True:
            with self._changed:
                self._expire()
                if not self._jobs:
                    self._working = False
                    return
                job = next((j for j in self._jobs.values() if j.status != "done"), None)
                if job is None:
                    self._changed.wait(LOOK)
                    continue
                job.status = "running"
            source = next(job.inputs, None)
            answer = None if source is None else self._answer(job, source)
            with self._changed:
                self._keep(job, answer)
            del source, answer

    def _keep(self, job: _Job, answer: Differential | Failure | None) -> None:
        """Put an answer to its batch, unless that was forgotten while it was worked on; None: there are no more."""
        if job.id not in self._jobs:
            return
        if answer is None:
            job.status = "done"
            job.expires = self._clock() + self._seconds
            return
        line = _line(answer)
        if job.size + len(line) > ANSWERS_BYTES:
            answer = Failure(id=answer.id, error=Problem(kind="too-large", message=_TOO_MUCH))
            line = _line(answer)
        job.answers.append(line)
        job.size += len(line)
        job.failed += isinstance(answer, Failure)

    def _answer(self, job: _Job, source: Input) -> Differential | Failure:
        try:
            return self._diagnoser.answer(source, top=job.top, among=job.among)
        except Exception as error:  # noqa: BLE001 - one patient never stops the others; what failed is said in its place
            message = f"the program failed at this patient ({type(error).__name__}); the others are not affected."
            return Failure(id=source.id, error=Problem(kind="fault", message=message))


_TOO_MUCH = (
    "the answers of this batch are more than is kept; this one was left out. Ask for fewer diseases (top), or send "
    "fewer patients at a time."
)


def _line(answer: Differential | Failure) -> bytes:
    return zlib.compress(answer.model_dump_json(by_alias=True).encode() + b"\n", level=1)
