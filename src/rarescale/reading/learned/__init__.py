"""Guesses by a small model of windows of words: the reader that candidate models are trained with.

It can learn one half of the lexicon in minutes, so that a simulated patient's words are as new to it as a real one's.
`rarescale diagnose` reads with the contextual stage instead.

`features` says what a word is to it, `model` scores windows of words, `windows` chooses among them, `reader` brings it
together with the dictionary. Recipe: ``runs/reading_model.py``.
"""

from __future__ import annotations

from rarescale.reading.learned.features import pair_key, spoken
from rarescale.reading.learned.features import stem_keys as word_keys
from rarescale.reading.learned.model import Model
from rarescale.reading.learned.reader import joint_reader

__all__ = ["Model", "joint_reader", "pair_key", "spoken", "word_keys"]
