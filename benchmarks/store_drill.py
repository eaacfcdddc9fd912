"""Kill -9 while cases are saved, many times over; then look whether anything is lost or half-saved.

    python benchmarks/store_drill.py --times 100                          # SQLite in a temporary folder
    python benchmarks/store_drill.py --times 100 --store postgresql://...  # an empty database

A worker saves without pause: new cases, and new revisions of old ones, each of three parts (content, edits,
differential) that carry the same number. It writes each number to its output only after the save returned. At a random
moment it is killed. What was acknowledged must be there, and every revision that is there must have all its parts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime

from rarescale.record import Differential, Engine, Note, Release, TermId
from rarescale.store import Content, Edit, Store, init_store, open_store

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
PADDING = "word " * 4000


def parts(number: int) -> tuple[Content, tuple[Edit, ...], Differential]:
    """Three parts that all name `number`, some 20 kB each, so that a save is many writes."""
    text = f"{number} {PADDING}"
    return (
        Content(title=str(number), input=Note(id=str(number), text=text)),
        (Edit(finding=TermId("HP:1"), change="present", note=f"{number} {PADDING[:4000]}"),),
        Differential(
            id=str(number),
            not_understood=(text,),
            knowledge=Release(release="r", hash="h"),
            engine=Engine(name="drill", version="1"),
        ),
    )


def work(url: str, first: int, heard: int) -> None:
    """Save for ever; `first` is the first number. Each line written to the pipe `heard` is a save that returned."""
    with open_store(url) as store, os.fdopen(heard, "w") as output:
        print("ready", file=output, flush=True)
        case, revision = None, None
        for number in range(first, first + 1_000_000):
            content, edits, made = parts(number)
            saved = store.save_case(
                content, edits=edits, differential=made, by="drill", at=WHEN, case=case, revision=revision
            )
            print(json.dumps([saved.case, saved.revision, number]), file=output, flush=True)
            case, revision = (None, None) if saved.revision == 5 else (saved.case, saved.revision)


def kill_once(url: str, first: int, wait: float) -> list[tuple[str, int, int]]:
    """Start a worker, kill it `wait` seconds after it is ready. Returns what it acknowledged."""
    listening, heard = os.pipe()
    # Forked, so that a hundred workers need not import everything a hundred times; no connection is open here.
    worker = multiprocessing.get_context("fork").Process(target=work, args=(url, first, heard))
    worker.start()
    os.close(heard)
    with os.fdopen(listening) as lines:
        assert lines.readline() == "ready\n", "the worker did not start"
        time.sleep(wait)
        worker.kill()
        whole = [line for line in lines if line.endswith("\n")]
    worker.join()
    assert worker.exitcode == -9, f"the worker ended by itself: {worker.exitcode}"
    worker.close()
    return [tuple(json.loads(line)) for line in whole]


def check(store: Store, acknowledged: dict[tuple[str, int], int]) -> tuple[int, int, int]:
    """Returns how many acknowledged saves are lost, how many revisions are half there, and how many are there."""
    there: dict[tuple[str, int], list[str]] = defaultdict(list)
    half = 0
    for line in store.cases():
        history = store.history(line.case)
        for entry in history:
            names = {
                "content": entry.content and entry.content.title,
                "edits": entry.edits and entry.edits[0].note.partition(" ")[0],
                "differential": entry.differential and entry.differential.id,
            }
            there[line.case, entry.revision].append(str(names[entry.kind]))
        half += {e.revision for e in history} != set(range(1, line.revision + 1))
        half += len(store.audit_log(case=line.case)) != line.revision
    half += sum(len(numbers) != 3 or len(set(numbers)) != 1 for numbers in there.values())
    lost = sum(there.get(key, [""])[0] != str(number) for key, number in acknowledged.items())
    return lost, half, len(there)


def drill(url: str, times: int, seed: int) -> dict[str, object]:
    """Kill `times` workers on one store, look after each. Returns the counts."""
    rng = random.Random(seed)
    acknowledged: dict[tuple[str, int], int] = {}
    lost = half = there = unacknowledged = 0
    for number in range(times):
        for case, revision, saved in kill_once(url, number * 1_000_000, rng.uniform(0.0, 0.25)):
            acknowledged[case, revision] = saved
        if number % 10 == 9 or number == times - 1:
            with open_store(url) as store:
                lost, half, there = check(store, acknowledged)
            if lost or half:
                break
    unacknowledged = there - len(acknowledged)
    counts = {"acknowledged": len(acknowledged), "lost": lost, "half_saved": half, "saved_unheard": unacknowledged}
    return {"store": url.partition(":")[0], "kills": number + 1, **counts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="URL of an empty database; default: SQLite in a temporary folder")
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.store or f"sqlite:///{folder}/drill.sqlite"
        init_store(url)
        result = drill(url, options.times, options.seed)
    print(json.dumps(result))
    sys.exit(1 if result["lost"] or result["half_saved"] else 0)


if __name__ == "__main__":
    main()
