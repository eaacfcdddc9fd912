"""How fast and how large: the cost rows of the README, medians on this machine.

    python benchmarks/speed.py CASES.jsonl CHATS.jsonl

Times the parts in this process, and whole commands (`python -m rarescale`) in fresh ones. The stated peer of the same
run is the interpreter itself: `python -c pass` and a sparse row sum over all annotations in numpy, so that a slow
machine shows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from rarescale.diagnose import open_diagnoser
from rarescale.formats import read_inputs
from rarescale.record import Case, Chat

REPEATS = 7


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def show(what: str, value: float, unit: str, budget: str = "") -> None:
    print(f"{what:58} {value:10.2f} {unit:8} {budget}", flush=True)


def commands(case: Case) -> None:
    """Whole commands in fresh processes: cold start, first compile, peak memory."""
    packet = {
        "id": "p1",
        "subject": {"id": "p1", "sex": "FEMALE"},
        "phenotypicFeatures": [{"type": {"id": f.text}, "excluded": f.state == "absent"} for f in case.findings],
        "metaData": {"created": "2024-01-01T00:00:00Z", "createdBy": "benchmark", "phenopacketSchemaVersion": "2.0"},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "packet.json"
        file.write_text(json.dumps(packet))
        environment = os.environ | {"RARESCALE_CACHE": str(Path(folder) / "cache")}
        command = [sys.executable, "-m", "rarescale", "diagnose", str(file), "--json"]

        def run(arguments: list[str]) -> float:
            return timed(lambda: subprocess.run(arguments, env=environment, check=True, capture_output=True))

        show("python -c pass (peer)", median(run([sys.executable, "-c", "pass"]) for _ in range(REPEATS)) * 1e3, "ms")
        first = run([sys.executable, "-m", "rarescale", "knowledge", "info"])
        show("first start, with the compile", first, "s", "<= 10 s, <= 1.5 GB")
        compile_peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        show("peak memory of that", compile_peak, "MB")
        run(command)
        show(
            "cold diagnose of one phenopacket, knowledge compiled",
            median(run(command) for _ in range(REPEATS)),
            "s",
            "<= 1.5 s",
        )
        peak = subprocess.run(
            [sys.executable, "-c", PEAK, *command[1:]], env=environment, check=True, capture_output=True, text=True
        ).stderr
        show("peak memory while diagnosing", float(peak.split()[-1]) / 1024, "MB", "<= 600 MB")


PEAK = """
import resource, runpy, sys
sys.argv = sys.argv[2:]
try:
    runpy.run_module("rarescale", run_name="__main__", alter_sys=True)
except SystemExit:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("chats", type=Path)
    options = parser.parse_args()
    cases = [c for c in read_inputs([str(options.cases)]) if isinstance(c, Case)]
    chats = [c for c in read_inputs([str(options.chats)]) if isinstance(c, Chat)]
    commands(cases[0])

    diagnoser = open_diagnoser()
    diagnoser.diagnose(cases[0])
    rows = diagnoser.knowledge.diseases
    values, owners = rows.rows["probability"].astype(float), rows.row_disease
    peer = median(timed(lambda: np.bincount(owners, values, len(rows))) for _ in range(REPEATS))
    show("numpy sum over all annotation rows (peer)", peer * 1e3, "ms")

    queries = [q for c in cases[:1500:3] if (q := diagnoser.query(c)) is not None]
    for _ in range(2):  # the first round warms caches
        times = [timed(lambda q=q: diagnoser.expert.rank(q)) for q in queries]
    show("warm ranking of one case over all diseases, median", median(times) * 1e3, "ms", "<= 2 ms")
    show("  the slowest tenth", float(np.quantile(times, 0.9)) * 1e3, "ms")
    show("  ratio to the peer", median(times) / peer, "x")

    batch = cases[:1500]
    seconds = timed(lambda: [diagnoser.diagnose(c).model_dump_json(by_alias=True) for c in batch])
    show("batch, one process, explained and written as JSON", len(batch) / seconds, "cases/s", ">= 300")

    diagnoser.read(chats[0])
    times = [timed(lambda c=c: diagnoser.reader.read(c)) for c in chats]
    show("chat to findings, median", median(times) * 1e3, "ms", "<= 50 ms")
    show("  the slowest chat", max(times) * 1e3, "ms")


if __name__ == "__main__":
    main()
