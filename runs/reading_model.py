"""Trains a window model of reading, with which candidate models are trained, and writes its file.

    python runs/reading_model.py OUT.npz [--tellings runs/tellings.tsv] [--half 0|1] [--epochs N] [--seed S]

Learned from: names of the findings a patient can know or be told, factors, unreserved lay expressions, and neutral talk
(`neutral.tsv`). A window of words is the sum of the vectors of its words, pairs of neighbours and pieces of words,
brought to length one; a term is a vector, "nothing" is several. Softmax over all of them; Adam; one process.
From the second half of the epochs on it also learns from tellings: sentences of which only the findings are known. The
window that the model takes to tell a finding is then an example of it, and words outside of such windows tell nothing.
With `--half` only one half of the lay expressions is learned: for readings that other models are trained on.
The same seed, torch and number of threads give the same file. Needs `torch`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from reading_examples import Examples, Sentence, Words, gather, nothing, told, varied

from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.reading.learned.features import DENIAL, pair_key, piece_keys, stem_keys

WIDTH = 96
"""Numbers in a vector."""
NOTHINGS = 24
"""Vectors that stand for "nothing is said"."""
BATCH = 512
SHARE_NOTHING = 0.72
LEARNING_RATE = 0.004
PRIOR, USUAL = 0.6, 20
"""Weight of the prior (chosen on one half of the development chats), and the count that stands for a factor's."""
LEAST_PAIRS, LEAST_PIECES = 2, 3
"""Rarer features are left out."""
LONGEST = 7
"""Longest window in kept words."""
TRACE = -7.0
"""Least log probability of a finding in its best window; below, the sentence does not teach it."""
BETWEEN = 0.4
"""Share of words of tellings, between their findings, among what tells nothing."""
DROP_STEM, DROPOUT = 0.06, 0.3


def spans_of(count: int) -> list[tuple[int, int]]:
    """All windows of 1 to `LONGEST` of `count` words."""
    return [(i, j) for i in range(count) for j in range(i + 1, min(i + LONGEST, count) + 1)]


@torch.no_grad()
def aligned(net: Net, vocabulary: Vocabulary, sentences: list[Sentence]) -> tuple[list[tuple[Words, int]], list[Words]]:
    """For each told finding the window that most probably tells it, where one does so at all; and words in between.

    A window of a finding starts with no more than a trace of it: what counts is that it fits better than any other
    window and than chance, so that the model can learn words it did not know.
    """
    net.eval()
    pairs: list[tuple[Words, int]] = []
    between: list[Words] = []
    for sentence in sentences:
        words = sentence.words
        spans = spans_of(len(words))
        if not spans:
            continue
        logits = net(*batch_of([vocabulary.features(words[i:j]) for i, j in spans], dropout=0.0))
        shares = torch.log_softmax(logits, 1)
        taken: set[int] = set()
        for label in dict.fromkeys(sentence.labels):
            free = [k for k, (i, j) in enumerate(spans) if taken.isdisjoint(range(i, j))]
            if not free:
                break
            best = max(free, key=lambda k: float(shares[k, label]))
            if float(shares[best, label]) >= TRACE:
                i, j = spans[best]
                pairs.append((words[i:j], label))
                taken.update(range(i, j))
        rest = [w for k, w in enumerate(words) if k not in taken]
        if len(rest) >= 2:
            between.append(tuple(rest[:LONGEST]))
            if len(rest) > LONGEST:
                between.append(tuple(rest[-LONGEST:]))
    net.train()
    return pairs, between


