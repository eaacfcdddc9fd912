"""The tables of the candidate model, from the features of one training run: RareScale's Table 3, and ablations.

    python runs/candidate_tables.py RUN OUT [--diseases 600] [--sizes 5,10,20,40,80] [--epochs 6] [--threads 2]

RUN is a folder of `rarescale train` with its features: `features-0` of a corpus whose test chats use reserved
expressions, `features-1` of one whose test chats do not. The rare diseases with the largest expert prior that have
enough chats are the candidates; the list stands in OUT/tables.json. Every row is a model of its own, fitted on the
training split (early stopping on the validation split) and judged on the test splits: top-5, top-1, and the mean
reciprocal rank within the first five, as published. Needs torch.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rarescale.candidates import CompactModel, FitSettings
from rarescale.candidates.training.blocks import Block, joined, parts_of, read_block
from rarescale.candidates.training.fit import fit
from rarescale.candidates.training.scores import ranks_of
from rarescale.expert import ProbabilisticExpert
from rarescale.knowledge import Knowledge, open_knowledge

TRAIN, VAL, TEST = 0, 1, 2
WHOLE, TURNS = 0, 1
FEWEST = 20
"""Training chats that a disease must have to take part."""


def load(run: Path) -> tuple[Block, np.ndarray]:
    """All features, and which rows are of the corpus whose test chats use reserved expressions."""
    blocks = [
        joined([read_block(p) for p in sorted(folder.glob("*.npz"))]) for folder in sorted(run.glob("features-*"))
    ]
    reserved = np.concatenate([np.full(len(b), k == 0) for k, b in enumerate(blocks[:2])])
    return joined(blocks[:2]), reserved


def chosen(block: Block, knowledge: Knowledge, count: int) -> np.ndarray:
    """The diseases of the tables: rare, enough training chats, best known first."""
    sizes = np.bincount(block.disease[block.split == TRAIN], minlength=len(knowledge.diseases))
    prior = ProbabilisticExpert(knowledge).prior
    able = [d for d in np.flatnonzero(sizes >= FEWEST).tolist() if _is_rare(knowledge, d)]
    return np.array(sorted(sorted(able, key=lambda d: -prior[d])[:count]))


def _is_rare(knowledge: Knowledge, disease: int) -> bool:
    ids = knowledge.diseases.ids(disease)
    return knowledge.diseases.rarity(disease) != "common" and any(i.startswith(("OMIM", "ORPHA")) for i in ids)


def rows_of(block: Block, rows: np.ndarray) -> Block:
    """Some rows of a block as a block."""
    words, _ = parts_of(block.word_ends, rows)
    codes, _ = parts_of(block.code_ends, rows)
    lengths = [np.diff(np.concatenate([[0], ends]))[rows] for ends in (block.word_ends, block.code_ends)]
    return Block(
        block.words[words],
        np.cumsum(lengths[0]),
        block.codes[codes],
        block.weights[codes],
        np.cumsum(lengths[1]),
        block.disease[rows],
        block.targets[rows],
        block.writer[rows],
        block.split[rows],
    )


def without(block: Block, kind: str) -> Block:
    """The block as if the patients had no `words`, or as if nothing had been read (`findings`)."""
    none = np.zeros(len(block), np.int64)
    if kind == "words":
        return replace(block, words=block.words[:0], word_ends=none)
    return replace(block, codes=block.codes[:0], weights=block.weights[:0], code_ends=none)


def figures(ranks: np.ndarray) -> dict[str, float]:
    """Top-5, top-1, MRR within five."""
    return {
        "n": len(ranks),
        "top5": round(float((ranks <= 5).mean()) * 100, 2),
        "top1": round(float((ranks <= 1).mean()) * 100, 2),
        "mrr": round(float(np.where(ranks <= 5, 1 / ranks, 0).mean()), 4),
    }


class Bench:
    """Fits and judges."""

    def __init__(self, block: Block, reserved: np.ndarray, knowledge: Knowledge, settings: FitSettings, threads: int):
        """`block` holds the diseases of the tables only."""
        self.block, self.reserved, self.knowledge = block, reserved, knowledge
        self.settings, self.threads = settings, threads
        self.rng = np.random.default_rng(0)

    def train(self, kept: np.ndarray, **settings: Any) -> CompactModel:
        """A model of the rows `kept` (bool); validation rows are those among them."""
        with tempfile.TemporaryDirectory() as folder:
            part = rows_of(self.block, np.flatnonzero(kept & (self.block.split != TEST)))
            arrays = fit(
                part,
                self.knowledge,
                replace(self.settings, **settings),
                Path(folder),
                lambda _: None,
                threads=self.threads,
            )
        return CompactModel(arrays, self.knowledge)

    def judge(self, model: CompactModel) -> dict[str, dict[str, float]]:
        """Figures by writer without reserved expressions, and all with them."""
        test = self.block.split == TEST
        groups = {
            "whole": test & ~self.reserved & (self.block.writer == WHOLE),
            "turns": test & ~self.reserved & (self.block.writer == TURNS),
            "both": test & ~self.reserved,
            "reserved": test & self.reserved,
        }
        return {name: figures(ranks_of(model, self.block, np.flatnonzero(m))) for name, m in groups.items()}

    def at_most(self, count: int, kept: np.ndarray) -> np.ndarray:
        """`kept` with at most `count` training chats per disease."""
        order = self.rng.permutation(np.flatnonzero(kept & (self.block.split == TRAIN)))
        disease = self.block.disease[order]
        rank = np.zeros(len(order), int)
        by = np.argsort(disease, kind="stable")
        starts = np.searchsorted(disease[by], disease[by])
        rank[by] = np.arange(len(order)) - starts
        keep = kept & (self.block.split != TRAIN)
        keep[order[rank < count]] = True
        return keep


def show(name: str, found: dict[str, dict[str, float]]) -> None:
    """A line of the table."""
    cells = "  ".join(f"{g} {v['top5']:5.1f} {v['top1']:5.1f} {v['mrr']:.3f}" for g, v in found.items())
    print(f"{name:28} {cells}", flush=True)  # noqa: T201


def main() -> None:
    """Parse, fit every row, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--diseases", type=int, default=600)
    parser.add_argument("--sizes", default="5,10,20", help="training chats a disease of the rows that are given few")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    sizes = [int(n) for n in options.sizes.split(",")]
    knowledge = open_knowledge()
    block, reserved = load(options.run)
    diseases = chosen(block, knowledge, options.diseases)
    rows = np.flatnonzero(np.isin(block.disease, diseases) & (block.split <= TEST))
    bench = Bench(
        rows_of(block, rows),
        reserved[rows],
        knowledge,
        FitSettings(epochs=options.epochs, sampled=0, batch=128),
        options.threads,
    )
    writer, everything = bench.block.writer, np.ones(len(rows), bool)
    share = float((writer == TURNS).sum() / max(1, (writer == WHOLE).sum()))
    small = (writer == WHOLE) & (bench.rng.random(len(rows)) < share)
    variants: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "turns only": (writer == TURNS, {}),
        "whole only": (writer == WHOLE, {}),
        "whole, downsampled": (small | ((writer == WHOLE) & (bench.block.split == VAL)), {}),
        "both": (everything, {}),
        **{f"both, {n} a disease": (bench.at_most(n, everything), {}) for n in sizes},
    }
    found = {}
    for name, (kept, settings) in variants.items():
        found[name] = bench.judge(bench.train(kept, **settings))
        show(name, found[name])
    for kind in ("words", "findings"):
        blind = Bench(without(bench.block, kind), bench.reserved, knowledge, bench.settings, options.threads)
        name = f"both, without {kind}"
        found[name] = blind.judge(blind.train(everything))
        show(name, found[name])
    options.out.mkdir(parents=True, exist_ok=True)
    listed = [knowledge.diseases.ids(int(d))[0] for d in diseases]
    (options.out / "tables.json").write_text(
        json.dumps({"rows": found, "diseases": listed, "knowledge": knowledge.release.model_dump()}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
