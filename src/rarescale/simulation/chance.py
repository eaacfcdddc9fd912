"""Uniform random numbers as a function of seed and place: any order of work draws the same ones.

splitmix64 (Steele, Lea, Flood 2014) of a counter; one number costs a few nanoseconds and no generator has to be set up
for each of millions of attempts.
"""

from __future__ import annotations

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)
_A, _B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def _mix(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * _A
    x = (x ^ (x >> np.uint64(27))) * _B
    mixed: np.ndarray = x ^ (x >> np.uint64(31))
    return mixed


def mixed(seeds: np.ndarray, number: int) -> np.ndarray:
    """A seed of its own for part `number` of each of `seeds`, uint64 (B,)."""
    place = np.uint64(int(_STEP) * (number + 1) % 2**64)
    return _mix(_mix(seeds.astype(np.uint64) + _STEP) + place)


def uniform(seeds: np.ndarray, count: int) -> np.ndarray:
    """`count` numbers in [0, 1) for each of `seeds`, float64 (B, count)."""
    places = _STEP * (np.arange(count, dtype=np.uint64) + np.uint64(1))
    drawn: np.ndarray = (_mix(seeds.astype(np.uint64)[:, None] + places) >> np.uint64(11)) * 2.0**-53
    return drawn