class Vocabulary:
    """The features that are learned, each with a row; row 0 is no feature, row 1 an unknown word."""

    def __init__(self, texts: list[Words]) -> None:
        """The features of `texts` that are common enough."""
        counts: Counter[int] = Counter()
        kept: dict[int, None] = {}
        pieces: Counter[int] = Counter()
        for word in sorted({w for words in texts for w in words}):
            kept.update(dict.fromkeys(stem_keys(word)))
            pieces.update(piece_keys(word))
        for words in texts:
            counts.update(pair_key(a, b) for a, b in pairwise(words))
        kept.update((k, None) for k, n in pieces.items() if n >= LEAST_PIECES)
        kept.update((k, None) for k, n in counts.items() if n >= LEAST_PAIRS)
        self.keys = np.array(sorted(kept), np.uint32)
        self.row = {int(k): i + 2 for i, k in enumerate(self.keys)}
        self._words: dict[str, list[tuple[int, float]]] = {}

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.keys) + 2

    def word(self, form: str, *, stem: bool = True) -> list[tuple[int, float]]:
        """Rows and weights of a word; without its stem it is an unknown word with known pieces."""
        rows = [(self.row[k], 1.0) for k in stem_keys(form) if stem and k in self.row]
        if not rows:
            rows = [(1, 1.0)]
        pieces = [self.row[k] for k in piece_keys(form) if k in self.row]
        return rows + [(r, 1.0 / len(pieces)) for r in pieces]

    def features(self, words: Words, rng: random.Random | None = None) -> list[tuple[int, float]]:
        """Rows and weights of a window; with `rng` some stems and pairs are left out at random."""
        found: list[tuple[int, float]] = []
        for word in words:
            if rng is not None and rng.random() < DROP_STEM and len(word) > 3:
                found += self.word(word, stem=False)
                continue
            if word not in self._words:
                self._words[word] = self.word(word)
            found += self._words[word]
        for a, b in pairwise(words):
            row = self.row.get(pair_key(a, b))
            if row is not None and (rng is None or rng.random() > 0.25):
                found.append((row, 1.0))
        return found


