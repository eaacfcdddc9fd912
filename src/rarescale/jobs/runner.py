"""The one way to do something to many items: in this process, in several, or on a Ray cluster, with the same result.

Items are cut into shards of fixed size. A shard is done by one process, written to one file and moved into place, so
a killed run goes on where it was and nothing that is in place is done twice. What an item gives depends on the item,
its seed and the context alone; hence any number of workers writes the same files. An item that fails is kept with its
reason and does not stop the others; a bug (any other exception) does, with its traceback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rarescale.errors import UsageError
from rarescale.jobs import local, ray_cluster
from rarescale.jobs.manifest import write_manifest, write_text
from rarescale.jobs.shards import Job, Outcome, failed_in, read_shard

PLACES = {"local": local.finish, "ray": ray_cluster.finish}
"""Where the work can be done: this machine, or the Ray cluster that is found or started."""

Progress = Callable[[int, int], None]
"""Called with the number of items done and of all items."""


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
            yield from read_shard(path)


def run(
    job: Job, folder: Path, *, workers: int = 1, on: str = "local", progress: Progress = lambda _done, _all: None
) -> Report:
    """Do `job`, keeping its shards in `folder`, and write the folder's manifest last.

    `on` is one of `PLACES`. Raises UsageError for another place, fewer than one worker, a folder that holds another
    job, a place whose software is missing, and where a worker died for good (what was done stays; run again to go on).
    """
    if on not in PLACES:
        raise UsageError(f"on {on!r} nothing can be run; expected one of {', '.join(PLACES)}")
    if workers < 1:
        raise UsageError(f"{workers} workers; expected at least 1")
    folder.mkdir(parents=True, exist_ok=True)
    _claim(job, folder)
    files = [folder / f"shard-{k:06d}.jsonl" for k in range(job.shards)]
    todo = [k for k, path in enumerate(files) if not path.is_file()]
    done = before = len(job.items) - sum(len(job.numbers(k)) for k in todo)
    progress(done, len(job.items))
    for k in PLACES[on](job, files, todo, workers):
        done += len(job.numbers(k))
        progress(done, len(job.items))
    failed = sum(map(failed_in, files))
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
