"""Learns how much the evidence of the embedding stage weighs, and writes the stage's weights.

    python runs/reading_embed.py OUT.json --tellings runs/tellings.tsv --model UNTOLD.npz [--sentences N] [--seed S]

Windows of unreserved tellings (`make_tellings.py`) and of neutral talk (`neutral.tsv`): a window tells a term where the
term, a parent or a child of it is among the findings of its sentence. Labels are not complete, so probabilities are
lower bounds. UNTOLD is a model of the learned stage that learned from no telling (`reading_model.py UNTOLD.npz --half 0
--epochs 8`): the shipped one has seen these sentences and would be trusted too much. A fifth of the tellings is left
out of the fit, and on it the threshold is chosen: the least at which the new findings are right in `--precision` of
the cases. Needs the extra [embed].
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple
from zlib import crc32

import numpy as np

from rarescale.knowledge import Ontology, open_knowledge
from rarescale.reading import embed_expressions_of, names_of
from rarescale.reading.embed import EmbedFinder, Weights, embed_finder, open_embedder, open_space
from rarescale.reading.embed.evidence import FEATURES
from rarescale.reading.index import Index, compile_names
from rarescale.reading.learned import Model
from rarescale.reading.learned.windows import Guess, settle
from rarescale.reading.tokens import sentences, tokenize

RIDGE = 1.0
"""Weight of the sum of squared (standardised) weights against the log likelihood."""


class Told(NamedTuple):
    """A sentence, the ids of what it tells or denies, and whether the fit leaves it out."""

    text: str
    findings: frozenset[str]
    held: bool


def tellings(path: Path, count: int, seed: int) -> list[Told]:
    """`count` sentences of unreserved tellings; all of a telling are fitted or held out together."""
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["reserved"]:
                held = crc32(f"held {row['disease']} {row['telling']}".encode()) % 5 == 0
                ids = frozenset(i.removeprefix("-") for i in row["findings"].split())
                found.append(Told(row["sentence"], ids, held))
    return Random(seed).sample(found, min(count, len(found)))


def neutral(path: Path) -> list[Told]:
    """Talk that tells nothing; every fifth line is held out."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return [Told(line, frozenset(), k % 5 == 0) for k, line in enumerate(lines)]


def near(ontology: Ontology, term: str, told: frozenset[str]) -> bool:
    """Whether `term` is one of `told`, or a parent or child of one."""
    index = ontology.index(term)
    places = [place for one in told if (place := ontology.index(one)) is not None]
    return index is not None and any(
        index == other or other in ontology.parents[index] or index in ontology.parents[other] for other in places
    )


def fit(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias of a logistic, by Newton's method on standardised features."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    x = np.column_stack([(features - mean) / scale, np.ones(len(features))])
    penalty = np.append(np.full(features.shape[1], RIDGE), 0.0)
    w = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-(x @ w)))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        w += np.linalg.solve(hessian, x.T @ (labels - p) - penalty * w)
    return w[:-1] / scale, float(w[-1] - (w[:-1] * mean / scale).sum())


def main() -> None:
    """Parse, gather, fit, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--tellings", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--neutral", type=Path, default=Path(__file__).with_name("neutral.tsv"))
    parser.add_argument("--embed-model", type=Path)
    parser.add_argument("--sentences", type=int, default=4000)
    parser.add_argument("--precision", type=float, default=0.6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    knowledge, embedder = open_knowledge(), open_embedder(options.embed_model)
    ontology = knowledge.ontology
    space = open_space(knowledge, embedder, embed_expressions_of(ontology))
    with np.load(options.model) as arrays:
        model = Model(dict(arrays))
    index = Index(compile_names(list(names_of(ontology))), ontology.ancestor_ids)
    unweighed = Weights({"features": FEATURES, "weights": [0.0] * len(FEATURES), "bias": 0.0, "threshold": 0.5})
    finder = embed_finder(index, model, space, embedder, unweighed, ontology)
    material = [*tellings(options.tellings, options.sentences, options.seed), *neutral(options.neutral)]
    start = time.perf_counter()
    rows = [row for k, told in enumerate(material) for row in evidence_of(k, told, finder, ontology, space.terms)]
    features, labels = np.array([r.features for r in rows]), np.array([r.right for r in rows], float)
    held = np.array([material[r.sentence].held for r in rows])
    weights, bias = fit(features[~held], labels[~held])
    fields = {"features": FEATURES, "weights": weights.tolist(), "bias": bias, "threshold": 0.5}
    probabilities = 1 / (1 + np.exp(-(features[held] @ weights + bias)))
    kept = settled([r for r, h in zip(rows, held, strict=True) if h], probabilities)
    sentences_held = sum(t.held for t in material)
    print(f"{len(rows)} rows of {len(material)} sentences, {time.perf_counter() - start:.0f} s")  # noqa: T201
    print(f"held: {held.sum()} rows of {sentences_held} sentences; threshold, findings, right, wrong in neutral talk")  # noqa: T201
    chosen = 1.0
    for threshold in np.arange(0.9, 0.25, -0.05).round(2).tolist():
        over = [(r, p) for r, p in kept if p >= threshold]
        right = sum(r.right for r, _ in over)
        idle = sum(material[r.sentence].findings == frozenset() for r, _ in over)
        share = right / max(1, len(over))
        print(f"  {threshold:.2f} {len(over):5d} {right:5d} {share:.3f}   in sentences that tell nothing {idle}")  # noqa: T201
        if share >= options.precision:
            chosen = threshold
    fields |= {
        "threshold": chosen,
        "provenance": {
            "made_by": "runs/reading_embed.py",
            "model": embedder.identity,
            "knowledge": knowledge.release.release,
            "sentences": len(material),
            "rows": len(rows),
            "seed": options.seed,
            "precision_on_held": options.precision,
        },
    }
    options.out.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")


class Row(NamedTuple):
    """Evidence about one window, the number of its sentence, and whether the term is told there."""

    sentence: int
    places: tuple[int, ...]
    term: int
    features: tuple[float, ...]
    right: bool


def evidence_of(number: int, told: Told, finder: EmbedFinder, ontology: Ontology, terms: list[str]) -> Iterator[Row]:
    """The rows of one line of the material, which may be several sentences."""
    for k, tokens in enumerate(sentences(tokenize(told.text))):
        for places, evidence in finder.evidence(tokens, told.text):
            right = near(ontology, terms[evidence.term], told.findings)
            yield Row(number, tuple(p + 100 * k for p in places), evidence.term, evidence.features, right)


def settled(rows: list[Row], probabilities: np.ndarray) -> list[tuple[Row, float]]:
    """What would be found: of each sentence the most probable rows that share no word."""
    by_sentence: dict[int, list[tuple[Row, float]]] = {}
    for row, p in zip(rows, probabilities.tolist(), strict=True):
        by_sentence.setdefault(row.sentence, []).append((row, p))
    found = []
    for listed in by_sentence.values():
        known = {(r.places, r.term): (r, p) for r, p in listed}
        guesses = [Guess(r.places, r.term, p, False) for r, p in listed]
        found += [known[g.places, g.term] for g in settle(guesses)]
    return found


if __name__ == "__main__":
    main()
