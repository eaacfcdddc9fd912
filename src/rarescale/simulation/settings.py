"""Every choice of the case simulator in one place, with the reason where the literature is silent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from rarescale.errors import UsageError

_CHOICES = {
    "scope": ("answerable", "all"),
    "expert": ("expert", "qmr"),
    "counted": ("all", "present"),
    "world": ("unsaid", "closed"),
    "accept": ("first", "any"),
}
_NOISE = (
    *("ancestor", "levels", "specific", "cousin", "missing", "incidental", "unrelated", "near", "common", "unevenness"),
    *("absents", "absents_tail", "absents_none", "absent_unrelated"),
)

PRESETS: dict[str, dict[str, Any]] = {
    "chat": {},
    "realistic": {
        "scope": "all",
        "accept": "any",
        "length": 7.5,
        "length_sd": 0.0,
        "length_tail": 0.75,
        "counted": "present",
        "shortest": 1,
        "longest": 60,
        "least_findings": 1,
        "least_present": 1,
        "world": "closed",
        "order_jitter": 2.5,
        "rival_share": 0.0,
        "foreign": 0,
        "ancestor": 0.07,
        "levels": 0.3,
        "specific": 0.17,
        "cousin": 0.2,
        "incidental": 0.0,
        "unrelated": 0.4,
        "near": 0.8,
        "common": 1.4,
        "unevenness": 0.6,
        "absents": 7.0,
        "absents_tail": 1.1,
        "absents_none": 0.13,
        "absent_unrelated": 0.2,
    },
}
"""`chat`: what a patient tells, mild noise. `realistic`: like published cases, tuned as docs/decisions tells."""


@dataclass(frozen=True)
class SimulationSettings:
    """How cases are drawn. "assumed" marks a choice that no publication states.

    Which findings: `scope` "answerable" lets the kinds of term in `answerable` take part (symptom = the patient feels
    or sees it, told = the patient was told of it), "all" every finding; factors always do. `expert` (expert or qmr) and
    `weights` (of qmr) decide.

    How many: a case stops at a length drawn from a normal distribution of mean `length` and deviation `length_sd`,
    times e^(`length_tail` x a standard normal number), cut to `shortest`..`longest` (the published cases have 11.7-11.9
    on average, deviation about 2). `counted` says what the length counts: "all" findings or the "present" ones. A case
    with fewer than `least_findings` findings or `least_present` present ones is no case (assumed).

    Absent or unsaid: with `world` "closed" a finding drawn as not present is recorded absent; with "unsaid" it is so
    with probability `said_floor` + `said_slope` x frequency, since a doctor asks for what is usual (assumed; about a
    quarter of the findings of the published examples are absent), else nothing is recorded.

    Order: by frequency + up to `order_jitter`, so that equal ones are not always in the same order (assumed);
    `co_occurrence` per point of strength is added once a partner is present (assumed).

    Rivals: from finding number `rivals_from` on the next finding is, with probability `rival_share` (assumed), the one
    that the first `rivals_shown` diseases of the current differential have most and the seed has least; up to
    `foreign` findings that the seed's profile lacks take part (assumed). `recompute` is the number of findings after
    which the differential is made anew.

    Acceptance: with `accept` "first" the seed strictly first among `panel` rivals, then among all; `attempts` and
    `needed` as published. With "any" every case is taken, as real patients' diseases are often not first.
    `differential` is the length of the differential kept.

    Noise, before the last acceptance; shares are of the present findings. A finding is told too generally
    (`ancestor`; each further level up with probability `levels`), too specifically (`specific`: a term below), as a
    relative (`cousin`: up by such levels, down to another term) or not at all (`missing`). One common complaint of no
    meaning is added with probability `incidental`; findings unrelated to the disease, drawn by how many diseases have
    them to the power `common`, are added, `unrelated` for each true one on average, the share `near` of them in the
    body system of a finding already told. In one case all these rates are
    e^(`unevenness` x a standard normal number) times as high. `absents` > 0 is the median number of absent findings,
    log-normal with deviation `absents_tail`, and 0 with probability `absents_none`: superfluous ones are dropped,
    missing ones drawn like unrelated findings, in any case the share `absent_unrelated`.
    """

    scope: Literal["answerable", "all"] = "answerable"
    answerable: tuple[str, ...] = ("symptom", "told")
    expert: Literal["expert", "qmr"] = "expert"
    weights: str = "ravuri2018"
    length: float = 12.0
    length_sd: float = 2.0
    length_tail: float = 0.0
    counted: Literal["all", "present"] = "all"
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
    accept: Literal["first", "any"] = "first"
    attempts: int = 200
    needed: int = 50
    differential: int = 5
    ancestor: float = 0.05
    levels: float = 0.0
    specific: float = 0.0
    cousin: float = 0.0
    missing: float = 0.0
    incidental: float = 0.1
    unrelated: float = 0.0
    near: float = 0.0
    common: float = 1.0
    unevenness: float = 0.0
    absents: float = 0.0
    absents_tail: float = 0.0
    absents_none: float = 0.0
    absent_unrelated: float = 0.0

    def __post_init__(self) -> None:
        """Raises UsageError for a value that makes no sense."""
        shares = (
            *("rival_share", "said_floor", "said_slope", "ancestor", "levels", "specific", "cousin", "missing"),
            *("incidental", "near", "absents_none", "absent_unrelated"),
        )
        sizes = ("length_sd", "length_tail", "unrelated", "unevenness", "absents", "absents_tail")
        wrong = [name for name in shares if not 0.0 <= getattr(self, name) <= 1.0]
        wrong += [name for name in ("attempts", "needed", "panel", "recompute") if getattr(self, name) < 1]
        wrong += [name for name in sizes if getattr(self, name) < 0.0]
        wrong += ["shortest"] if not 1 <= self.shortest <= self.longest else []
        wrong += ["needed"] if self.needed > self.attempts else []
        wrong += [name for name, known in _CHOICES.items() if getattr(self, name) not in known]
        if wrong:
            raise UsageError(
                f"simulation settings: {', '.join(f'{w}={getattr(self, w)!r}' for w in wrong)} out of range"
            )

    @classmethod
    def preset(cls, name: str, **values: Any) -> SimulationSettings:
        """The settings of a preset, one of `PRESETS`, with other `values` on top. Raises UsageError for another."""
        if name not in PRESETS:
            raise UsageError(f"simulation preset {name!r} is not known; expected one of {', '.join(PRESETS)}")
        return cls.from_dict({**PRESETS[name], **values})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SimulationSettings:
        """Settings from a mapping; what is left out keeps its default. Raises UsageError for an unknown name."""
        if unknown := set(values) - {f.name for f in fields(cls)}:
            raise UsageError(f"simulation settings: {', '.join(sorted(unknown))} unknown; see SimulationSettings")
        return cls(**values)

    def drawing(self) -> str:
        """The values that matter before noise, as one line: which diseases are eligible depends on these alone."""
        return json.dumps({k: v for k, v in asdict(self).items() if k not in _NOISE}, sort_keys=True)

    def fingerprint(self) -> str:
        """The values as one line, to tell two settings apart."""
        return json.dumps(asdict(self), sort_keys=True)
