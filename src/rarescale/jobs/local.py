"""The one way to do something to many items: in this process or in several, with the same result.

Items are cut into shards of fixed size. A shard is done by one process, written to one file and moved into place, so
a killed run goes on where it was and nothing that is in place is done twice. What an item gives depends on the item,
its seed and the context alone; hence any number of workers writes the same files. An item that fails is kept with its
reason and does not stop the others; a bug (any other exception) does, with its traceback.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarescale.errors import RareScaleError, UsageError
from rarescale.jobs.manifest import write_manifest, write_text
from rarescale.jobs.seeds import item_seed

ENGINES = ("local",)

Progress = Callable[[int, int], None]
"""Called with the number of items done and of all items."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """What is done.

    `work` takes the context, an item and the item's seed and returns something that JSON can hold; `context` makes
    what all items share, once per process. Both are top-level functions (or partials of them), since other processes
    import them. `fingerprint` tells apart runs whose results differ although items and seed are equal: knowledge hash,
    settings. `shard` is the number of items in a file.
    """

    name: str
    items: Sequence[Any]
    work: Callable[[Any, Any, int], Any]
    context: Callable[[], Any]
    seed: int = 0
    fingerprint: str = ""
    shard: int = 64


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of item number `item`: a result, or the reason why there is none."""

    item: int
    result: Any = None
    error: str | None = None


@dataclass(frozen=True)
class Report:
    """A finished run. `done_before` are the items that an earlier run had already done."""

    files: tuple[Path, ...]
    items: int
    failed: int
    done_before: int

    def outcomes(self) -> Iterator[Outcome]:
        """All outcomes in the order of the items, read from the shards one after the other."""
        for path in self.files:
            yield from _read(path)


def run(
    job: Job, folder: Path, *, workers: int = 1, engine: str = "local", progress: Progress = lambda _done, _all: None
) -> Report:
    """Do `job`, keeping its shards in `folder`, and write the folder's manifest last.

    Raises UsageError for an unknown engine, fewer than one worker, a folder that holds another job, and where a worker
    process died (what was done stays; run again to go on).
    """
    if engine not in ENGINES:
        raise UsageError(f"engine {engine!r} is not known; expected one of {', '.join(ENGINES)}")
    if workers < 1:
        raise UsageError(f"{workers} workers; expected at least 1")
    folder.mkdir(parents=True, exist_ok=True)
    _claim(job, folder)
    starts = list(range(0, len(job.items), job.shard))
    files = [folder / f"shard-{k:06d}.jsonl" for k in range(len(starts))]
    todo = [k for k, path in enumerate(files) if not path.is_file()]
    sizes = [min(job.shard, len(job.items) - start) for start in starts]
    done = before = sum(sizes) - sum(sizes[k] for k in todo)
    progress(done, len(job.items))
    for k in _finish(job, files, todo, workers):
        done += sizes[k]
        progress(done, len(job.items))
    failed = sum(outcome.error is not None for path in files for outcome in _read(path))
    facts = {"job": job.name, "items": len(job.items), "failed": failed, "seed": job.seed}
    write_manifest(folder, facts | {"fingerprint": job.fingerprint}, files)
    return Report(tuple(files), len(job.items), failed, before)


def _claim(job: Job, folder: Path) -> None:
    """Note in the folder which job it is; refuse to mix two."""
    own = {"job": job.name, "items": len(job.items), "seed": job.seed, "shard": job.shard} | {
        "fingerprint": job.fingerprint
    }
    note = folder / "job.json"
    if not note.is_file():
        write_text(note, json.dumps(own))
        return
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if found != own:
        raise UsageError(f"{folder} holds another run ({found}), expected {own}; choose another folder or remove it")


def _finish(job: Job, files: list[Path], todo: list[int], workers: int) -> Iterator[int]:
    """Do the shards `todo`, giving the number of each as it is in place."""
    if workers == 1 or len(todo) <= 1:
        context = job.context() if todo else None
        for k in todo:
            _write(job, context, k, files[k])
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
    added = [name for name in _THREADS if name not in os.environ]
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
    _write(job, context, k, path)
    return k


def _write(job: Job, context: Any, k: int, path: Path) -> None:
    start = k * job.shard
    lines = [_line(job, context, i) for i in range(start, min(start + job.shard, len(job.items)))]
    write_text(path, "".join(lines))


def _line(job: Job, context: Any, item: int) -> str:
    try:
        result = job.work(context, job.items[item], item_seed(job.seed, job.name, item))
    except (RareScaleError, ArithmeticError, LookupError, OSError, ValueError) as error:
        return json.dumps({"item": item, "error": f"{type(error).__name__}: {error}"}, ensure_ascii=False) + "\n"
    return json.dumps({"item": item, "result": result}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _read(path: Path) -> Iterator[Outcome]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield Outcome(**json.loads(line))
