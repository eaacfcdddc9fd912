"""Judges a fine-tuned language model on the test split of each corpus by itself, by writer.

    python runs/judge_lm.py RUN CORPUS... [--chats 2000]

Top-5, top-1 and the mean reciprocal rank within five, as RareScale's Table 3 has them. Needs transformers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rarescale.candidates import load_causal_lm
from rarescale.candidates.causal_lm.data import read_samples
from rarescale.candidates.causal_lm.judging import figures, judged, spread
from rarescale.candidates.causal_lm.settings import load_settings
from rarescale.knowledge import open_knowledge


def main() -> None:
    """Parse, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--chats", type=int, default=2000)
    options = parser.parse_args()
    model = load_causal_lm(options.run, open_knowledge(), batch=128)
    settings = load_settings(options.run / "settings.json")
    for corpus in options.corpora:
        samples = spread(read_samples([corpus], settings)[0]["test"], options.chats)
        for writer, f in figures(judged(model, samples, lambda _done, _all: None)).items():
            cells = f"n {f['n']:5}  top5 {100 * f['top5']:.1f}  top1 {100 * f['top1']:.1f}  mrr {f['mrr']:.3f}"
            print(f"{corpus.name:10} {writer:8} {cells}  unresolved {f['unresolved']} of {f['names']}")  # noqa: T201


if __name__ == "__main__":
    main()
