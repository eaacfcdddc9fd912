"""The trained model: windows of words into terms, with arrays and numpy alone.

The file (an ``.npz`` of about 6 MB; none is shipped) holds ``keys`` uint32 (k,), the sorted hashes of the features;
``vectors`` int8 (k + 1, d) and ``sizes`` float16 (k + 1,), whose product is the vector of each feature, the first that
of an unknown word; ``towards`` float16 (t + n, d) and ``bias`` float16 (t + n,), the t terms and the n vectors that
stand for "nothing is said"; ``terms`` uint8, the ids of the t terms as UTF-8 lines. It is made by
``runs/reading_model.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rarescale.reading.learned.features import pair_key, piece_keys, stem_keys

_SOFTENING = 1e-2
"""Keeps the length of an empty window from being zero; the same number as in training."""

MOST_KEPT = 20_000
"""How many words' vectors are kept for the next text; words alone, never a text."""

Array = np.ndarray


class Model:
    """Scores windows; read-only, so one model serves any number of threads."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """`arrays` as the module's docstring lays out."""
        self._row = {key: row for row, key in enumerate(arrays["keys"].tolist(), start=1)}
        self._vectors, self._sizes = arrays["vectors"], arrays["sizes"].astype(np.float32)
        self._towards = np.ascontiguousarray(arrays["towards"].astype(np.float32).T)
        self._bias = arrays["bias"].astype(np.float32)
        self.terms: list[str] = arrays["terms"].tobytes().decode().split("\n")
        self._words: dict[str, Array] = {}
        self._pairs: dict[int, Array] = {}

    def _vector(self, row: int) -> Array:
        vector: Array = self._vectors[row] * self._sizes[row]
        return vector

    def word(self, form: str) -> Array:
        """The vector of a kept word, float32 (d,)."""
        known = self._words.get(form)
        if known is None:
            rows = [row for k in stem_keys(form) if (row := self._row.get(k))] or [0]
            known = np.sum([self._vector(row) for row in rows], axis=0)
            pieces = [row for k in piece_keys(form) if (row := self._row.get(k))]
            if pieces:
                known = known + (self._vectors[pieces] * self._sizes[pieces, None]).mean(axis=0)
            if len(self._words) >= MOST_KEPT:
                self._words.clear()
            self._words[form] = known
        return known

    def pair(self, first: str, second: str) -> Array | None:
        """The vector of two neighbouring words, None where it was not learned."""
        row = self._row.get(pair_key(first, second))
        if row is None:
            return None
        if row not in self._pairs:
            self._pairs[row] = self._vector(row)
        return self._pairs[row]

    def windows(self, forms: Sequence[str], spans: Sequence[tuple[int, int]]) -> Array:
        """Unit vectors of the half-open `spans` of `forms`, float32 (s, d)."""
        width = self._vectors.shape[1]
        words = np.zeros((len(forms) + 1, width), np.float32)
        pairs = np.zeros((len(forms) + 1, width), np.float32)
        for i, form in enumerate(forms):
            words[i + 1] = words[i] + self.word(form)
            pair = self.pair(forms[i - 1], form) if i else None
            pairs[i + 1] = pairs[i] if pair is None else pairs[i] + pair
        starts, stops = np.array(spans, np.int64).reshape(-1, 2).T
        found = words[stops] - words[starts] + pairs[stops] - pairs[starts + 1]
        scaled: Array = found / (np.linalg.norm(found, axis=1, keepdims=True) + _SOFTENING)
        return scaled

    def likely(self, windows: Array, least: float) -> tuple[Array, Array]:
        """The rows in which some term may have a probability of `least`; and in these the probabilities of the terms
        and, in the last column, of nothing: float32 (r, t + 1).

        Most windows say nothing, and for those the softmax over thousands of terms is not worth its time.
        """
        logits = windows @ self._towards + self._bias
        count = len(self.terms)
        nothing = logits[:, count:]
        top = nothing.max(axis=1)
        nothing = top + np.log(np.exp(nothing - top[:, None]).sum(axis=1))
        rows = np.flatnonzero(logits[:, :count].max(axis=1) >= nothing + np.log(least))
        return rows, self._shares(logits[rows])

    def _shares(self, logits: Array) -> Array:
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        count = len(self.terms)
        logits[:, count] = logits[:, count:].sum(axis=1)
        shares: Array = logits[:, : count + 1]
        return shares
