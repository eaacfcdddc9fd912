"""One training run in a folder: checks, features, fit, figures on the test split, model and card."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rarescale._version import __version__
from rarescale.candidates.card import model_card
from rarescale.candidates.compact import CompactModel
from rarescale.candidates.training.blocks import Block, joined, read_block
from rarescale.candidates.training.checks import SPLITS, CorpusFacts, check_corpus, repeated_cases
from rarescale.candidates.training.extract import WRITERS, extract
from rarescale.candidates.training.scores import ranks_of, shares
from rarescale.candidates.training.settings import FitSettings
from rarescale.errors import InputError
from rarescale.jobs import Progress, write_manifest, write_text
from rarescale.knowledge import Knowledge

Say = Callable[[str], None]

LEFT_OUT = 255
"""The split of chats that take part in nothing."""


def train(
    knowledge: Knowledge,
    corpora: Sequence[Path],
    out: Path,
    settings: FitSettings,
    *,
    halves: Sequence[Path] = (),
    read_every: int = 1,
    workers: int = 1,
    threads: int = 1,
    least_cases: int = 1,
    progress: Progress = lambda _done, _all: None,
    say: Say = lambda _line: None,
) -> dict[str, Any]:
    """Train the compact model on `corpora` into `out`: model.safetensors, README.md, metrics.json, manifest.json.

    Goes on where it was stopped. Raises InputError where a corpus is not fit to train on.
    """
    from safetensors.numpy import save_file

    from rarescale.candidates.training.fit import fit

    out.mkdir(parents=True, exist_ok=True)
    started = time.time()
    facts = [check_corpus(corpus, least_cases=least_cases) for corpus in corpora]
    say(f"{sum(f.chats for f in facts)} chats, {len(set().union(*(f.cases for f in facts)))} diseases; no leakage")
    blocks = []
    for number, corpus in enumerate(corpora):
        files = extract(
            knowledge,
            corpus,
            out / f"features-{number}",
            halves=halves,
            read_every=read_every,
            workers=workers,
            progress=progress,
        )
        blocks.append(joined([read_block(path) for path in files]))
    block = joined(blocks)
    if len(corpora) > 1:
        again = np.concatenate(repeated_cases(facts))
        if len(again) != len(block):
            raise InputError(f"{len(again)} chats and {len(block)} of them with features; a disease is unknown here")
        block.split[again] = LEFT_OUT
        say(f"{int(again.sum())} training chats left out: their case is in the validation or test split")
    extracted = time.time()
    history: list[dict[str, Any]] = []

    def log(line: dict[str, Any]) -> None:
        history.append(line)
        say(json.dumps(line))

    arrays = fit(block, knowledge, settings, out, log, threads=threads)
    fitted = time.time()
    save_file(arrays, out / "model.safetensors")
    metrics: dict[str, Any] = {
        "corpora": [_facts(f) for f in facts],
        "settings": asdict(settings),
        "epochs": history,
        "seconds": {"features": round(extracted - started, 1), "fit": round(fitted - extracted, 1)},
        "diseases": len(np.unique(block.disease[block.split == 0])),
        "test": judged(CompactModel(arrays, knowledge), block),
        "knowledge": knowledge.release.model_dump(),
        "version": __version__,
    }
    write_text(out / "metrics.json", json.dumps(metrics, indent=2, ensure_ascii=False) + "\n")
    write_text(out / "README.md", model_card(metrics))
    write_manifest(
        out,
        {"kind": "candidate model", "schema_version": "1"},
        [out / name for name in ("model.safetensors", "metrics.json", "README.md")],
    )
    for name in ("checkpoint.pt", "best.pt"):
        (out / name).unlink(missing_ok=True)
    return metrics


def judged(model: CompactModel, block: Block) -> dict[str, dict[str, float]]:
    """Top-k and MRR on the test split, all and by writer."""
    test = np.flatnonzero(block.split == SPLITS.index("test"))
    ranks = ranks_of(model, block, test)
    groups = {"all": np.ones(len(test), bool)}
    for number, writer in enumerate((*WRITERS, "other")):
        groups[writer] = block.writer[test] == number
    return {name: shares(ranks[mask]) for name, mask in groups.items() if mask.any()}


def _facts(facts: CorpusFacts) -> dict[str, Any]:
    return {
        "chats": facts.chats,
        "splits": dict(facts.splits),
        "writers": dict(facts.writers),
        "diseases": len(facts.cases),
        "training chats a disease": round(sum(facts.cases.values()) / max(1, len(facts.cases)), 1),
    }
