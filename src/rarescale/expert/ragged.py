"""Rows of different lengths kept one after the other (CSR): where their items are."""

from __future__ import annotations

import numpy as np


def slices(offsets: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of all items of the CSR rows `rows`, and the number in `rows` of each."""
    starts, lengths = offsets[rows], offsets[rows + 1] - offsets[rows]
    column = np.repeat(np.arange(len(rows)), lengths)
    within = np.arange(len(column)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(starts, lengths) + within, column
