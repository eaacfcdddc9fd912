"""How far two judges agree beyond chance: Cohen's kappa (Cohen 1960), linearly weighted for ordered levels (1968).

    kappa = 1 - sum w_ij o_ij / sum w_ij e_ij,    w_ij = 1 for i != j, or |i - j| / (k - 1) when weighted,

with observed shares o and those expected from the judges' own margins e. None where nothing could disagree by chance:
both judges gave one and the same answer throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rarescale.evaluation.judge import Judge, Level
from rarescale.evaluation.llm_judge import LlmJudged

Answer = int


@dataclass(frozen=True, slots=True)
class Agreement:
    """`agreed` share 0..1 of `n` pairs; `kappa` and `weighted` at most 1; None where undefined."""

    what: str
    n: int
    agreed: float | None
    kappa: float | None
    weighted: float | None = None


def kappa(
    pairs: Sequence[tuple[Answer, Answer]], categories: Sequence[Answer], *, weighted: bool = False
) -> float | None:
    """Kappa of pairs of answers out of `categories`, in their order. Raises ValueError for an answer outside them."""
    place = {c: k for k, c in enumerate(categories)}
    if any(a not in place or b not in place for a, b in pairs):
        raise ValueError(f"an answer is none of {list(categories)}")
    n, span = len(pairs), max(1, len(categories) - 1)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)

    def weight(a: Answer, b: Answer) -> float:
        return abs(place[a] - place[b]) / span if weighted else float(a != b)

    observed = sum(weight(a, b) for a, b in pairs) * n
    expected = sum(weight(a, b) * x * y for a, x in first.items() for b, y in second.items())
    return None if expected == 0 else 1 - observed / expected


def agreement(judged: Sequence[tuple[LlmJudged, Sequence[str]]], judge: Judge) -> list[Agreement]:
    """Judge A on every entry it was asked about and judge B on every list, each against the deterministic judge.

    Each judgement comes with the ids of the true disease. Failed judgements are left out, and `n` says how many remain.
    """
    binary: list[tuple[int, int]] = []
    graded: list[tuple[int, int]] = []
    for one, truth in judged:
        levels = [judge.judge(entry, truth, one.truth).level for entry in one.entries]
        binary += [(int(yes), int(levels[k] is Level.EXACT)) for k, yes in enumerate(one.a.answers)]
        if one.b.level is not None:
            graded.append((int(one.b.level), int(max(levels, default=Level.UNRELATED))))
    five = [int(level) for level in Level]
    return [
        Agreement("judge A, each entry right or not", len(binary), _share(binary), kappa(binary, [0, 1])),
        Agreement(
            "judge B, five levels of a list",
            len(graded),
            _share(graded),
            kappa(graded, five),
            kappa(graded, five, weighted=True),
        ),
    ]


def _share(pairs: Sequence[tuple[int, int]]) -> float | None:
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None
