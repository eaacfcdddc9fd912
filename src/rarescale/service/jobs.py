"""Batches in memory: a few at a time, worked on one after the other, gone when fetched or when their time is over."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Literal

from pydantic import BaseModel

from rarescale.diagnose import Among, Diagnoser
from rarescale.record import Differential, Failure, Input, Problem

Status = Literal["waiting", "running", "done"]


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
    inputs: list[Input]
    top: int
    among: Among
    expires: float
    status: Status = "waiting"
    total: int = 0
    answers: list[Differential | Failure] = field(default_factory=list)
    failed: int = 0
    gone: bool = False


class Full(Exception):
    """As many batches as are kept are here already."""


class Jobs:
    """At most `most` batches. `clock` gives seconds; a batch lives `seconds` from its arrival or its end on."""

    def __init__(self, diagnoser: Diagnoser, *, most: int, seconds: float, clock: Callable[[], float]) -> None:
        """The worker is a thread that ends with the process."""
        self._diagnoser, self._most, self._seconds, self._clock = diagnoser, most, seconds, clock
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.Lock()
        self._queue: SimpleQueue[_Job] = SimpleQueue()
        self._worker: threading.Thread | None = None

    def add(self, inputs: list[Input], top: int, among: Among) -> JobState:
        """Take a batch. Raises Full."""
        with self._lock:
            self._forget()
            if len(self._jobs) >= self._most:
                raise Full
            expires = self._clock() + self._seconds
            job = _Job(secrets.token_urlsafe(18), inputs, top, among, expires, total=len(inputs))
            self._jobs[job.id] = job
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="rarescale-jobs", daemon=True)
                self._worker.start()
        self._queue.put(job)
        return self._state(job)

    def state(self, id: str) -> JobState | None:
        """How far a batch is; None when it is not here, or no longer."""
        job = self._find(id)
        return None if job is None else self._state(job)

    def take(self, id: str) -> list[Differential | Failure] | None:
        """The answers in the order of the inputs, once: afterwards the batch is forgotten. None before it is done."""
        with self._lock:
            self._forget()
            job = self._jobs.get(id)
            if job is None or job.status != "done":
                return None
            del self._jobs[id]
            return job.answers

    def drop(self, id: str) -> bool:
        """Forget a batch, finished or not; whether it was here."""
        with self._lock:
            job = self._jobs.pop(id, None)
            if job is not None:
                job.gone = True
            return job is not None

    def _find(self, id: str) -> _Job | None:
        with self._lock:
            self._forget()
            return self._jobs.get(id)

    def _forget(self) -> None:
        """Drop what has had its time; a batch that is being worked on ends at its next patient."""
        now = self._clock()
        for job in [j for j in self._jobs.values() if j.expires <= now]:
            job.gone = True
            del self._jobs[job.id]

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
        while True:
            job = self._queue.get()
            job.status = "running"
            while job.inputs and not job.gone:
                answer = self._answer(job, job.inputs.pop(0))
                job.failed += isinstance(answer, Failure)
                job.answers.append(answer)
            if job.gone:
                job.inputs, job.answers = [], []
            job.expires = self._clock() + self._seconds
            job.status = "done"

    def _answer(self, job: _Job, source: Input) -> Differential | Failure:
        try:
            return self._diagnoser.answer(source, top=job.top, among=job.among)
        except Exception as error:  # noqa: BLE001 - one patient never stops the others; what failed is said in its place
            message = f"the program failed at this patient ({type(error).__name__}); the others are not affected."
            return Failure(id=source.id, error=Problem(kind="fault", message=message))
