"""Uniform random numbers as a function of seed and place: any order of work draws the same ones.

splitmix64 (Steele, Lea, Flood 2014) of a counter; one number costs a few nanoseconds and no generator has to be set up
for each of millions of attempts.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, log1p, pi, sqrt
from typing import TypeVar

import numpy as np

T = TypeVar("T")
_BLOCK = 64

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


class Stream:
    """As many numbers as it takes, for decisions made one after the other about one case."""

    def __init__(self, seed: int, part: int) -> None:
        """Numbers of part `part` of a seed, as `mixed` gives it."""
        self._seed, self._ready = mixed(np.array([seed], np.uint64), part), list[float]()

    def next(self) -> float:
        """One number in [0, 1)."""
        if not self._ready:
            self._ready = uniform(self._seed, _BLOCK)[0, ::-1].tolist()
            self._seed = mixed(self._seed, 0)
        return self._ready.pop()

    def normal(self) -> float:
        """A standard normal number (Box and Muller)."""
        return sqrt(-2.0 * log1p(-self.next())) * cos(2.0 * pi * self.next())

    def poisson(self, mean: float) -> int:
        """A Poisson number (inversion); `mean` above 50 is taken as 50."""
        drawn, count = self.next(), 0
        term = total = exp(-min(mean, 50.0))
        while drawn >= total and count < 200:
            count += 1
            term *= min(mean, 50.0) / count
            total += term
        return count

    def one_of(self, options: Sequence[T]) -> T:
        """One of them, all equally likely."""
        return options[int(self.next() * len(options))]
