"""From a corpus of chats to a trained candidate model: checks, features, fitting, card.

Only `fit` needs torch, and only there is it imported.
"""

from __future__ import annotations

from rarescale.candidates.training.checks import CorpusFacts, check_corpus
from rarescale.candidates.training.run import train
from rarescale.candidates.training.settings import FitSettings

__all__ = ["CorpusFacts", "FitSettings", "check_corpus", "train"]
