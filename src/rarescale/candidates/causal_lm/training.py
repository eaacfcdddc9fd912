"""One training run of a language model in a folder: checks, fit, figures, shares of the ranks, card, manifest."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from rarescale._version import __version__
from rarescale.candidates.causal_lm.base import BASE, base_of, coder_of, open_tokenizer, write_random_base
from rarescale.candidates.causal_lm.card import lm_card
from rarescale.candidates.causal_lm.data import PROMPT_VERSION, Sample, read_samples
from rarescale.candidates.causal_lm.decoding import MODEL, open_writer
from rarescale.candidates.causal_lm.fit import CHECKPOINTS, check_device, fit
from rarescale.candidates.causal_lm.judging import figures, hits, judged, spread
from rarescale.candidates.causal_lm.loading import SETTINGS, SHARES, TARGETS
from rarescale.candidates.causal_lm.model import CausalLm
from rarescale.candidates.causal_lm.names import TrainedNames, save_targets, targets_of
from rarescale.candidates.causal_lm.settings import RANDOM_BASES, LmSettings, load_settings
from rarescale.candidates.causal_lm.shares import rank_shares
from rarescale.candidates.training.checks import check_corpus, repeated_cases
from rarescale.errors import InputError, UsageError
from rarescale.jobs import Progress, write_manifest, write_text
from rarescale.knowledge import Knowledge

Say = Callable[[str], None]

CORPUS = "corpus.sha256"


def train_causal_lm(
    knowledge: Knowledge,
    corpora: Sequence[Path],
    out: Path,
    settings: LmSettings,
    *,
    least_cases: int = 1,
    progress: Progress = lambda _done, _all: None,
    say: Say = lambda _line: None,
) -> dict[str, Any]:
    """Fine-tune a language model on `corpora` into `out`; the metrics that are written there.

    A run that was stopped goes on from its last checkpoint, one an epoch. Raises InputError where a corpus is not fit
    to train on, UsageError where `out` holds a finished run or one with other settings, or the device or the base
    model is missing.
    """
    started = time.time()
    _claim(out, settings)
    check_device(settings)
    facts = [check_corpus(corpus, least_cases=least_cases) for corpus in corpora]
    splits, left_out = read_samples(corpora, settings, repeated_cases(facts))
    if not splits["train"]:
        raise InputError(f"{', '.join(map(str, corpora))}: no training chat with a differential; simulate chats anew")
    for reason, count in left_out.items():
        say(f"{count} chats left out: {reason}")
    _same_corpus(out, splits)
    settings.save(out / SETTINGS)
    history = _fitted(splits, settings, out, say)
    fitted = time.time()
    targets = targets_of(splits["train"])
    save_targets(out / TARGETS, targets)
    metrics: dict[str, Any] = {
        "corpora": [{"chats": f.chats, "splits": dict(f.splits), "writers": dict(f.writers)} for f in facts],
        "chats": {split: len(samples) for split, samples in splits.items()},
        "left_out": dict(left_out),
        "targets": len({t.id for t in targets}),
        "settings": asdict(settings),
        "prompt": PROMPT_VERSION,
        "log": history,
        "judged": _judged(out, settings, TrainedNames(knowledge, targets), splits, progress),
        "seconds": {"fit": round(fitted - started, 1), "judge": round(time.time() - fitted, 1)},
        "knowledge": knowledge.release.model_dump(),
        "version": __version__,
    }
    _finish(out, settings, metrics)
    return metrics


def _claim(out: Path, settings: LmSettings) -> None:
    """Refuse a folder whose finished or half-done work would be lost."""
    if (out / "manifest.json").exists():
        raise UsageError(f"{out} holds a finished run; remove it or choose another folder")
    if (out / SETTINGS).exists() and load_settings(out / SETTINGS) != settings:
        raise UsageError(f"{out} holds an unfinished run with other settings; remove it or choose another folder")
    out.mkdir(parents=True, exist_ok=True)


def _same_corpus(out: Path, splits: dict[str, list[Sample]]) -> None:
    """Refuse to go on with other chats than a run began with."""
    digest = sha256()
    for split in ("train", "val"):
        for sample in splits[split]:
            digest.update(repr((split, sample)).encode())
    mark = out / CORPUS
    if not mark.exists():
        write_text(mark, digest.hexdigest() + "\n")
    elif mark.read_text(encoding="utf-8").strip() != digest.hexdigest():
        raise UsageError(f"{out} holds an unfinished run with another corpus; remove it or choose another folder")


def _fitted(splits: dict[str, list[Sample]], settings: LmSettings, out: Path, say: Say) -> list[dict[str, Any]]:
    train, val = splits["train"], spread(splits["val"], settings.val_chats)
    if settings.patience and not val:
        say("no validation chat: nothing can stop the run early, the last epoch is kept")
    base = base_of(settings, out)
    if settings.base_model in RANDOM_BASES and not (out / BASE).exists():
        texts = (text for s in train for text in (s.said, *s.names))
        shape = RANDOM_BASES[settings.base_model]
        write_random_base(out / BASE, texts, shape, seed=settings.seed, max_length=settings.max_length)
    tokenizer = open_tokenizer(base)
    history: list[dict[str, Any]] = []

    def log(line: dict[str, Any]) -> None:
        history.append(line)
        say(json.dumps(line))

    fit(train, val, settings, base, coder_of(tokenizer, settings), out, out / MODEL, log)
    tokenizer.save_pretrained(str(out / MODEL))
    return history


def _judged(
    out: Path, settings: LmSettings, names: TrainedNames, splits: dict[str, list[Sample]], progress: Progress
) -> dict[str, dict[str, Any]]:
    """Figures of the test split, and those of the validation split, whose hits become the shares of the ranks."""
    writer = open_writer(out, settings)
    model = CausalLm(writer, names, rank_shares([0] * settings.names, 0), turns=settings.turns)
    val = judged(model, spread(splits["val"], settings.judged_chats), progress)
    counts = {"hits": hits(val, settings.names), "judged": len(val)}
    write_text(out / SHARES, json.dumps(counts) + "\n")
    test = figures(judged(model, spread(splits["test"], settings.judged_chats), progress))
    return {**{f"test, {k}": v for k, v in test.items()}, **{f"val, {k}": v for k, v in figures(val).items()}}


def _finish(out: Path, settings: LmSettings, metrics: dict[str, Any]) -> None:
    write_text(out / "metrics.json", json.dumps(metrics, indent=2, ensure_ascii=False) + "\n")
    write_text(out / "README.md", lm_card(metrics))
    (out / MODEL / "README.md").unlink(missing_ok=True)
    (out / MODEL / "training_args.bin").unlink(missing_ok=True)
    if not settings.lora_rank:
        shutil.rmtree(out / BASE, ignore_errors=True)
    weights = [p for folder in (MODEL, BASE) for p in sorted((out / folder).glob("*")) if p.is_file()]
    named = [out / name for name in (SETTINGS, CORPUS, TARGETS, SHARES, "metrics.json", "README.md")]
    write_manifest(out, {"kind": "candidate model, causal-lm", "schema_version": "1"}, [*named, *weights])
    shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)
