"""How long evaluation itself takes: many cases scored from arrays, and a run beside its engine.

    python benchmarks/scoring.py [--cases 10000] [--candidates 11000] [--run CASES.jsonl]

Scoring: a matrix of random scores (cases x candidates, float32) is in memory; timed are the rank of the truth of every
case by the rules of `rarescale.evaluation.ranks` and all measures with 95 % intervals. Run: `evaluate run` on
CASES.jsonl in this process, against the same answers made and written as JSON lines without any evaluation, both in
processor seconds, best of `--repeats`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rarescale.diagnose import open_diagnoser
from rarescale.evaluation import RunSettings, evaluate_run, outcome_in_scores, rank_of
from rarescale.evaluation.runs.resampling import both_ways
from rarescale.formats import read_inputs
from rarescale.knowledge import Knowledge, open_knowledge


def scoring(cases: int, candidates: int) -> None:
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((cases, candidates), dtype=np.float32)
    truth = rng.integers(0, candidates, cases)
    widths = rng.integers(1, 4, candidates)
    diseases = (truth // 10).tolist()
    start = time.perf_counter()
    ranks = [rank_of(outcome_in_scores(row, [t], widths)) for row, t in zip(scores, truth.tolist(), strict=True)]
    ranked = time.perf_counter()
    measures = both_ways(ranks, diseases)["plain"]
    end = time.perf_counter()
    print(
        f"{cases} cases x {candidates} candidates: ranks {ranked - start:.1f} s, measures with intervals"
        f" {end - ranked:.1f} s, together {end - start:.1f} s (top-10 {measures['top10']:.4f} by chance)"
    )


def processor_seconds(work: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def beside_the_engine(file: str, base: Knowledge, repeats: int) -> None:
    def plain() -> None:
        diagnoser = open_diagnoser()
        with tempfile.TemporaryFile("w") as out:
            for answer in diagnoser.answers(read_inputs([file])):
                out.write(answer.model_dump_json(by_alias=True) + "\n")

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            evaluate_run(read_inputs([file]), base, Path(folder), RunSettings(), sources=[file])

    plain()
    without, within = processor_seconds(plain, repeats), processor_seconds(run, repeats)
    print(f"{file}: answers alone {without:.1f} s, evaluated {within:.1f} s, overhead {within / without - 1:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--candidates", type=int, default=11_000)
    parser.add_argument("--run", metavar="CASES.jsonl")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    scoring(options.cases, options.candidates)
    if options.run:
        beside_the_engine(options.run, open_knowledge(), options.repeats)


if __name__ == "__main__":
    main()
