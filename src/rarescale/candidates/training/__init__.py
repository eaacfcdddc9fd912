"""From a corpus of chats to a trained candidate model: checks, features, fitting, card.

Only `fit` needs torch, and only there is it imported.
"""

from __future__ import annotations

from rarescale.candidates.training.blocks import Block, Blocks, write_block
from rarescale.candidates.training.checks import CorpusFacts, check_corpus
from rarescale.candidates.training.extract import extract

__all__ = ["Block", "Blocks", "CorpusFacts", "check_corpus", "extract", "write_block"]
