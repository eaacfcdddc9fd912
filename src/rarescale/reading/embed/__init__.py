"""The embedding stage: findings in words that no list has, by their nearness to known expressions.

Off unless asked for, and needs the extra ``[embed]``. `wordpiece` and `encoder` turn texts into vectors, `expressions`
holds those of all known expressions, `windows` says what is compared with them, `evidence` and `weights` how sure a
likeness makes, `reader` brings it together with the stages before. Recipe: ``runs/reading_embed.py``.
"""

from __future__ import annotations

from rarescale.reading.embed.encoder import Embedder, OnnxEmbedder, open_embedder
from rarescale.reading.embed.expressions import Expression, Space, open_space
from rarescale.reading.embed.reader import EmbedFinder, embed_finder, embed_reader
from rarescale.reading.embed.weights import Weights, shipped_weights

__all__ = [
    "EmbedFinder",
    "Embedder",
    "Expression",
    "OnnxEmbedder",
    "Space",
    "Weights",
    "embed_finder",
    "embed_reader",
    "open_embedder",
    "open_space",
    "shipped_weights",
]
