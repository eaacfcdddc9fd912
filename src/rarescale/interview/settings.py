"""The numbers of the interview. Units stand at the fields; figures behind them in docs/decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rarescale.interview.contract import Cost


@dataclass(frozen=True)
class InterviewSettings:
    """All are assumed unless the decision note says that they were tuned."""

    shortlist: int = 1000
    """How many diseases a first, rough estimate of the gain looks at one by one; the others count as one."""

    finalists: int = 16
    """For how many findings the gain is then computed by the expert itself."""

    reported: float = 0.8
    """P(yes) where a disease is annotated with a finding, as a share of the annotated frequency: tuned."""

    background: float = 0.5
    """P(yes) where it is not, as a share of the finding's mean frequency over all diseases: tuned."""

    least_information: float = 1.0
    """Findings that more diseases have are too general for a yes or no: nats, 1.0 = more than 37 % of all diseases."""

    least_open: float = 0.6
    """The same for open questions, 0.6 = more than 55 %: tuned."""

    alike: float = 0.75
    """Two findings with a Lin similarity from here on are not asked side by side."""

    answerable: Mapping[str, float] = field(
        default_factory=lambda: {"symptom": 1.0, "told": 0.9, "unknown": 0.8, "no": 0.7}
    )
    """Share of patients who can answer, by what `knowledge` says of the finding."""

    price: Mapping[Cost, float] = field(default_factory=lambda: {Cost.ASK: 1.0, Cost.EXAM: 1.2, Cost.TEST: 1.5})
    """The gain is divided by this."""

    far_below: float = 0.1
    """A disease with less than this share of the leader's probability is no competitor."""

    many: int = 5
    """From this many diseases in the current problem on, leader included, we rule out; one alone is pursued."""

    ahead: float = 20.0
    """Leader's odds against the second from which it is clearly ahead ..."""

    sure: float = 0.5
    """... where its probability is at least this."""

    least_gain: float = 0.002
    """Nats; a best question with less is not worth asking."""
