"""What became of one case: the truth was found at a rank, not found, or could not be scored.

The three are never mixed. A metric's denominator is the list of cases, fixed before anything runs: a case that
crashed, or that no prediction names, stays in it and counts as a miss, but a report can still tell it from a
case in which the truth was looked for and not listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """The truth is listed at the 1-based `rank`. Raises ValueError for a rank below 1."""

    rank: int

    def __post_init__(self) -> None:
        """Refuse stand-in ranks such as 0 or -1."""
        if self.rank < 1:
            raise ValueError(f"rank is {self.rank}; ranks start at 1, and a miss is NotFound, not a number")


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is a ranked list, and the truth is not in it."""


@dataclass(frozen=True, slots=True)
class NotScored:
    """There is nothing to rank in: the prediction is missing, failed, or broken; `reason` says which."""

    reason: str


Outcome = Found | NotFound | NotScored


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases ended how; `reasons` counts those not scored, the most frequent first."""

    cases: int
    found: int
    not_found: int
    not_scored: int
    reasons: tuple[tuple[str, int], ...] = ()


def rank_of(outcome: Outcome) -> int | None:
    """The rank where the truth was found, None for both kinds of miss."""
    return outcome.rank if isinstance(outcome, Found) else None


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Count the three outcomes; they add up to `cases`."""
    listed = list(outcomes)
    reasons = Counter(o.reason for o in listed if isinstance(o, NotScored))
    found = sum(isinstance(o, Found) for o in listed)
    lost = sum(reasons.values())
    ordered = tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    return Tally(len(listed), found, len(listed) - found - lost, lost, ordered)
