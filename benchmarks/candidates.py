"""The shipped candidate model on conversations written by others: alone, baselines beside it, and how many to take.

    python benchmarks/candidates.py CHATS.jsonl [MORE.jsonl ...]

All files pooled; top-1, 5, 10 among all diseases, ties against. "k candidates": only the model's k best diseases keep
their score in the fusion, all others get the floor. Also seconds to load the model and milliseconds a chat.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rarescale.candidates import CandidateModel, ExpertList, Talk, shipped_model, talk_of
from rarescale.diagnose import open_diagnoser
from rarescale.differential import fuse
from rarescale.expert import Ranking
from rarescale.formats import read_inputs
from rarescale.record import Chat

COUNTS = (1, 3, 5, 10, 20, 50)


@dataclass
class Patient:
    """One chat, read."""

    truth: set[int]
    talk: Talk
    certain: Ranking | None
    hinted: Ranking | None


@dataclass
class Best:
    """A proposal of which only the `count` best are kept."""

    scores: np.ndarray

    @classmethod
    def of(cls, scores: np.ndarray, count: int) -> Best:
        """Of all scores."""
        kept = np.full(len(scores), -np.inf)
        best = np.argsort(-scores)[:count]
        kept[best] = scores[best]
        return cls(kept)

    def clues(self, disease: int, count: int = 8) -> list[object]:
        """None."""
        return []


def rank(scores: np.ndarray, truth: set[int]) -> float:
    value = max((scores[d] for d in truth), default=-np.inf)
    return float((scores >= value).sum()) if np.isfinite(value) else np.inf


def show(name: str, ranks: list[float]) -> None:
    print(f"{name:28} " + "  ".join(f"top-{k} {np.mean([r <= k for r in ranks]) * 100:5.1f}" for k in (1, 5, 10)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chats", type=Path, nargs="+")
    options = parser.parse_args()
    engine = open_diagnoser()
    knowledge = engine.knowledge
    start = time.perf_counter()
    model = shipped_model(knowledge)
    if model is None:
        raise SystemExit("the package has no candidate model")
    print(f"model loaded in {time.perf_counter() - start:.2f} s")
    patients = []
    for chat in read_inputs([str(p) for p in options.chats]):
        if not isinstance(chat, Chat):
            continue
        understood = engine.understand(chat)
        certain, hinted = engine.rankings(understood)
        truth = {d for i in chat.diagnosis if (d := knowledge.diseases.index(i)) is not None}
        patients.append(Patient(truth, talk_of(chat, understood, knowledge.ontology), certain, hinted))
    start = time.perf_counter()
    proposals = [model.propose(p.talk) for p in patients]
    print(f"{(time.perf_counter() - start) / len(patients) * 1000:.1f} ms a chat, after reading")
    prior = engine.expert.prior  # type: ignore[attr-defined]

    def fused(proposal: object, p: Patient) -> np.ndarray:
        return fuse(p.certain, p.hinted, proposal, prior, engine.fusion, spoken=True).scores  # type: ignore[arg-type]

    baselines: list[CandidateModel] = [ExpertList(engine.expert, len(knowledge.diseases))]
    print(f"{len(patients)} chats")
    show(f"{model.name} alone", [rank(q.scores, p.truth) for q, p in zip(proposals, patients, strict=True)])
    for baseline in baselines:
        show(f"{baseline.name} alone", [rank(baseline.propose(p.talk).scores, p.truth) for p in patients])
    show("no candidates", [rank(fused(None, p), p.truth) for p in patients])
    for count in COUNTS:
        ranks = [rank(fused(Best.of(q.scores, count), p), p.truth) for q, p in zip(proposals, patients, strict=True)]
        show(f"{count} candidates", ranks)
    show("all candidates", [rank(fused(q, p), p.truth) for q, p in zip(proposals, patients, strict=True)])


if __name__ == "__main__":
    main()
