"""Ranks of the true disease for patients that are features already."""

from __future__ import annotations

import numpy as np

from rarescale.candidates.compact import CompactModel
from rarescale.candidates.training.blocks import Block, owners, parts_of

Array = np.ndarray


def bags(model: CompactModel, block: Block, rows: Array) -> tuple[Array, Array]:
    """The two scaled sums of each patient, float32 (rows, width) each."""
    w_at, w_off = parts_of(block.word_ends, rows)
    f_at, f_off = parts_of(block.code_ends, rows)
    words = model.word_rows(block.words[w_at])
    codes = model.finding_rows(block.codes[f_at])
    return (
        model.summed_words(words, owners(w_off, len(w_at)), len(rows)),
        model.summed_findings(codes, block.weights[f_at].astype(np.float32), owners(f_off, len(f_at)), len(rows)),
    )


def ranks_of(model: CompactModel, block: Block, rows: Array) -> Array:
    """Rank of the true disease, ties against it; inf where the model does not know it."""
    place = np.array([model.place.get(int(d), -1) for d in block.disease[rows]])
    found = []
    for i in range(0, len(rows), 512):
        logits = model.logits(*bags(model, block, rows[i : i + 512]))
        own = np.take_along_axis(logits, np.maximum(place[i : i + 512], 0)[:, None], 1)
        found.append((logits >= own).sum(1).astype(float))
    ranks = np.concatenate(found) if found else np.zeros(0)
    ranks[place < 0] = np.inf
    return ranks


def shares(ranks: Array) -> dict[str, float]:
    """n, top-1, 5, 10 and MRR."""
    return {
        "n": len(ranks),
        **{f"top{k}": round(float((ranks <= k).mean()), 4) for k in (1, 5, 10)},
        "mrr": round(float((1.0 / ranks).mean()), 4),
    }
