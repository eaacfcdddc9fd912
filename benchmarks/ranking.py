"""How often the true disease is at the top, on real published patients: the ranking rows of the README.

    python benchmarks/ranking.py CASES.jsonl [--among rare|all] [--mapping FILE.tsv ...] [--predictions OUT.jsonl]

CASES.jsonl are case lines with `diagnosis`, `dataset` and `pmids` (see the formats page). Two groups are scored, at
most five cases per disease each, in file order:

* uncited: dataset `phenopacket_store`, the disease in the knowledge, the case's own paper not among the disease's
  references. Cases cited by the annotations measure memory, not diagnosis; they are printed apart.
* rarebench: all other datasets, pooled.

Rules: an entry holding k diseases (by the mapping files, rows `id, id, relation` with relation E) takes k ranks;
equal scores count against; not listed is a miss. 95 % intervals resample diseases (seed 0).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rarescale.diagnose import Diagnoser, open_diagnoser
from rarescale.evaluation import (
    Equivalence,
    Outcome,
    cluster_interval,
    equivalence,
    mrr,
    outcome_of,
    rank_of,
    read_mapping,
    top_k,
)
from rarescale.formats import read_inputs
from rarescale.record import Case, Differential

CAP = 5
LISTED = 60


def same_disease(files: Iterable[Path]) -> Equivalence:
    """A function from an id to the representative of its disease."""
    return equivalence(pair for file in files for pair in read_mapping(file))


def judged(answer: Differential, truth: Iterable[str], disease: Equivalence) -> Outcome:
    """Where the truth stands in `answer`, by the rules of `rarescale.evaluation.ranks`."""
    entries = [{"score": c.score, "ids": list(c.ids)} for c in answer.differential]
    return outcome_of(list(truth), {"differential": entries}, disease)


def group_of(case: Case, diagnoser: Diagnoser) -> str:
    if case.extra.get("dataset") != "phenopacket_store":
        return "rarebench"
    diseases = diagnoser.knowledge.diseases
    known = {d for i in case.diagnosis if (d := diseases.index(i)) is not None}
    if not known:
        return "not in release"
    papers = {p for d in known for a in diseases.annotations(d) for p in a.reference.split(";")}
    return "cited" if papers & set(case.extra.get("pmids") or ()) else "uncited"


def measures(outcomes: list[Outcome]) -> dict[str, float | None]:
    return {f"top{k}": top_k(outcomes, k) for k in (1, 3, 5, 10)} | {"mrr": mrr(outcomes)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--among", choices=["all", "rare"], default="rare")
    parser.add_argument("--mapping", type=Path, nargs="*", default=[])
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--every", action="store_true", help="no cap of five cases per disease")
    options = parser.parse_args()

    diagnoser, root = open_diagnoser(), same_disease(options.mapping)
    ranks: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    calibration: dict[bool, list[tuple[float, bool]]] = {True: [], False: []}
    out = options.predictions.open("w") if options.predictions else None
    start, count = time.perf_counter(), 0
    for case in read_inputs([str(options.cases)]):
        if not isinstance(case, Case) or not case.diagnosis:
            continue
        truth = {root(i) for i in case.diagnosis}
        group = group_of(case, diagnoser)
        disease = "+".join(sorted(truth))
        if not options.every and len(ranks[group][disease]) >= CAP:
            continue
        answer = diagnoser.diagnose(case, top=LISTED, among=options.among)
        count += 1
        outcome = judged(answer, case.diagnosis, root)
        rank = rank_of(outcome)
        ranks[group][disease].append(outcome)
        if group != "cited" and answer.differential:
            calibration[group != "not in release"].append((answer.differential[0].probability, rank == 1))
        if out:
            out.write(json.dumps({"id": case.id, "group": group, "rank": rank}) + "\n")
    seconds = time.perf_counter() - start
    print(
        f"{count} cases, among {options.among}, {count / seconds:.0f} a second with {LISTED} explained candidates each"
    )
    for group in sorted(ranks):
        flat = [r for rs in ranks[group].values() for r in rs]
        parts = []
        for name, value in measures(flat).items():
            spread = cluster_interval(
                list(ranks[group].values()), lambda drawn, name=name: measures(drawn)[name], random.Random(0)
            )
            parts.append(f"{name} {value * 100:4.1f} [{spread.low * 100:.0f}-{spread.high * 100:.0f}]")
        print(f"{group:15} n={len(flat):4} diseases={len(ranks[group]):3}  {'  '.join(parts)}")
    print("calibration of the top entry, said -> found")
    known, unknown = calibration[True], calibration[False]
    print(f"  uncited + rarebench: {calibration_error(known, [])}")
    print(f"  with a fifth of diseases that the release lacks: {calibration_error(known, unknown)}")


def calibration_error(known: list[tuple[float, bool]], unknown: list[tuple[float, bool]]) -> str:
    """Expected calibration error over ten equal-width bins, with the bins.

    `unknown` are cases whose disease the release lacks, weighted to be a fifth of all, as among newly published ones.
    """
    weight = len(known) / 4 / len(unknown) if unknown else 0.0
    bins: dict[int, list[tuple[float, bool, float]]] = defaultdict(list)
    for p, hit, w in [(*x, 1.0) for x in known] + [(*x, weight) for x in unknown]:
        bins[min(int(p * 10), 9)].append((p, hit, w))
    total = sum(w for rows in bins.values() for *_, w in rows)
    error, shown = 0.0, []
    for b in sorted(bins):
        rows = np.array(bins[b], float)
        share = rows[:, 2].sum()
        p, hit = rows[:, :2].T @ rows[:, 2] / share
        error += share / total * abs(p - hit)
        shown.append(f"{p:.2f}->{hit:.2f} (n {len(rows)})")
    return f"{error:.3f}; " + ", ".join(shown)


if __name__ == "__main__":
    main()
