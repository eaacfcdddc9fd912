"""Rare diseases kept in view without crying wolf: the two ways to be wrong, side by side.

A *false alarm* is a case of a common disease with a rare disease on top. An *overlooked* case is one of a rare
disease with a common disease on top. Ties count against: with several entries on top, one wrong one is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rarescale.evaluation.outcomes import Found, Outcome
from rarescale.record import Rarity


@dataclass(frozen=True, slots=True)
class Judged:
    """One case: the class of its true disease, the outcome, and the classes of the entries that share the top score.

    `on_top` is empty where there is no list; such a case raises no alarm, but it is no hit either.
    """

    truth: Rarity
    outcome: Outcome
    on_top: tuple[Rarity, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """Shares 0..1 of the rare and of the common cases; None where there are none of that kind."""

    rare_cases: int
    common_cases: int
    rare_top1: float | None
    common_top1: float | None
    false_alarms: float | None
    overlooked: float | None

    @property
    def balanced_top1(self) -> float | None:
        """Mean of both top-1 shares: a system that always says "rare" or always "common" gets no more than half."""
        if self.rare_top1 is None or self.common_top1 is None:
            return None
        return (self.rare_top1 + self.common_top1) / 2


def balance(cases: Sequence[Judged]) -> Balance:
    """Both sides of the balance; diseases that are uncommon or of unknown class are on neither."""
    rare = [c for c in cases if c.truth == "rare"]
    common = [c for c in cases if c.truth == "common"]
    return Balance(
        rare_cases=len(rare),
        common_cases=len(common),
        rare_top1=_share([_first(c.outcome) for c in rare]),
        common_top1=_share([_first(c.outcome) for c in common]),
        false_alarms=_share(["rare" in c.on_top for c in common]),
        overlooked=_share(["common" in c.on_top for c in rare]),
    )


def _first(outcome: Outcome) -> bool:
    return isinstance(outcome, Found) and outcome.rank == 1


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
