"""Diagnosis from conversations: from their text, and from their labels, which is what reading could reach at best.

    python benchmarks/chats.py CHATS.jsonl [MORE.jsonl ...] [--mapping FILE.tsv ...]

Top-1, 5 and 10 among all diseases (`--among all`), ties against; and, of the chats of common diseases (`class`), the
share with a rare disease on top. The labels of a chat stand in for perfect reading; sex and age are read from it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from ranking import judged, same_disease

from rarescale.diagnose import open_diagnoser
from rarescale.evaluation import rank_of
from rarescale.formats import read_inputs
from rarescale.record import Case, Chat, Differential

LISTED = 60


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chats", type=Path, nargs="+")
    parser.add_argument("--mapping", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    diagnoser, root = open_diagnoser(), same_disease(options.mapping)
    for path in options.chats:
        print(path.name)
        chats = [c for c in read_inputs([str(path)]) if isinstance(c, Chat)]
        common = [c.extra.get("class") == "common" for c in chats]
        text = [diagnoser.diagnose(c, top=LISTED) for c in chats]
        labels = [diagnoser.diagnose(as_case(c, a.sex, a.age), top=LISTED) for c, a in zip(chats, text, strict=True)]
        for name, answers in (("text", text), ("labels", labels)):
            ranks = [rank_of(judged(a, c.diagnosis, root)) for a, c in zip(answers, chats, strict=True)]
            print(line(name, answers, ranks, common))


if __name__ == "__main__":
    main()
