"""The learned stage: findings in words that no name has, guessed by a small trained model.

`features` says what a word is to it, `model` scores windows of words, `windows` chooses among them, `reader` brings it
together with the dictionary. Recipe: ``runs/reading_model.py``.
"""

from __future__ import annotations

from rarescale.reading.learned.features import pair_key, spoken
from rarescale.reading.learned.features import stem_keys as word_keys
from rarescale.reading.learned.model import Model, shipped
from rarescale.reading.learned.reader import LearnedFinder, joint_reader, learned_reader

__all__ = ["LearnedFinder", "Model", "joint_reader", "learned_reader", "pair_key", "shipped", "spoken", "word_keys"]
