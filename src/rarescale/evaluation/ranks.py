"""The rank of the truth in a differential, by rules that give no system the benefit of the doubt.

* Which ids are one disease is judged by the `Equivalence` of the evaluation, never by the prediction.
* An entry that holds k such diseases occupies k ranks; a hit counts as the last of them.
* Equal scores count against: the truth comes last among its ties. Entries that hold the truth again are no rivals.
* Every entry needs a finite score and ids that are texts; one that has not makes the whole list worthless.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rarescale.evaluation.outcomes import Found, NotFound, NotScored, Outcome

Equivalence = Callable[[str], str]
"""From a disease id to the id that stands for its disease."""


def one_by_one(disease: str) -> str:
    """The equivalence without any mapping: every id is a disease of its own."""
    return disease


def equivalence(pairs: Iterable[tuple[str, str]]) -> Equivalence:
    """The equivalence that the closure of `pairs` of ids makes; an id in no pair stands for itself."""
    parent: dict[str, str] = {}

    def find(x: str) -> str:
        while (above := parent.get(x, x)) != x:
            parent[x] = parent.get(above, above)
            x = above
        return x

    for a, b in pairs:
        if (root := find(a)) != (other := find(b)):
            parent[root] = other
    return find


def outcome_of(truth: Sequence[str], prediction: object, disease: Equivalence = one_by_one) -> Outcome:
    """Where the disease with the ids `truth` stands in one answer of `rarescale diagnose --json`.

    `prediction` is the decoded object, or None where there is none. It is untrusted: nothing in it raises.
    """
    if prediction is None:
        return NotScored("missing")
    if not isinstance(prediction, Mapping):
        return NotScored("not an object")
    entries = prediction.get("differential") or []
    if not isinstance(entries, list) or not all(_is_sound(e) for e in entries):
        return NotScored("an entry without finite score or with broken ids")
    rank = _rank({disease(i) for i in truth}, entries, disease)
    if rank is not None:
        return Found(rank)
    return NotScored("failed") if "error" in prediction else NotFound()


def _is_sound(entry: object) -> bool:
    """Whether an entry has a finite score and ids that are texts."""
    if not isinstance(entry, (dict, Mapping)) or not _is_finite(entry.get("score")):
        return False
    ids = entry.get("ids") or []
    if not isinstance(ids, (list, Mapping)) or not isinstance(entry.get("id") or "", str):
        return False
    # A loop, not all(): this runs for every entry of every answer.
    for i in ids:  # noqa: SIM110
        if not isinstance(i, str):
            return False
    return True


def _is_finite(score: object) -> bool:
    if isinstance(score, bool):
        return False
    # A whole number is finite however long; math.isfinite overflows on those beyond the floats.
    return isinstance(score, int) or (isinstance(score, float) and math.isfinite(score))


def _rank(want: set[str], entries: Sequence[Mapping[str, Any]], disease: Equivalence) -> int | None:
    best: tuple[float, int] | None = None
    rivals: list[tuple[float, list[str]]] = []
    for entry in entries:
        ids = [i for i in (entry.get("id"), *(entry.get("ids") or ())) if i]
        if want.isdisjoint(map(disease, ids)):
            rivals.append((entry["score"], ids))
        else:
            row = (entry["score"], len({disease(i) for i in ids} - want) + 1)
            best = row if best is None else max(best, row)
    if best is None:
        return None
    return best[1] + sum(max(1, len({disease(i) for i in ids})) for score, ids in rivals if score >= best[0])


def outcome_in_scores(scores: np.ndarray, truth: Sequence[int], widths: np.ndarray | None = None) -> Outcome:
    """The same rules on the scores of all g candidates, float (g,), without making entries of them.

    `truth` holds the indices of the candidates that are the truth; `widths` int (g,) the diseases that each
    candidate occupies, 1 where not given. A score of -inf leaves a candidate out; NaN or +inf spoils the list.
    """
    if np.isnan(scores).any() or np.isposinf(scores).any():
        return NotScored("a score that is not a number")
    listed = [t for t in truth if np.isfinite(scores[t])]
    if not listed:
        return NotFound()
    width = np.ones(len(scores), np.int64) if widths is None else widths
    best, own = max((float(scores[t]), int(width[t])) for t in listed)
    ahead = scores >= best
    ahead[list(truth)] = False
    return Found(own + int(width[ahead].sum()))
