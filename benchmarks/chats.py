"""Diagnosis from conversations: the expert on what is read, the whole engine, and the expert on the labels.

    python benchmarks/chats.py CHATS.jsonl [MORE.jsonl ...] [--mapping FILE.tsv ...]

Top-1, 5 and 10 among all diseases (`--among all`), ties against; and, of the chats of common diseases (`class`), the
share with a rare disease on top. The labels of a chat stand in for perfect reading; sex and age are read from it. At
the end the gain of the whole engine over the expert, all files pooled, with a 95 % interval that resamples diseases.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from ranking import judged, same_disease

from rarescale.diagnose import Diagnoser, open_diagnoser
from rarescale.evaluation import rank_of
from rarescale.formats import read_inputs
from rarescale.record import Case, Chat, Differential

LISTED = 60
RESAMPLED = 2000


def as_case(chat: Chat, sex: object, age: object) -> Case:
    """The chat's labels as a structured case."""
    labels = tuple(f.model_copy(update={"text": f.id or f.text}) for m in chat.messages for f in m.labels)
    return Case.model_validate({"id": chat.id, "findings": labels, "sex": sex, "age": age})


def line(name: str, answers: list[Differential], ranks: list[int | None], common: list[bool]) -> str:
    shares = "  ".join(f"top-{k} {np.mean([bool(r) and r <= k for r in ranks]) * 100:5.1f}" for k in (1, 5, 10))
    tops = [a.differential[0].rarity for a, c in zip(answers, common, strict=True) if c and a.differential]
    if not tops:
        return f"  {name:7} n={len(ranks)}  {shares}"
    wolf = sum(t in ("rare", "unknown") for t in tops)
    return f"  {name:7} n={len(ranks)}  {shares}  a rare disease on top of {wolf} of {len(tops)} common ones"


def gain(before: np.ndarray, after: np.ndarray, diseases: list[str]) -> tuple[float, float, float]:
    """Mean difference in points and its interval, resampling diseases."""
    names, owner = np.unique(diseases, return_inverse=True)
    change = after.astype(float) - before
    sums, counts = np.bincount(owner, change), np.bincount(owner)
    drawn = np.random.default_rng(0).integers(0, len(names), (RESAMPLED, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return change.mean() * 100, low * 100, high * 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chats", type=Path, nargs="+")
    parser.add_argument("--mapping", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    whole, root = open_diagnoser(), same_disease(options.mapping)
    expert = Diagnoser(whole.knowledge, reader=whole.reader, expert=whole.expert, candidates=None, hints=False)
    pooled: dict[str, list[int | None]] = {"expert": [], "engine": []}
    diseases: list[str] = []
    for path in options.chats:
        print(path.name)
        chats = [c for c in read_inputs([str(path)]) if isinstance(c, Chat)]
        common = [c.extra.get("class") == "common" for c in chats]
        diseases += [c.diagnosis[0] for c in chats]
        text = {"expert": [expert.diagnose(c, top=LISTED) for c in chats]}
        text["engine"] = [whole.diagnose(c, top=LISTED) for c in chats]
        cases = [as_case(c, a.sex, a.age) for c, a in zip(chats, text["expert"], strict=True)]
        text["labels"] = [expert.diagnose(case, top=LISTED) for case in cases]
        for name, answers in text.items():
            ranks = [rank_of(judged(a, c.diagnosis, root)) for a, c in zip(answers, chats, strict=True)]
            print(line(name, answers, ranks, common))
            if name in pooled:
                pooled[name] += ranks
    for k in (1, 5, 10):
        hits = {name: np.array([bool(r) and r <= k for r in ranks]) for name, ranks in pooled.items()}
        mean, low, high = gain(hits["expert"], hits["engine"], diseases)
        shares = f"{hits['expert'].mean() * 100:.1f} -> {hits['engine'].mean() * 100:.1f}"
        print(f"pooled n={len(diseases)}  top-{k}: {shares}, gain {mean:+.1f} [{low:+.1f}, {high:+.1f}]")


if __name__ == "__main__":
    main()
