"""Every choice of the case simulator in one place, with the reason where the literature is silent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from rarescale.errors import UsageError


@dataclass(frozen=True)
class SimulationSettings:
    """How cases are drawn. "assumed" marks a choice that no publication states.

    Which findings: `answerable` are the kinds of term that take part (symptom = the patient feels or sees it,
    told = the patient was told of it); factors always do. `expert` (expert or qmr) and `weights` (of qmr) decide.

    How many: a case stops at a length drawn from a normal distribution of mean `length` and deviation `length_sd`, cut
    to `shortest`..`longest` (the published cases have 11.7-11.9 on average, deviation about 2); a case with fewer than
    `least_findings` findings or `least_present` present ones is no case (assumed).

    Absent or unsaid: with `world` "closed" a finding drawn as not present is recorded absent; with "unsaid" it is so
    with probability `said_floor` + `said_slope` x frequency, since a doctor asks for what is usual (assumed; about a
    quarter of the findings of the published examples are absent), else nothing is recorded.

    Order: by frequency + up to `order_jitter`, so that equal ones are not always in the same order (assumed);
    `co_occurrence` per point of strength is added once a partner is present (assumed).

    Rivals: from finding number `rivals_from` on the next finding is, with probability `rival_share` (assumed), the one
    that the first `rivals_shown` diseases of the current differential have most and the seed has least; up to
    `foreign` findings that the seed's profile lacks take part (assumed). `recompute` is the number of findings after
    which the differential is made anew.

    Acceptance: the seed strictly first among `panel` rivals, then among all; `attempts` and `needed` as published.
    `differential` is the length of the differential kept.

    Realism, all off by default: `ancestor` replaces a present finding by a parent, `missing` drops a finding,
    `incidental` adds one finding of no meaning, each with this probability, before the last acceptance.
    """

    answerable: tuple[str, ...] = ("symptom", "told")
    expert: Literal["expert", "qmr"] = "expert"
    weights: str = "ravuri2018"
    length: float = 12.0
    length_sd: float = 2.0
    shortest: int = 6
    longest: int = 18
    least_findings: int = 6
    least_present: int = 2
    world: Literal["unsaid", "closed"] = "unsaid"
    said_floor: float = 0.02
    said_slope: float = 0.2
    order_jitter: float = 0.15
    co_occurrence: float = 0.1
    rivals_from: int = 6
    rivals_shown: int = 5
    rival_share: float = 0.15
    recompute: int = 1
    foreign: int = 8
    panel: int = 64
    attempts: int = 200
    needed: int = 50
    differential: int = 5
    ancestor: float = 0.0
    missing: float = 0.0
    incidental: float = 0.0

    def __post_init__(self) -> None:
        """Raises UsageError for a value that makes no sense."""
        shares = ("rival_share", "said_floor", "said_slope", "ancestor", "missing", "incidental")
        wrong = [name for name in shares if not 0.0 <= getattr(self, name) <= 1.0]
        wrong += [name for name in ("attempts", "needed", "panel", "recompute") if getattr(self, name) < 1]
        wrong += ["shortest"] if not 1 <= self.shortest <= self.longest else []
        wrong += ["needed"] if self.needed > self.attempts else []
        wrong += ["world"] if self.world not in ("unsaid", "closed") else []
        wrong += ["expert"] if self.expert not in ("expert", "qmr") else []
        if wrong:
            raise UsageError(
                f"simulation settings: {', '.join(f'{w}={getattr(self, w)!r}' for w in wrong)} out of range"
            )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SimulationSettings:
        """Settings from a mapping; what is left out keeps its default. Raises UsageError for an unknown name."""
        if unknown := set(values) - {f.name for f in fields(cls)}:
            raise UsageError(f"simulation settings: {', '.join(sorted(unknown))} unknown; see SimulationSettings")
        return cls(**values)

    def fingerprint(self) -> str:
        """The values as one line, to tell two settings apart."""
        return json.dumps(asdict(self), sort_keys=True)