class Net(torch.nn.Module):
    """Windows into terms; `forward` gives (b, terms + NOTHINGS) logits."""

    def __init__(self, features: int, terms: int) -> None:
        """Random vectors."""
        super().__init__()
        self.features = torch.nn.EmbeddingBag(features, WIDTH, mode="sum", padding_idx=0)
        torch.nn.init.normal_(self.features.weight, std=0.1)
        self.terms = torch.nn.Parameter(torch.randn(terms + NOTHINGS, WIDTH) * 0.1)
        self.bias = torch.nn.Parameter(torch.zeros(terms + NOTHINGS))
        self.scale = torch.nn.Parameter(torch.tensor(2.3))

    def forward(self, rows: torch.Tensor, weights: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        """Logits of the windows that an embedding bag's arguments describe."""
        window = self.features(rows, offsets, per_sample_weights=weights)
        window = window / (window.norm(dim=1, keepdim=True) + 1e-2)
        towards = torch.nn.functional.normalize(self.terms, dim=1)
        return self.scale.exp() * (window @ towards.T) + self.bias


def batch_of(
    listed: list[list[tuple[int, float]]], dropout: float = DROPOUT
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Flat rows, weights and offsets for an embedding bag."""
    rows = torch.tensor([r for one in listed for r, _ in one])
    weights = torch.nn.functional.dropout(torch.tensor([w for one in listed for _, w in one]), dropout, dropout > 0)
    offsets = torch.tensor(np.cumsum([0, *(len(one) for one in listed[:-1])]))
    return rows, weights, offsets


def loss_of(logits: torch.Tensor, labels: torch.Tensor, terms: int) -> torch.Tensor:
    """Mean negative log likelihood; label `terms` is "nothing", which any of its vectors may explain."""
    whole = torch.logsumexp(logits, 1)
    none = torch.logsumexp(logits[:, terms:], 1)
    own = logits.gather(1, labels.clamp(max=terms - 1)[:, None])[:, 0]
    return (whole - torch.where(labels == terms, none, own)).mean()


def train(examples: Examples, vocabulary: Vocabulary, sentences: list[Sentence], *, epochs: int, seed: int) -> Net:
    """The trained network."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    terms = len(examples.terms)
    net = Net(len(vocabulary), terms)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98))
    fillers = [w for words in examples.neutral for w in words if w != DENIAL]
    positives = round(BATCH * (1 - SHARE_NOTHING))
    later = epochs // 2 if sentences else epochs
    more = sum(len(x.labels) for x in sentences) // positives
    steps = epochs * (len(examples.texts) // positives) + (epochs - later) * (more + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps + 1, pct_start=0.1)
    start = time.perf_counter()
    for epoch in range(epochs):
        pairs = list(zip(examples.texts, examples.labels, strict=True))
        between: list[Words] = []
        if epoch >= later:
            learned, between = aligned(net, vocabulary, sentences)
            pairs += learned
        order = rng.sample(range(len(pairs)), len(pairs))
        total = 0.0
        for first in range(0, len(order) - positives + 1, positives):
            chosen = order[first : first + positives]
            texts = [varied(pairs[i][0], fillers, rng) for i in chosen]
            texts += [
                rng.choice(between) if between and rng.random() < BETWEEN else nothing(examples, rng)
                for _ in range(BATCH - positives)
            ]
            labels = torch.tensor([pairs[i][1] for i in chosen] + [terms] * (BATCH - positives))
            logits = net(*batch_of([vocabulary.features(t, rng) or [(1, 1.0)] for t in texts]))
            loss = loss_of(logits, labels, terms)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        mean, seconds = total / (len(order) // positives), time.perf_counter() - start
        print(f"epoch {epoch} loss {mean:.3f} {seconds:.0f} s {len(pairs)} pairs", flush=True)  # noqa: T201
    return net


def prior(knowledge: Knowledge, terms: list[str]) -> np.ndarray:
    """Log odds of the terms against each other, (t,): how many annotations have them, softened and centred."""
    ontology = knowledge.ontology
    counts = np.bincount(knowledge.diseases.rows["term"], minlength=len(ontology))
    rows = [ontology.index(term) for term in terms]
    told = np.array([counts[r] if t.startswith("HP:") else USUAL for r, t in zip(rows, terms, strict=True)])
    weights = np.log1p(told)
    shifted: np.ndarray = PRIOR * (weights - weights.mean())
    return shifted


def save(path: Path, net: Net, vocabulary: Vocabulary, terms: list[str], shift: np.ndarray) -> None:
    """Write the arrays described in `rarescale.reading.learned.model`, the bias of terms shifted by `shift`."""
    with torch.no_grad():
        vectors = net.features.weight[1:].numpy()
        towards = torch.nn.functional.normalize(net.terms, dim=1) * net.scale.exp()
        size = np.abs(vectors).max(axis=1, keepdims=True) / 127.0 + 1e-9
        np.savez(
            path,
            keys=vocabulary.keys,
            vectors=np.round(vectors / size).astype(np.int8),
            sizes=size[:, 0].astype(np.float16),
            towards=towards.numpy().astype(np.float16),
            bias=(net.bias.numpy() + np.pad(shift, (0, NOTHINGS))).astype(np.float16),
            terms=np.frombuffer("\n".join(terms).encode(), np.uint8),
        )


def main() -> None:
    """Parse, train, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=11)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tellings", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--neutral", type=Path, default=Path(__file__).with_name("neutral.tsv"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    knowledge = open_knowledge()
    examples = gather(knowledge.ontology, options.neutral, options.half)
    sentences = told(options.tellings, examples.terms)
    vocabulary = Vocabulary([*examples.texts, *examples.neutral, *(x.words for x in sentences)])
    print(f"{len(examples.texts)} examples, {len(examples.terms)} terms, {len(vocabulary)} features")  # noqa: T201
    net = train(examples, vocabulary, sentences, epochs=options.epochs, seed=options.seed)
    save(options.out, net, vocabulary, examples.terms, prior(knowledge, examples.terms))


if __name__ == "__main__":
    main()
