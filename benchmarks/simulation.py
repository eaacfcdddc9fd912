"""How fast cases are simulated, and which diseases can be: a random sample of the knowledge, one process; or all.

python benchmarks/simulation.py [--sample 300] [--preset chat|realistic] [--expert expert|qmr]
python benchmarks/simulation.py --all [--workers 2]     # every disease (minutes, kept): shares, reasons, categories
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter

import numpy as np

from rarescale.jobs import item_seed
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.simulation import Eligibility, SimulationSettings, Simulator, eligibility

PER_DISEASE = 3
"""30,619 cases over some 9,000 eligible diseases."""


def sample(knowledge: Knowledge, settings: SimulationSettings, size: int) -> None:
    simulator = Simulator(knowledge, settings)
    chosen = np.random.default_rng(0).choice(len(knowledge.diseases), size, replace=False).tolist()
    start = time.process_time()
    attempts, eligible, few = 0, [], 0
    for d in chosen:
        if len(simulator.profiler.own(d)[0]) < settings.least_present:
            few += 1
            continue
        rivals = simulator.profiler.rivals(d)
        accepted, made = simulator.valid(simulator.profile(d, rivals))
        attempts += made
        if accepted >= settings.needed:
            eligible.append((d, rivals))
    took = time.process_time() - start
    print(f"eligible {len(eligible) / size:.1%} of {size}; too few findings {few / size:.1%}")
    print(f"eligibility {took / size * 1e3:.1f} ms a disease, {took / attempts * 1e3:.2f} ms an attempt")
    print(f"  all {len(knowledge.diseases)} diseases, one process: {took / size * len(knowledge.diseases):.0f} s")
    start, cases = time.process_time(), []
    for d, rivals in eligible:
        cases += simulator.cases(simulator.profile(d, rivals), [item_seed(1, d, k) for k in range(PER_DISEASE)])
    took = time.process_time() - start
    found = [c for c in cases if c is not None]
    lengths = [len(c.present) + len(c.absent) for c in found]
    print(f"cases {took / len(cases) * 1e3:.2f} ms of CPU each; 30,619 of them {took / len(cases) * 30_619:.0f} s")
    print(f"  not found {len(cases) - len(found)}; attempts a case {np.mean([c.attempt + 1 for c in found]):.2f}")
    absent = sum(len(c.absent) for c in found) / sum(lengths)
    print(f"  findings {np.mean(lengths):.2f} +- {np.std(lengths):.2f}, absent {absent:.1%}")
    print(f"  differential {np.mean([len(c.differential) for c in found]):.2f}")


def every(knowledge: Knowledge, settings: SimulationSettings, workers: int) -> None:
    start = time.perf_counter()
    judged = eligibility(knowledge, settings, workers=workers)
    own = np.array([any(i.startswith("RSC:") for i in knowledge.diseases.ids(d)) for d in judged.disease.tolist()])
    print(f"judged or read in {time.perf_counter() - start:.1f} s")
    for name, rows in (("all", np.ones(len(own), bool)), ("of our own tables", own), ("of HPO alone", ~own)):
        print(f"{name}: {judged.eligible[rows].sum()} of {rows.sum()} eligible ({judged.eligible[rows].mean():.1%})")
    _reasons(judged)
    _categories(knowledge, judged)


def _reasons(judged: Eligibility) -> None:
    dropped = np.flatnonzero(~judged.eligible).tolist()
    reasons = Counter(re.sub(r"in \d+ of \d+ attempts", "in too few attempts", judged.reason(k)) for k in dropped)
    for reason, count in reasons.most_common():
        print(f"  dropped {count:5} ({count / len(judged.disease):.1%}): {reason}")
    rate = judged.accepted / np.maximum(judged.made, 1)
    hard = np.flatnonzero(~judged.eligible & (judged.made > 0))
    print(f"  those judged and dropped: first in {rate[hard].mean():.1%} of attempts on average", end="")
    print(
        f", never in {np.mean(judged.accepted[hard] == 0):.1%}; findings, median {np.median(judged.findings[hard]):.0f}"
    )


def _categories(knowledge: Knowledge, judged: Eligibility) -> None:
    every_one: Counter[str] = Counter()
    eligible: Counter[str] = Counter()
    for d, kept in zip(judged.disease.tolist(), judged.eligible.tolist(), strict=True):
        if category := knowledge.diseases.categories[d]:
            every_one[category] += 1
            eligible[category] += kept
    print(f"{sum(eligible[c] > 0 for c in every_one)} of {len(every_one)} categories of acquired disease present")
    print("  " + ", ".join(f"{c} {eligible[c]}/{every_one[c]}" for c in sorted(every_one)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--preset", default="chat")
    parser.add_argument("--expert", default="expert")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    settings = SimulationSettings.preset(asked.preset, expert=asked.expert)
    knowledge = open_knowledge()
    if asked.all:
        every(knowledge, settings, asked.workers)
    else:
        sample(knowledge, settings, asked.sample)


if __name__ == "__main__":
    main()
