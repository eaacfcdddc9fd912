"""Score a file of answers against a file of cases: top-1/3/5/10 and MRR with intervals, per group.

The numbers are those of a neutral scorer whose rules stand in `ranks`: a miss of any kind stays in the
denominator, results are given plain and with at most five cases per disease (a few diseases hold most published
cases), and intervals resample diseases with a fixed seed. Summation order is part of the definition, since results
are rounded.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from rarescale.errors import InputError
from rarescale.evaluation.intervals import REPLICATES, draws, ends
from rarescale.evaluation.metrics import MRR_CUT
from rarescale.evaluation.outcomes import Outcome, rank_of
from rarescale.evaluation.paired import TOPS
from rarescale.evaluation.ranks import Equivalence, equivalence, outcome_of

CASES_PER_DISEASE = 5
SEED = 0

Ranks = Sequence[int | None]


class Scored(NamedTuple):
    """One line of the truth: its id, the disease it is a case of, its group by `by` (None without) and its outcome."""

    id: str
    disease: tuple[str, ...]
    group: str | None
    outcome: Outcome


def score_files(
    truth: str | Path, predictions: str | Path, *, by: str | None = None, mapping: Sequence[str | Path] = ()
) -> dict[str, Any]:
    """Counts of missing and failed cases, and under `groups` the measures of each group, ready for JSON.

    `truth` holds case or chat lines with `diagnosis`, `predictions` the output of `rarescale diagnose --json`, both
    gzipped where the name ends in .gz. `by` groups by that key of the truth lines. `mapping` files are TSV with a
    header and rows ``id, id, relation``; relation E makes two ids one disease. Raises InputError for a file or
    line that cannot be read, with the line; a broken answer is a miss.
    """
    disease = equivalence(pair for path in mapping for pair in read_mapping(path))
    scored, predicted = score_cases(read_lines(truth), read_lines(predictions), disease, by=by)
    failed = sum("error" in predicted.get(case.id, {}) for case in scored)
    missing = sum(case.id not in predicted for case in scored)
    return {"missing": missing, "failed": failed, "groups": summaries(scored)}


def score_cases(
    truth: Sequence[Mapping[str, Any]],
    predictions: Sequence[Mapping[str, Any]],
    disease: Equivalence,
    *,
    by: str | None = None,
) -> tuple[list[Scored], dict[str, Mapping[str, Any]]]:
    """The outcome of every truth line, in order, and the predictions by id (the last of equal ids stands)."""
    predicted = {str(p.get("id")): p for p in predictions}
    scored = []
    for number, case in enumerate(truth, 1):
        ids, key = _diagnosis(case, number), str(case["id"])
        cluster = tuple(sorted({disease(i) for i in ids}))
        group = str(case.get(by)) if by else None
        scored.append(Scored(key, cluster, group, outcome_of(ids, predicted.get(key), disease)))
    return scored, predicted


def _diagnosis(case: Mapping[str, Any], number: int) -> list[str]:
    ids = case.get("diagnosis")
    if "id" not in case or not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
        raise InputError(
            f"truth line {number} ({case.get('id')!r}): expected `id` and `diagnosis`, a list of disease ids; "
            f"found diagnosis {ids!r}; add it or leave the case out of the truth"
        )
    return ids


def summaries(scored: Sequence[Scored]) -> dict[str, Any]:
    """Measures of all cases and of each group, plain and with at most five cases per disease.

    A group that happens to be called "all" joins all cases, and counts its own twice; name it otherwise.
    """
    rows: dict[str, dict[tuple[str, ...], list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for case in scored:
        for name in ["all"] if case.group is None else ["all", case.group]:
            rows[name][case.disease].append(rank_of(case.outcome))
    return {
        f"{name} | {label}": summary([ranks[:limit] for ranks in clusters.values()])
        for name, clusters in rows.items()
        for label, limit in (("plain", None), (f"<={CASES_PER_DISEASE} per disease", CASES_PER_DISEASE))
    }


def summary(clusters: Sequence[Ranks]) -> dict[str, Any]:
    """n, number of diseases, top-k, MRR and their 95 % intervals; ranks per disease, None = miss."""
    hits = {f"top{k}": [sum(1 for r in c if r and r <= k) for c in clusters] for k in TOPS}
    reciprocal = [[1 / r for r in c if r and r <= MRR_CUT] for c in clusters]
    sizes = [len(c) for c in clusters]
    everything = _measures(range(len(clusters)), sizes, hits, reciprocal)
    replicates: dict[str, list[float]] = defaultdict(list)
    for drawn in draws(len(clusters), random.Random(SEED), REPLICATES):
        for name, value in _measures(drawn, sizes, hits, reciprocal).items():
            replicates[name].append(value)
    intervals = {name: [round(x, 3) for x in ends(values)] for name, values in replicates.items()}
    measures = {name: round(value, 4) for name, value in everything.items()}
    return {"n": sum(sizes), "diseases": len(clusters), **measures, "ci95": intervals}


def _measures(
    drawn: Sequence[int], sizes: list[int], hits: dict[str, list[int]], reciprocal: list[list[float]]
) -> dict[str, float]:
    n = sum(map(sizes.__getitem__, drawn))
    measures = {name: sum(map(counts.__getitem__, drawn)) / n for name, counts in hits.items()}
    measures["mrr"] = sum(chain.from_iterable(map(reciprocal.__getitem__, drawn))) / n
    return measures


def read_mapping(path: str | Path) -> Iterator[tuple[str, str]]:
    """The pairs of ids that a TSV file with a header says are exactly one disease. Raises InputError with the line."""
    try:
        rows = Path(path).read_text(encoding="utf-8").split("\n")[1:]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected a mapping of disease ids, TSV in UTF-8; {error}") from error
    for number, row in enumerate(rows, 2):
        columns = row.split("\t")
        if not row.strip():
            continue
        if len(columns) < 3:
            raise InputError(f"{path} line {number}: expected id, id, relation apart by tabs; found {row[:80]!r}")
        if columns[2] == "E":
            yield columns[0], columns[1]


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    """The objects of a JSONL file, blank lines skipped. Raises InputError with the line."""
    opener = gzip.open if str(path).endswith(".gz") else open
    found: list[dict[str, Any]] = []
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    found.append(_object(path, number, line))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected JSON lines in UTF-8; {error}") from error
    return found


def _object(path: str | Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise InputError(f"{path} line {number}: expected one JSON object; {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"{path} line {number}: expected one JSON object; found {type(value).__name__}")
    return value


def score_text(result: Mapping[str, Any]) -> str:
    """The result of `score_files` for people: one line per group, percent with intervals."""
    lines = [f"missing {result['missing']}, failed {result['failed']}"]
    for name, m in result["groups"].items():
        cells = [
            f"{k}={100 * m[k]:5.1f}[{100 * m['ci95'][k][0]:.0f}-{100 * m['ci95'][k][1]:.0f}]"
            for k in (*(f"top{t}" for t in TOPS), "mrr")
        ]
        lines.append(f"{name:44s} n={m['n']:5d} diseases={m['diseases']:4d} {' '.join(cells)}")
    return "\n".join(lines)
