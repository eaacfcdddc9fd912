"""The constants of the default expert, kept as data beside the code."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from typing import Any

from rarescale.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """Constants of `ProbabilisticExpert`; what each does stands in its module's text.

    The shipped values stand in `default.json`; docs/decisions tells what was fitted on what.
    """

    # How often a finding occurs: a Beta posterior mean over pooled rows.
    beta_a: float
    beta_b: float
    class_patients: float
    unstated_patients: float
    unstated_frequency: float
    # How a finding is answered by a disease's annotations.
    detour_loss: float
    noise: float
    redundancy_power: float
    likelihood_count_power: float
    likelihood_weight: float
    # How much the two profiles look alike.
    cosine_weight: float
    information_power: float
    cosine_floor: float
    cosine_length: float
    cosine_count_power: float
    # How much of the disease's picture is there.
    coverage_weight: float
    coverage_shrink: float
    # Absence, sex and age, all timid.
    absent_weight: float
    absent_threshold: float
    sex_weight: float
    age_weight: float
    # Prior and calibration.
    cohort_weight: float
    cohort_cap: float
    orphanet_weight: float
    prevalence_weight: float
    none_of_these: float
    sharpness: float

    @classmethod
    def default(cls) -> Settings:
        """The constants that ship with the package."""
        return cls.from_dict(json.loads(files("rarescale.expert").joinpath("default.json").read_text(encoding="utf-8")))

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Constants from a mapping. Raises UsageError for an unknown or missing name."""
        known = {f.name for f in fields(cls)}
        if wrong := known ^ set(values):
            raise UsageError(
                f"expert settings: {', '.join(sorted(wrong))} unknown or missing; expected exactly {len(known)} names"
            )
        return cls(**{k: float(v) for k, v in values.items()})

    def fingerprint(self) -> str:
        """The values as one line, to tell two settings apart."""
        return json.dumps(asdict(self), sort_keys=True)
