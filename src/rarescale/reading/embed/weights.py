"""The learned weights of the evidence: how often a window with such evidence tells the term.

``weights.json`` holds them with where they come from; it is made by ``runs/reading_embed.py``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from rarescale.reading.embed.evidence import FEATURES, Evidence


class Weights:
    """A logistic of the `FEATURES`."""

    def __init__(self, fields: dict[str, Any]) -> None:
        """`fields`: ``features`` (their names, in order), ``weights``, ``bias``, ``threshold``.

        Raises ValueError for weights of other features: they belong to another version of the code.
        """
        if tuple(fields["features"]) != FEATURES:
            raise ValueError(f"weights are for {fields['features']}, expected {list(FEATURES)}; make them again")
        self._weights = np.array(fields["weights"], np.float64)
        self._bias = float(fields["bias"])
        self.threshold = float(fields["threshold"])
        self.probe = tuple(fields.get("probe", ()))

    def probabilities(self, evidence: Sequence[Evidence]) -> np.ndarray:
        """How probably each window tells its term, float64 (e,), counted against labels that are not complete."""
        features = np.array([e.features for e in evidence], np.float64).reshape(-1, len(FEATURES))
        probabilities: np.ndarray = 1.0 / (1.0 + np.exp(-(features @ self._weights + self._bias)))
        return probabilities


@cache
def shipped_weights() -> Weights:
    """The weights that come with the package."""
    text = resources.files("rarescale.reading.embed").joinpath("weights.json").read_text(encoding="utf-8")
    return Weights(json.loads(text))
