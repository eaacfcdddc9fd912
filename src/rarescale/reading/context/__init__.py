"""The contextual stage: findings in words that no list has, heard by a small language model that reads whole sentences.

`wordpiece` cuts words into pieces, `encoder` is the model's arithmetic in numpy, `model` its file and its terms,
`listening` takes sentences through it, `guesses` says which terms they tell by which words, `reader` brings it together
with the stages before.
"""

from __future__ import annotations

from rarescale.reading.context.guesses import HINT, THRESHOLD
from rarescale.reading.context.model import ContextModel, open_model
from rarescale.reading.context.reader import ContextFinder, context_reader
from rarescale.reading.context.wordpiece import WordPiece

__all__ = ["HINT", "THRESHOLD", "ContextFinder", "ContextModel", "WordPiece", "context_reader", "open_model"]
