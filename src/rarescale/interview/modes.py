"""Which diseases the next question is about: the current problem, and the mode that its size calls for.

QMR (Miller, Pople, Myers 1982, as summarised by Miller and others): hypotheses far below the leader are dropped;
two diseases compete when the findings left unexplained by one are a subset of those left unexplained by the other.
The leader and its competitors are the current problem. Five or more: rule out. Two to four: discriminate. One: pursue.
"""

from __future__ import annotations

import numpy as np

from rarescale.interview.contract import Mode
from rarescale.interview.settings import InterviewSettings


def problem(probability: np.ndarray, explains: np.ndarray, far_below: float) -> np.ndarray:
    """bool (k,): the leader (first) and its competitors.

    `probability` float (k,), falling; `explains` bool (f, k): whether the disease answers the finding.
    """
    near = probability >= far_below * probability[0]
    left = ~explains
    leader = left[:, :1]
    more = (leader <= left).all(axis=0)
    fewer = (left <= leader).all(axis=0)
    member: np.ndarray = near & (more | fewer)
    return member


def mode_for(size: int, settings: InterviewSettings) -> Mode:
    """The mode for a current problem of `size` diseases, the leader included."""
    if size >= settings.many:
        return Mode.RULE_OUT
    return Mode.DISCRIMINATE if size > 1 else Mode.PURSUE


def view(probability: np.ndarray, mode: Mode, members: np.ndarray) -> np.ndarray:
    """The distribution that a mode wants to know more about, from probabilities (..., g) of all diseases.

    rule-out: all diseases; discriminate: `members` (indices, best first) among themselves; pursue: the first against
    the rest.
    """
    if mode is Mode.RULE_OUT:
        kept = probability
    elif mode is Mode.DISCRIMINATE:
        kept = probability[..., members]
    else:
        leader = probability[..., members[:1]]
        kept = np.concatenate([leader, 1.0 - leader], axis=-1)
    total = kept.sum(axis=-1, keepdims=True)
    distribution: np.ndarray = kept / np.maximum(total, 1e-300)
    return distribution
