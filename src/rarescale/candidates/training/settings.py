"""The settings of a fit, kept where nothing needs torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FitSettings:
    """How the compact model is fitted. `width` numbers per vector and tower; `words` features of words at most, each in
    at least `least` chats; `sampled` diseases compared with in each step, 0 = all; `seed_share` of the target. Chats of
    other writers than the two offline ones are few and precious: each is seen `repeat_others` times an epoch."""

    width: int = 160
    words: int = 60_000
    least: int = 6
    epochs: int = 6
    batch: int = 512
    rate: float = 4e-3
    sampled: int = 2048
    seed_share: float = 0.85
    drop_words: float = 0.25
    drop_findings: float = 0.2
    drop_tower: float = 0.1
    decay: float = 1e-6
    patience: int = 2
    repeat_others: int = 1
    seed: int = 0
