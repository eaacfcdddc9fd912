"""A pool of processes on this machine, or this process alone."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.jobs.manifest import write_text
from rarescale.jobs.shards import Job, shard_text

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables that say with how many threads a process calculates."""


def finish(job: Job, files: list[Path], todo: list[int], workers: int) -> Iterator[int]:
    """Do the shards `todo`, giving the number of each as it is in place."""
    if workers == 1 or len(todo) <= 1:
        context = job.context() if todo else None
        for k in todo:
            write_text(files[k], shard_text(job, context, k))
            yield k
        return
    spawn = multiprocessing.get_context("spawn")
    with (
        _one_thread_each(),
        ProcessPoolExecutor(min(workers, len(todo)), spawn, initializer=_start, initargs=(job,)) as pool,
    ):
        waiting: set[Future[int]] = {pool.submit(_shard, k, files[k]) for k in todo}
        try:
            while waiting:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    yield future.result()
        except BrokenProcessPool as error:
            raise UsageError(
                f"a worker process of {job.name} died (killed, or out of memory); what was done is kept in"
                f" {files[0].parent}; run the same command again to go on, perhaps with fewer workers"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Child processes calculate with one thread each, unless the user says otherwise."""
    added = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


_here: list[Any] = []
"""In a worker process: the job and its context."""


def _start(job: Job) -> None:
    _here[:] = [job, job.context()]


def _shard(k: int, path: Path) -> int:
    job, context = _here
    write_text(path, shard_text(job, context, k))
    return k
