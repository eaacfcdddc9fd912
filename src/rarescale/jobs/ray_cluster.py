"""The same work on a Ray cluster: that of RAY_ADDRESS where it is set, else one started on this machine.

Each worker is an actor that makes the context once and does one shard after the other; the text of a shard travels to
this process, which alone writes files, so the machines need no shared disk. An actor whose process dies is started
again by Ray and its shard done anew; a shard that kills its worker every time stops the run after a few tries.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.jobs.local import THREADS
from rarescale.jobs.manifest import write_text
from rarescale.jobs.shards import Job, shard_text

TRIES = 3
"""How often a worker is started again, and a shard done again, after a worker died."""


def finish(job: Job, files: list[Path], todo: list[int], workers: int) -> Iterator[int]:
    """Do the shards `todo` on the cluster, giving the number of each as it is in place."""
    if not todo:
        return
    ray = _ray()
    with _cluster(ray, workers):
        shared = ray.put(job)
        worker = ray.remote(num_cpus=1, max_restarts=TRIES, max_task_retries=TRIES)(_Worker)
        waiting = list(reversed(todo))
        busy: dict[Any, tuple[Any, int]] = {}

        def give(actor: Any) -> None:
            if waiting:
                k = waiting.pop()
                busy[actor.text.remote(shared, k)] = (actor, k)

        for _ in range(min(workers, len(todo))):
            give(worker.remote())
        while busy:
            (ready,), _ = ray.wait(list(busy), num_returns=1)
            actor, k = busy.pop(ready)
            text = _text(ray, ready, job, files[k].parent)
            give(actor)
            write_text(files[k], text)
            yield k


def _text(ray: Any, ready: Any, job: Job, folder: Path) -> str:
    try:
        text: str = ray.get(ready)
    except ray.exceptions.RayActorError as error:
        raise UsageError(
            f"a worker of {job.name} died {TRIES + 1} times (killed, or out of memory); what was done is kept in"
            f" {folder}; run the same command again to go on, perhaps with fewer workers"
        ) from error
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    return text


class _Worker:
    """One process of the cluster; it makes the context of the job at its first shard."""

    def __init__(self) -> None:
        self._made: list[Any] = []

    def text(self, job: Job, k: int) -> str:
        if not self._made:
            self._made = [job.context()]
        return shard_text(job, self._made[0], k)


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise UsageError(
            f"--on ray needs Ray, which cannot be imported ({error}); pip install 'rarescale[ray]', or leave it out"
        ) from error


@contextmanager
def _cluster(ray: Any, workers: int) -> Iterator[None]:
    """Connect to the cluster, or start one with `workers` processors; one that was already in use is left as it is."""
    if ray.is_initialized():
        yield
        return
    single = {name: os.environ.get(name, "1") for name in THREADS}
    size: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers, "include_dashboard": False}
    ray.init(runtime_env={"env_vars": single}, log_to_driver=False, configure_logging=False, **size)
    try:
        yield
    finally:
        ray.shutdown()
