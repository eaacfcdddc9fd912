"""From lists of diseases to a distribution over all diseases that the model knows.

A list gives the disease at rank r the share s_r; of several sampled lists each disease gets its mean share. What
the ranks do not use (fewer names than ranks, names that mean no disease, repetitions) and the share s_0 kept for
everything not listed go to the diseases that no list has, as often as each stands in training answers, to none of them
more than half of the smallest share listed: what is listed stays above what is not. Then all is scaled to sum to 1.

The shares are counted on the validation split, greedy decoding, h_r chats of n with the seed disease at rank r:

    s_r = (h_r + m p_r) / (n + m),   p_r = (1 - p_0) (1/r) / sum of 1/r,   p_0 = 0.2, m = 10

sorted to fall with the rank, so that without any count the shares are p_r.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Array = np.ndarray

WEIGHT = 10.0
"""m, chats that the assumed shares p count as (assumed)."""

MISSED = 0.2
"""p_0, assumed share of patients whose disease is not in the list."""


def rank_shares(hits: Sequence[int], judged: int) -> Array:
    """s_1 .. s_k of `judged` chats with the true disease at rank 1 .. k in `hits`, float64 (k,); sum below 1."""
    assumed = 1.0 / np.arange(1, len(hits) + 1)
    assumed *= (1.0 - MISSED) / assumed.sum()
    shares: Array = (np.asarray(hits, float) + WEIGHT * assumed) / (judged + WEIGHT)
    falling: Array = np.sort(shares)[::-1]
    return falling


def shared_out(lists: Sequence[Sequence[int | None]], shares: Array, prior: Array) -> Array:
    """P over diseases from `lists` by rank (None = a name that means no disease), float64 (g,), sum 1.

    `shares` as `rank_shares` gives them; ranks beyond them count nothing. `prior` (g,) sums to 1 and is 0 for diseases
    that the model does not know. Without lists the answer is `prior`.
    """
    listed = np.zeros_like(prior)
    for ranked in lists:
        listed += _of_list(ranked, shares, len(prior)) / len(lists)
    if not listed.any():
        return prior
    rest = np.where(listed > 0.0, 0.0, prior)
    if rest.any():
        rest *= (1.0 - listed.sum()) / rest.sum()
        rest = np.minimum(rest, listed[listed > 0.0].min() / 2.0)
    total: Array = (listed + rest) / (listed + rest).sum()
    return total


def _of_list(ranked: Sequence[int | None], shares: Array, count: int) -> Array:
    listed = np.zeros(count)
    for disease, share in zip(ranked, shares.tolist(), strict=False):
        if disease is not None and listed[disease] == 0.0:
            listed[disease] = share
    return listed
