"""The final differential without a language model: the expert's score and the candidate model's, added.

    score(d) = (1 - h) E(d) + h E'(d) + w (max(M(d), floor) - mean over d of the same)

E is the expert's score of the findings that were understood for certain, E' that of these and the uncertain ones; h is
`hint_weight`, 0 where there are none. Where nothing was understood, E is the expert's prior. M is the candidate model's
log probability (the floor also for diseases it does not know); w is `chat_weight` where the patient's own words were
there, else `case_weight`. All parts are log odds, so the sum is that of a product of experts. How the constants were
fitted: docs/decisions/2026-11-26-fusion.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from importlib.resources import files

import numpy as np

from rarescale.candidates import Proposal
from rarescale.errors import UsageError
from rarescale.expert import Ranking, probabilities_of, reasons_of
from rarescale.record import Reason

Array = np.ndarray


@dataclass(frozen=True)
class FusionSettings:
    """The constants of the module's text; `case_sharpness` and `none_of_these` as in the default expert."""

    hint_weight: float
    chat_weight: float
    case_weight: float
    floor: float
    chat_sharpness: float
    case_sharpness: float
    none_of_these: float

    def weight(self, *, spoken: bool) -> float:
        """w of the module's text."""
        return self.chat_weight if spoken else self.case_weight

    @classmethod
    def default(cls) -> FusionSettings:
        """The constants that ship with the package."""
        text = files("rarescale.differential").joinpath("fusion.json").read_text(encoding="utf-8")
        values = json.loads(text)
        if wrong := {f.name for f in fields(cls)} ^ set(values):
            raise UsageError(f"fusion.json: {', '.join(sorted(wrong))} unknown or missing")
        return cls(**{name: float(value) for name, value in values.items()})


@dataclass(frozen=True)
class Fused:
    """Scores and probabilities over all g diseases, with what is needed to explain them.

    `learned` float64 (g,) is the candidate model's part of the scores. The rankings are None where there was nothing to
    rank by.
    """

    scores: Array
    probabilities: Array
    none_of_these: float
    learned: Array
    certain: Ranking | None
    hinted: Ranking | None
    proposal: Proposal | None
    hint_weight: float

    def reasons(self, disease: int) -> tuple[Reason, ...]:
        """One reason per finding, uncertain ones marked. They, the prior and `learned` add up to the score."""
        sure = self.certain.told(disease) if self.certain else ()
        if self.hinted is None:
            return reasons_of(sure)
        known = {t.key: t for t in sure}
        merged = {t.key: (1.0 - self.hint_weight) * t.weight for t in sure}
        guessed = {t.key: t for t in self.hinted.told(disease)}
        for key, told in guessed.items():
            merged[key] = merged.get(key, 0.0) + self.hint_weight * told.weight
        return tuple((known.get(k) or guessed[k]).reason(weight, k not in known) for k, weight in merged.items())


def fuse(
    certain: Ranking | None,
    hinted: Ranking | None,
    proposal: Proposal | None,
    prior: Array,
    settings: FusionSettings,
    *,
    spoken: bool,
    among: Array | None = None,
) -> Fused:
    """One ranking of up to three; see the module's text. `prior` float64 (g,); `among` bool (g,) keeps some diseases.

    `spoken`: the patient's own words were there.
    """
    base = prior if certain is None else certain.scores
    if hinted is not None:
        base = (1.0 - settings.hint_weight) * base + settings.hint_weight * hinted.scores
    weight = settings.weight(spoken=spoken)
    learned = np.zeros(len(base))
    if proposal is not None and weight:
        known = np.maximum(np.where(np.isfinite(proposal.scores), proposal.scores, settings.floor), settings.floor)
        learned = weight * (known - known.mean())
    scores = base + learned
    if among is not None:
        scores = np.where(among, scores, -np.inf)
    sharpness = settings.chat_sharpness if spoken else settings.case_sharpness
    probabilities, none = probabilities_of(scores, sharpness, settings.none_of_these)
    return Fused(
        scores, probabilities, none, learned, certain, hinted, proposal if weight else None, settings.hint_weight
    )
