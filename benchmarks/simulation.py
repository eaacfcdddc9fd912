"""How fast cases are simulated, and for how many diseases: a random sample of the knowledge, one process.

python benchmarks/simulation.py [--sample 300] [--expert expert|qmr]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from rarescale.jobs import item_seed
from rarescale.knowledge import open_knowledge
from rarescale.simulation import SimulationSettings, Simulator


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--expert", default="expert")
    asked = parser.parse_args()
    settings = SimulationSettings.from_dict({"expert": asked.expert})
    simulator = Simulator(open_knowledge(), settings)
    size = len(simulator.knowledge.diseases)
    sample = np.random.default_rng(0).choice(size, asked.sample, replace=False).tolist()
    start = time.perf_counter()
    attempts, eligible, few = 0, [], 0
    for d in sample:
        if len(simulator.profiler.own(d)[0]) < settings.least_present:
            few += 1
            continue
        rivals = simulator.profiler.rivals(d)
        accepted, made = simulator.valid(simulator.profile(d, rivals))
        attempts += made
        if accepted >= settings.needed:
            eligible.append((d, rivals))
    took = time.perf_counter() - start
    print(f"eligible {len(eligible) / len(sample):.1%} of {len(sample)}; too few findings {few / len(sample):.1%}")
    print(f"eligibility {took / len(sample) * 1e3:.1f} ms a disease, {took / attempts * 1e3:.2f} ms an attempt")
    print(f"  all {size} diseases, one process: {took / len(sample) * size:.0f} s")
    start, cases = time.perf_counter(), []
    for d, rivals in eligible:
        cases += simulator.cases(simulator.profile(d, rivals), [item_seed(1, d, k) for k in range(4)])
    took = time.perf_counter() - start
    made = [c for c in cases if c is not None]
    lengths = [len(c.present) + len(c.absent) for c in made]
    print(f"cases {took / len(cases) * 1e3:.2f} ms each; 30,619 in one process {took / len(cases) * 30_619:.0f} s")
    print(f"  not found {len(cases) - len(made)}; attempts a case {np.mean([c.attempt + 1 for c in made]):.2f}")
    absent = sum(len(c.absent) for c in made) / sum(lengths)
    print(f"  findings {np.mean(lengths):.2f} +- {np.std(lengths):.2f}, absent {absent:.1%}")
    print(f"  differential {np.mean([len(c.differential) for c in made]):.2f}")


if __name__ == "__main__":
    main()
