"""A run on a two-worker Ray cluster of this machine, as a program of its own: python -m tests.jobs.ray_run LOG OUT."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from rarescale.jobs import Job, run


def context(log: str) -> Path:
    return Path(log)


def work(log: Path, item: int, seed: int) -> list[int]:
    """Six items, or seven, are done before a worker is killed, however long that takes."""
    with (log / f"{item}").open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    while len(list(log.iterdir())) >= 6 and not (log.parent / "killed").exists():
        time.sleep(0.01)
    if item == 13:
        raise ValueError("thirteen")
    return [item * item, seed]


def job(log: Path) -> Job:
    return Job("squares", list(range(40)), work, partial(context, str(log)), 1, shard=4)


if __name__ == "__main__":
    run(job(Path(sys.argv[1])), Path(sys.argv[2]), workers=2, on="ray")
