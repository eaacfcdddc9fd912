"""Two runs on the same cases, case by case."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rarescale.errors import UsageError
from rarescale.evaluation.metrics import mrr, top_k
from rarescale.evaluation.outcomes import Outcome
from rarescale.evaluation.paired import TOPS, Comparison, compare
from rarescale.evaluation.runs.folder import Run
from rarescale.evaluation.runs.measures import outcome_in
from rarescale.evaluation.score import CASES_PER_DISEASE
from rarescale.record import SCHEMA_VERSION

Key = tuple[str, int]
"""The id of a case, and the how many-th of that id it is."""

NAMED = 5


def compare_runs(a: Run, b: Run, rng: random.Random) -> dict[str, Any]:
    """Differences A minus B with intervals and tests, plain and with at most five cases per disease.

    `won` and `lost` are the cases that A ranks better and worse than B. Raises UsageError where the runs are not over
    the same cases with the same truths, or were not scored by the same mapping.
    """
    first, second = _keyed(a), _keyed(b)
    _check_same(a, b, first, second)
    keys = list(first)
    pairs = [(first[k], second[k], outcome_in(first[k]), outcome_in(second[k])) for k in keys]
    capped = _capped([str(first[k]["disease"]) for k in keys])
    return {
        "schema_version": SCHEMA_VERSION,
        "a": _about(a),
        "b": _about(b),
        "n": len(keys),
        "diseases": len({row["disease"] for row in first.values()}),
        "plain": _compared(pairs, rng),
        "capped": _compared([pairs[k] for k in capped], rng),
        "won": [_moved(*p) for p in pairs if _place(p[2]) < _place(p[3])],
        "lost": [_moved(*p) for p in pairs if _place(p[2]) > _place(p[3])],
    }


_Pair = tuple[Mapping[str, Any], Mapping[str, Any], Outcome, Outcome]


def _keyed(run: Run) -> dict[Key, Mapping[str, Any]]:
    seen: Counter[str] = Counter()
    found = {}
    for row in run.cases:
        found[(row["id"], seen[row["id"]])] = row
        seen[row["id"]] += 1
    return found


def _check_same(a: Run, b: Run, first: Mapping[Key, Any], second: Mapping[Key, Any]) -> None:
    only_a, only_b = [k for k in first if k not in second], [k for k in second if k not in first]
    other = [k for k in first if k in second and set(first[k]["diagnosis"]) != set(second[k]["diagnosis"])]
    told = [
        f"{len(keys)} {what} ({', '.join(repr(k[0]) for k in keys[:NAMED])}{', …' if len(keys) > NAMED else ''})"
        for keys, what in (
            (only_a, f"missing in {b.folder}"),
            (only_b, f"missing in {a.folder}"),
            (other, "with another diagnosis"),
        )
        if keys
    ]
    if told:
        raise UsageError(
            f"{a.folder} and {b.folder} are not over the same cases: {'; '.join(told)}; "
            "paired tests need the same inputs, so run both on one set"
        )
    if [m["sha256"] for m in a.config["mapping"]] != [m["sha256"] for m in b.config["mapping"]]:
        raise UsageError(
            f"{a.folder} and {b.folder} were scored with different --mapping files; run both with the same"
        )


def _about(run: Run) -> dict[str, Any]:
    kept = ("engine", "knowledge", "asked", "git")
    return {"folder": str(run.folder), **{key: run.config[key] for key in kept}}


def _compared(pairs: Sequence[_Pair], rng: random.Random) -> dict[str, Any]:
    a, b = [p[2] for p in pairs], [p[3] for p in pairs]
    diseases = [str(p[0]["disease"]) for p in pairs]
    measures = compare(a, b, diseases, rng)
    return {"n": len(pairs), "diseases": len(set(diseases)), "measures": [_row(m, a, b) for m in measures]}


def _row(found: Comparison, a: Sequence[Outcome], b: Sequence[Outcome]) -> dict[str, Any]:
    of = {f"top{k}": (top_k(a, k), top_k(b, k)) for k in TOPS} | {"mrr": (mrr(a), mrr(b))}
    interval = found.interval
    return {
        "measure": found.measure,
        "a": of[found.measure][0],
        "b": of[found.measure][1],
        "difference": found.difference,
        "ci95": None if interval is None else [interval.low, interval.high],
        "test": found.test.name,
        "differing": found.test.n,
        "statistic": found.test.statistic,
        "effect": found.test.effect,
        "p": found.test.p,
        "p_holm": found.p_holm,
    }


def _capped(diseases: Sequence[str]) -> list[int]:
    """The positions of the first five cases of each disease."""
    seen: Counter[str] = Counter()
    kept = []
    for k, disease in enumerate(diseases):
        seen[disease] += 1
        if seen[disease] <= CASES_PER_DISEASE:
            kept.append(k)
    return kept


def _place(outcome: Outcome) -> float:
    return getattr(outcome, "rank", float("inf"))


def _moved(a: Mapping[str, Any], b: Mapping[str, Any], first: Outcome, second: Outcome) -> dict[str, Any]:
    return {
        "id": a["id"],
        "diagnosis_name": a["diagnosis_name"],
        "rank_a": getattr(first, "rank", None),
        "rank_b": getattr(second, "rank", None),
        "outcome_a": a["outcome"],
        "outcome_b": b["outcome"],
    }
