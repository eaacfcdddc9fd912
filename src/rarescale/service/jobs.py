"""Batches in memory: a few at a time, worked on one after the other, gone when fetched or when their time is over."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from rarescale.diagnose import Among, Diagnoser
from rarescale.record import Differential, Failure, Input, Problem

Status = Literal["waiting", "running", "done"]

LOOK = 2.0
"""Seconds between two looks for batches whose time is over."""


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
    total: int
    status: Status = "waiting"
    answers: list[Differential | Failure] = field(default_factory=list)
    failed: int = 0

    def forget(self) -> None:
        """Let go of everything a patient said."""
        self.inputs.clear()
        self.answers = []


class Full(Exception):
    """As many batches as are kept are here already."""


class Jobs:
    """At most `most` batches. `clock` gives seconds; a batch lives `seconds` from its arrival or its end on.

    One thread works on them, and lives only as long as there is a batch.
    """

    def __init__(self, diagnoser: Diagnoser, *, most: int, seconds: float, clock: Callable[[], float]) -> None:
        """Nothing runs before the first batch."""
        self._diagnoser, self._most, self._seconds, self._clock = diagnoser, most, seconds, clock
        self._jobs: dict[str, _Job] = {}
        self._changed = threading.Condition()
        self._working = False

    def add(self, inputs: list[Input], top: int, among: Among) -> JobState:
        """Take a batch. Raises Full."""
        with self._changed:
            self._expire()
            if len(self._jobs) >= self._most:
                raise Full
            expires = self._clock() + self._seconds
            job = _Job(secrets.token_urlsafe(18), inputs, top, among, expires, len(inputs))
            self._jobs[job.id] = job
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="rarescale-jobs", daemon=True).start()
            self._changed.notify()
            return self._state(job)

    def state(self, id: str) -> JobState | None:
        """How far a batch is; None when it is not here, or no longer."""
        with self._changed:
            self._expire()
            job = self._jobs.get(id)
            return None if job is None else self._state(job)

    def take(self, id: str) -> list[Differential | Failure] | None:
        """The answers in the order of the inputs, once: afterwards the batch is forgotten. None before it is done."""
        with self._changed:
            self._expire()
            job = self._jobs.get(id)
            if job is None or job.status != "done":
                return None
            answers = job.answers
            self._drop(job)
            return answers

    def drop(self, id: str) -> bool:
        """Forget a batch, finished or not; whether it was here."""
        with self._changed:
            job = self._jobs.get(id)
            if job is not None:
                self._drop(job)
            return job is not None

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
                source = job.inputs.pop(0) if job.inputs else None
            answer = None if source is None else self._answer(job, source)
            with self._changed:
                self._keep(job, answer)

    def _keep(self, job: _Job, answer: Differential | Failure | None) -> None:
        """Put an answer to its batch, unless that was forgotten while it was worked on."""
        if job.id not in self._jobs:
            return
        if answer is not None:
            job.answers.append(answer)
            job.failed += isinstance(answer, Failure)
        if not job.inputs:
            job.status = "done"
            job.expires = self._clock() + self._seconds

    def _answer(self, job: _Job, source: Input) -> Differential | Failure:
        try:
            return self._diagnoser.answer(source, top=job.top, among=job.among)
        except Exception as error:  # noqa: BLE001 - one patient never stops the others; what failed is said in its place
            message = f"the program failed at this patient ({type(error).__name__}); the others are not affected."
            return Failure(id=source.id, error=Problem(kind="fault", message=message))
