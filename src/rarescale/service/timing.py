"""What the metrics know of the work itself: how long it took, how much waits."""

from __future__ import annotations

import time
from functools import partial
from typing import get_args

from rarescale.diagnose import Among, Diagnoser, Outcome
from rarescale.record import Case, Chat, Note, Understanding
from rarescale.service.jobs import Jobs, Status
from rarescale.service.metrics import Metrics


class TimedDiagnoser(Diagnoser):
    """Does what `inner` does, and tells how long it took."""

    def __init__(self, inner: Diagnoser, metrics: Metrics) -> None:
        """With the parts of `inner`."""
        super().__init__(
            inner.knowledge,
            reader=inner.reader,
            expert=inner.expert,
            candidates=inner.candidates,
            fusion=inner.fusion,
            hints=inner.hints,
        )
        self._metrics = metrics

    def understand(self, source: Case | Chat | Note) -> Understanding:
        """As `inner`."""
        begun = time.perf_counter()
        answer = super().understand(source)
        self._metrics.observe("work_seconds", time.perf_counter() - begun, work="read")
        return answer

    def outcome(
        self,
        source: Case | Chat | Note,
        *,
        top: int = 10,
        among: Among = "all",
        understood: Understanding | None = None,
    ) -> Outcome:
        """As `inner`."""
        begun = time.perf_counter()
        answer = super().outcome(source, top=top, among=among, understood=understood)
        self._metrics.observe("work_seconds", time.perf_counter() - begun, work="diagnose")
        return answer


def follow_jobs(metrics: Metrics, jobs: Jobs) -> None:
    """How many batches there are of each kind."""
    for status in get_args(Status):
        metrics.follow("batches", partial(jobs.count, status), status=status)
