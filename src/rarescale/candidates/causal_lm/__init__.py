"""RareScale's candidate generator: a causal language model fine-tuned to write the expert's list from a conversation.

torch, transformers and peft are imported only where a model is trained or opened.
"""

from __future__ import annotations

from rarescale.candidates.causal_lm.loading import load_causal_lm, needs_lm_libraries
from rarescale.candidates.causal_lm.model import CausalLm, Decoding, LmProposal
from rarescale.candidates.causal_lm.settings import LM_PRESETS, LmSettings, lm_preset
from rarescale.candidates.causal_lm.training import train_causal_lm

__all__ = [
    "LM_PRESETS",
    "CausalLm",
    "Decoding",
    "LmProposal",
    "LmSettings",
    "lm_preset",
    "load_causal_lm",
    "needs_lm_libraries",
    "train_causal_lm",
]
