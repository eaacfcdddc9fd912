"""The settings of a fine-tuned language model, kept where nothing needs torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.jobs import write_text

TURNS = ("all", "patient")
OPTIMIZERS = ("adamw_bnb_8bit", "adamw_torch")
SCHEDULES = ("linear", "cosine", "constant_with_warmup")


@dataclass(frozen=True)
class Shape:
    """The size of a Llama with random weights; `tokens` in its vocabulary at most."""

    tokens: int
    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int


RANDOM_BASES: Mapping[str, Shape] = {
    "tiny-random": Shape(tokens=1_000, hidden=64, inner=128, layers=2, heads=4, key_heads=2),
    "small-random": Shape(tokens=16_000, hidden=512, inner=1_376, layers=8, heads=8, key_heads=8),
}
"""Base models that are made on the spot, vocabulary and all, where no weights can be had: one to try the path out, one
of 33 million numbers that learns to read from the corpus alone."""


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"setting {name} {value!r}: expected one of {', '.join(known)}")


@dataclass(frozen=True)
class LmSettings:
    """How a causal language model learns chat -> disease names. The defaults are the preset `paper`.

    `turns`: the whole conversation, or the patient's own messages after sex and age.
    `names` at most in a target. `max_length` tokens of prompt and answer together,
    `reply_tokens` of them kept for the answer. `batch` chats at once, `accumulate` such batches a step. `warmup`, share
    of all steps. `clip`, largest norm of the gradient. `weights`: what they are kept in, "float32" or "bfloat16".
    `precision` of the arithmetic: "auto" is bf16 where the device has it. `recompute` activations instead of keeping
    them. `loaders` processes make batches, 0 = the one that trains. `lora_rank` 0 is full fine-tuning. `patience`
    epochs without a better loss on the validation split end the run, and the best epoch is kept; 0 = never, and the
    last one is. `val_chats` and `judged_chats` at most are looked at after each epoch and for the figures; 0 = all.
    """

    base_model: str = "meta-llama/Llama-3.1-8B"
    turns: str = "all"
    names: int = 5
    epochs: int = 10
    optimizer: str = "adamw_bnb_8bit"
    rate: float = 2e-5
    schedule: str = "linear"
    warmup: float = 0.03
    decay: float = 0.0
    clip: float = 1.0
    batch: int = 4
    accumulate: int = 8
    max_length: int = 2048
    reply_tokens: int = 256
    weights: str = "float32"
    precision: str = "auto"
    recompute: bool = True
    loaders: int = 0
    lora_rank: int = 0
    lora_alpha: int = 32
    lora_dropout: float = 0.05
    patience: int = 0
    val_chats: int = 500
    judged_chats: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises UsageError for a value that makes no sense."""
        _one_of("turns", self.turns, TURNS)
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("weights", self.weights, ("float32", "bfloat16"))
        _one_of("precision", self.precision, ("auto", "bf16", "float32"))
        for name in ("names", "epochs", "batch", "accumulate", "reply_tokens"):
            if getattr(self, name) < 1:
                raise UsageError(f"setting {name} {getattr(self, name)}: expected 1 or more")
        for name in (
            "rate",
            "loaders",
            "lora_rank",
            "patience",
            "val_chats",
            "judged_chats",
            "warmup",
            "decay",
            "clip",
        ):
            if not getattr(self, name) >= 0:
                raise UsageError(f"setting {name} {getattr(self, name)}: expected 0 or more")
        if self.max_length < 2 * self.reply_tokens:
            raise UsageError(
                f"setting max_length {self.max_length}: expected at least twice reply_tokens ({self.reply_tokens}),"
                " or little of the conversation is left"
            )

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_text(path, json.dumps(asdict(self), indent=2) + "\n")


LM_PRESETS: Mapping[str, LmSettings] = {
    # RareScale, section A.1, with its blanks filled as docs/candidates-causal-lm.md says.
    "paper": LmSettings(),
    "lora": LmSettings(
        base_model="meta-llama/Llama-3.2-1B",
        turns="patient",
        epochs=3,
        optimizer="adamw_torch",
        rate=2e-4,
        schedule="cosine",
        weights="bfloat16",
        lora_rank=16,
        patience=1,
    ),
    "tiny": LmSettings(
        base_model="tiny-random",
        turns="patient",
        epochs=3,
        optimizer="adamw_torch",
        rate=3e-3,
        accumulate=1,
        max_length=512,
        reply_tokens=128,
        recompute=False,
        patience=2,
        judged_chats=32,
    ),
    "scratch": LmSettings(
        base_model="small-random",
        turns="patient",
        epochs=5,
        optimizer="adamw_torch",
        rate=6e-4,
        schedule="cosine",
        decay=0.1,
        batch=128,
        accumulate=1,
        max_length=768,
        reply_tokens=128,
        recompute=False,
        loaders=4,
        patience=2,
    ),
}
"""Named settings to start from."""


def lm_preset(name: str, **changed: Any) -> LmSettings:
    """The settings of a preset with some `changed`. Raises UsageError for an unknown preset."""
    _one_of("preset", name, tuple(LM_PRESETS))
    return replace(LM_PRESETS[name], **changed)


def load_settings(path: Path) -> LmSettings:
    """What `LmSettings.save` wrote. Raises OSError, ValueError or TypeError where it did not."""
    return LmSettings(**json.loads(path.read_text(encoding="utf-8")))
