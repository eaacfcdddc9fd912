"""Many attempts at a case of one seed disease, step by step and side by side.

Each attempt has its own seed and does not see the others, so how they are grouped changes nothing. The order of a case:
predisposing factors, then findings by falling frequency; what has become impossible or follows from what is known is
left out; partners of a present finding move forward; from a given number of findings on, the current differential of
the expert picks findings of the seed's rivals, most of them to be denied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rarescale.expert import Tally
from rarescale.simulation.chance import mixed, uniform
from rarescale.simulation.profile import Profile
from rarescale.simulation.settings import SimulationSettings

_FACTORS_FIRST = 10.0
_CLOSED = -np.inf
_FOREIGN = -1e9
"""Priority of a rival's finding: open, but never next in the seed's own order."""
PRESENT, ABSENT, UNSAID = 1, -1, 0


@dataclass(frozen=True)
class Attempts:
    """`state` int8 (B, n) over the profile's terms; `order` int16 (B, n): the step at which each was recorded.

    `accepted` bool (B,): long enough, and the seed strictly first among the rivals.
    """

    female: np.ndarray
    age: np.ndarray
    state: np.ndarray
    order: np.ndarray
    accepted: np.ndarray


def attempt(profile: Profile, seeds: np.ndarray, settings: SimulationSettings) -> Attempts:
    """One attempt for each of `seeds`, uint64 (B,)."""
    return _Bench(profile, seeds, settings).run()


class _Bench:
    """The growing cases of one call."""

    def __init__(self, profile: Profile, seeds: np.ndarray, settings: SimulationSettings) -> None:
        self.profile, self.settings = profile, settings
        count, n = len(seeds), len(profile.terms)
        chance = uniform(mixed(seeds, 0), 8)
        self.female, self.age = profile.people.draw(chance)
        self.length = _lengths(chance[:, 4:6], settings)
        self.happens, said, jitter = (uniform(mixed(seeds, k), n) for k in (1, 2, 3))
        likely = settings.said_floor + settings.said_slope * profile.frequency
        self.said = said < (1.0 if settings.world == "closed" else likely)
        self.turns = uniform(mixed(seeds, 4), n)
        self.priority = profile.frequency + _FACTORS_FIRST * profile.factor + settings.order_jitter * jitter
        self.priority[:, profile.frequency == 0] = _FOREIGN
        self.priority[profile.related.barred(self.female, self.age)] = _CLOSED
        self.never_absent = np.zeros((count, n), bool)
        self.state, self.order = np.zeros((count, n), np.int8), np.zeros((count, n), np.int16)
        self.recorded, self.present = np.zeros(count, int), np.zeros(count, int)
        self.tally: Tally = profile.panel.tally(self.female, self.age)
        self.gain = np.zeros((count, n))
        self.gain_at = np.full(count, -settings.recompute)

    def run(self) -> Attempts:
        counted = self.recorded if self.settings.counted == "all" else self.present
        going = counted < self.length
        for step in range(len(self.profile.terms)):
            active = np.flatnonzero(going)
            if not len(active):
                break
            column, asked = self._choose(active, step)
            some = column >= 0
            self._record(active[some], column[some], asked[some], step)
            going[active] = some & (counted[active] < self.length[active])
        return Attempts(self.female, self.age, self.state, self.order, self._accepted())

    def _choose(self, active: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The next finding of each active case, -1 = none; and whether it was picked because of the rivals."""
        priority = self.priority[active]
        column = priority.argmax(axis=1)
        column[priority[np.arange(len(active)), column] < _FOREIGN / 2] = -1
        asked = np.zeros(len(active), bool)
        s = self.settings
        late = (self.recorded[active] >= s.rivals_from) | (column < 0)
        turn = late & (self.present[active] > 0) & ((self.turns[active, step] < s.rival_share) | (column < 0))
        if turn.any():
            rows = active[turn]
            self._weigh(rows)
            gain = np.where(self.priority[rows] > _CLOSED, self.gain[rows], -np.inf)
            chosen = gain.argmax(axis=1)
            good = gain[np.arange(len(rows)), chosen] > 0
            where = np.flatnonzero(turn)[good]
            column[where], asked[where] = chosen[good], True
        return column, asked

    def _weigh(self, rows: np.ndarray) -> None:
        """What denying each finding would cost the first rivals more than the seed, from the current differential."""
        stale = rows[self.recorded[rows] - self.gain_at[rows] >= self.settings.recompute]
        if not len(stale):
            return
        scores = self.tally.scores(stale)
        scores[:, 0] = -np.inf
        count = min(self.settings.rivals_shown, scores.shape[1])
        leaders = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        shown = np.zeros(scores.shape, np.float32)
        np.put_along_axis(shown, leaders, np.float32(1.0), axis=1)
        shown[:, 0] = 0.0
        usual = shown @ self.profile.panel.frequency.T / count
        self.gain[stale] = usual - self.profile.frequency
        self.gain_at[stale] = self.recorded[stale]

    def _record(self, rows: np.ndarray, columns: np.ndarray, asked: np.ndarray, step: int) -> None:
        p = self.profile
        happens = self.happens[rows, columns] < p.frequency[columns]
        denied = ~happens & (asked | self.said[rows, columns]) & ~self.never_absent[rows, columns]
        self.priority[rows, columns] = _CLOSED
        known = happens | denied
        rows, columns, happens = rows[known], columns[known], happens[known]
        self.state[rows, columns] = np.where(happens, PRESENT, ABSENT)
        self.order[rows, columns] = step
        self.recorded[rows] += 1
        self.present[rows] += happens
        self.tally.add(rows, columns, happens)
        self.priority[rows] += p.effect[happens.astype(int), columns]
        self.never_absent[rows[happens]] |= p.related.requires[columns[happens]]

    def _accepted(self) -> np.ndarray:
        s = self.settings
        accepted = (self.recorded >= s.least_findings) & (self.present >= max(1, s.least_present))
        if s.accept == "any":
            return accepted
        rows = np.flatnonzero(accepted)
        if len(rows):
            scores = self.tally.scores(rows)
            others = scores[:, 1:].max(axis=1, initial=-np.inf)
            accepted[rows] = scores[:, 0] > others
        return accepted


def _lengths(chance: np.ndarray, s: SimulationSettings) -> np.ndarray:
    """Lengths from two uniform numbers each, (B, 2): normal times log-normal, rounded and cut (Box and Muller)."""
    radius, angle = np.sqrt(-2.0 * np.log1p(-chance[:, 0])), 2.0 * np.pi * chance[:, 1]
    normal, other = radius * np.cos(angle), radius * np.sin(angle)
    drawn = (s.length + s.length_sd * normal) * np.exp(s.length_tail * other)
    lengths: np.ndarray = np.clip(np.rint(drawn), s.shortest, s.longest).astype(int)
    return lengths
