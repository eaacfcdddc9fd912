"""The final differential without a language model: the expert's score and the candidate model's, added.

    score(d) = expert(d) + w max(M(d), floor) - mean over d of the same

M(d) is the candidate model's log probability (the floor also for diseases it does not know); w is `chat_weight` where
the patient's words were there, else `case_weight`. Both parts are log odds, so the sum is that of a product of experts.
How the constants were fitted: docs/decisions/2026-11-26-fusion.md.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from importlib.resources import files

import numpy as np

from rarescale.candidates import Proposal
from rarescale.expert import Ranking

Array = np.ndarray


@dataclass(frozen=True)
class FusionSettings:
    """The constants of the module's text; `sharpness` and `none_of_these` as in the default expert."""

    chat_weight: float
    case_weight: float
    floor: float
    sharpness: float
    none_of_these: float

    @classmethod
    def default(cls) -> FusionSettings:
        """The constants that ship with the package."""
        text = files("rarescale.differential").joinpath("fusion.json").read_text(encoding="utf-8")
        values = json.loads(text)
        return cls(**{f.name: float(values[f.name]) for f in fields(cls)})

    def fingerprint(self) -> str:
        """The values as one line."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Fused:
    """Scores and probabilities over all g diseases; `learned` float64 (g,) is the candidate model's share of a score."""

    scores: Array
    probabilities: Array
    none_of_these: float
    learned: Array
    ranking: Ranking
    proposal: Proposal | None


def fuse(
    ranking: Ranking,
    proposal: Proposal | None,
    settings: FusionSettings,
    *,
    spoken: bool,
    among: Array | None = None,
) -> Fused:
    """One ranking of two; without a proposal it is the expert's. `among` bool (g,) keeps some diseases.

    `spoken`: the patient's own words were there.
    """
    base = ranking.scores
    weight = settings.chat_weight if spoken else settings.case_weight
    if proposal is None or weight == 0.0:
        learned = np.zeros(len(base))
    else:
        known = np.where(np.isfinite(proposal.scores), proposal.scores, settings.floor)
        learned = weight * np.maximum(known, settings.floor)
        learned = learned - learned.mean()
    scores = base + learned
    if among is not None:
        scores = np.where(among, scores, -np.inf)
    probabilities, none = _probabilities(scores, settings)
    return Fused(scores, probabilities, none, learned, ranking, proposal)


def _probabilities(scores: Array, settings: FusionSettings) -> tuple[Array, float]:
    """The softmax of the sharpened scores, less the share of "none of these", which is a constant."""
    best = float(scores.max())
    if not np.isfinite(best):
        return np.zeros_like(scores), 1.0
    odds = np.exp((scores - best) * settings.sharpness)
    return odds / odds.sum() * (1.0 - settings.none_of_these), settings.none_of_these
