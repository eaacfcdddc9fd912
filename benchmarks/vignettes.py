"""The vignettes of acquired and common diseases, all diseases as candidates, from labels and from text.

    python benchmarks/vignettes.py [VIGNETTES.jsonl]

Vignettes are case lines with `text` and `class`, one per disease, written without sight of the disease's profile.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from rarescale.diagnose import open_diagnoser
from rarescale.formats import read_inputs
from rarescale.record import Case, Differential, Note

SHIPPED = Path(__file__).parent.parent / "tests" / "diagnose" / "vignettes.jsonl"
LISTED = 20


def rank_of(answer: Differential, truth: set[str]) -> float:
    """Rank of the first entry with an id of the truth, ties counted against; infinite if not listed."""
    hits = [c for c in answer.differential if truth & set(c.ids)]
    return sum(c.score >= hits[0].score for c in answer.differential) if hits else np.inf


def line(name: str, answers: list[Differential], cases: list[Case]) -> str:
    ranks = np.array([rank_of(a, set(c.diagnosis)) for a, c in zip(answers, cases, strict=True)])
    share = "  ".join(f"top-{k} {(ranks <= k).mean() * 100:5.1f}" for k in (1, 5, 10))
    common = [a for a, c in zip(answers, cases, strict=True) if c.extra["class"] == "common"]
    if not common:
        return f"{name:10} n={len(cases)}  {share}"
    balanced = sum(bool(a.differential) and a.differential[0].rarity in ("common", "uncommon") for a in common)
    silent = sum(not a.differential for a in common)
    return (
        f"{name:10} n={len(cases)}  {share}  of {len(common)} common ones: a common or uncommon disease on top "
        f"{balanced / len(common) * 100:.1f}, nothing understood {silent / len(common) * 100:.1f}"
    )


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else str(SHIPPED)
    cases = [c for c in read_inputs([path]) if isinstance(c, Case)]
    diagnoser = open_diagnoser()
    labels = [diagnoser.diagnose(c, top=LISTED) for c in cases]
    notes = [Note(id=c.id, text=f"{_who(c)}. {c.extra['text']}") for c in cases]
    texts = [diagnoser.diagnose(n, top=LISTED) for n in notes]
    print(line("labels", labels, cases))
    print(line("text", texts, cases))
    for rarity in ("rare", "uncommon", "common"):
        chosen = [k for k, c in enumerate(cases) if c.extra["class"] == rarity]
        print(line(f"  {rarity}", [labels[k] for k in chosen], [cases[k] for k in chosen]))


def _who(case: Case) -> str:
    age = (
        "" if case.age is None else f"{case.age:.0f}-year-old " if case.age >= 2 else f"{case.age * 12:.0f}-month-old "
    )
    return f"{age}{(case.sex or 'patient').lower()}"


if __name__ == "__main__":
    main()
