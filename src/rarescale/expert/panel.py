"""Many queries about few findings and few diseases at once, as a simulator needs them.

A panel fixes n findings and k diseases and precomputes everything that the score of a disease takes from the knowledge;
a tally then holds B growing queries and scores all of them by a few matrix products. The scores are those of
`Expert.rank` for these diseases (a test says so), some hundred times faster than one query after the other.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from rarescale.expert.contract import Expert
from rarescale.expert.probabilistic import ProbabilisticExpert
from rarescale.expert.qmr import QmrExpert
from rarescale.expert.ragged import slices


class Tally(Protocol):
    """B queries that grow finding by finding."""

    def add(self, rows: np.ndarray, columns: np.ndarray, present: np.ndarray) -> None:
        """Note finding `columns[i]` of query `rows[i]`, each row at most once, as present or absent."""
        ...

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Scores of the panel's diseases for these queries, float (len(rows), k). Each needs a present finding."""
        ...


class Panel(Protocol):
    """n findings and k diseases; `frequency` float32 (n, k) is how often the disease has the finding, 0 = not known."""

    frequency: np.ndarray

    def tally(self, female: np.ndarray, age: np.ndarray) -> Tally:
        """B empty queries; `female` bool (B,), `age` float (B,) in years, NaN = not known."""
        ...


class Panels:
    """Makes panels for one expert."""

    def __init__(self, expert: Expert) -> None:
        """Sort the spread profiles by disease once. Raises TypeError for an expert whose scores are not known here."""
        if not isinstance(expert, ProbabilisticExpert | QmrExpert):
            raise TypeError(f"panels know ProbabilisticExpert and QmrExpert, not {type(expert).__name__}")
        self.expert = expert
        p = expert.profiles
        order = np.argsort(p["spread.disease"], kind="stable")
        owner = np.repeat(np.arange(len(p["spread.offsets"]) - 1, dtype=np.int32), np.diff(p["spread.offsets"]))
        self._terms, self._frequencies = owner[order], p["spread.frequency"][order]
        counts = np.bincount(p["spread.disease"], minlength=len(expert.knowledge.diseases))
        self._offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def frequencies(self, terms: np.ndarray, diseases: np.ndarray) -> np.ndarray:
        """How often each disease has each of the distinct `terms`, itself or below; float32 (n, k), 0 = not known."""
        position = np.full(len(self.expert.knowledge.ontology), -1, np.int32)
        position[terms] = np.arange(len(terms), dtype=np.int32)
        source, column = slices(self._offsets, diseases)
        row = position[self._terms[source]]
        keep = row >= 0
        found = np.zeros((len(terms), len(diseases)), np.float32)
        found[row[keep], column[keep]] = self._frequencies[source[keep]]
        return found

    def panel(self, terms: np.ndarray, diseases: np.ndarray) -> Panel:
        """`terms` and `diseases` are indices, each once."""
        if isinstance(self.expert, QmrExpert):
            return _PointsPanel(self, self.expert, terms, diseases)
        return _LikelihoodPanel(self, self.expert, terms, diseases)


class _LikelihoodPanel:
    """The parts of `ProbabilisticExpert.rank` for fixed findings and diseases; names as in `evidence`."""

    def __init__(self, panels: Panels, expert: ProbabilisticExpert, terms: np.ndarray, diseases: np.ndarray) -> None:
        self.settings, self.diseases = expert.settings, diseases
        model, ontology, profiles = expert.model, expert.knowledge.ontology, expert.profiles
        source, row = slices(ontology.ancestors.offsets, terms)
        closure = np.unique(ontology.ancestors.items[source])
        closure = closure[np.argsort(model.information[closure], kind="stable")]
        position = np.full(len(ontology), -1, np.int32)
        position[closure] = np.arange(len(closure), dtype=np.int32)
        self.member = np.zeros((len(terms), len(closure)), bool)
        self.member[row, position[ontology.ancestors.items[source]]] = True
        self._row, self._column = np.nonzero(self.member)  # every term is its own ancestor, so no row is empty
        self._start = np.searchsorted(self._row, np.arange(len(terms)))
        at_closure = panels.frequencies(closure, diseases)
        self.frequency: np.ndarray = at_closure[position[terms]]
        information = model.information[closure]
        self.answers = self._answers(model.surprise[closure], position[terms], at_closure)
        self.power = self._redundancy(model.information[terms], information)
        self.importance = model.importance[closure].astype(np.float32)
        self.likeness = self.importance[:, None] * at_closure
        self.inverse_length = 1.0 / np.maximum(model._length[diseases], 1e-9)
        self._picture(expert, position, information)
        self.prior = expert.prior[diseases]
        self.recessive = profiles["linked.recessive"][diseases]
        self.least = profiles["onset.least"][diseases]
        usual = self.frequency >= self.settings.absent_threshold
        self.absence = np.where(usual, self.settings.absent_weight * np.log1p(-0.9 * self.frequency), 0.0)

    def _answers(self, surprise: np.ndarray, own: np.ndarray, at_closure: np.ndarray) -> np.ndarray:
        """S(t, d), float32 (n, k)."""
        detour = self.settings.detour_loss * (self._column != own[self._row])
        ratio = np.exp(surprise[self._column] - detour).astype(np.float32)
        answers = np.maximum.reduceat(ratio[:, None] * at_closure[self._column], self._start, axis=0)
        logarithm: np.ndarray = np.log(answers + np.float32(self.settings.noise))
        return logarithm

    def _redundancy(self, own: np.ndarray, information: np.ndarray) -> np.ndarray:
        """Lin similarity to the redundancy power, 1 on the diagonal, (n, n)."""
        shared = np.ascontiguousarray(self.member.T) * information[:, None]
        common = np.maximum.reduceat(shared[self._column], self._start, axis=0)
        own = np.maximum(own, 1e-9)
        power = np.minimum(common / ((own[:, None] + own[None, :]) / 2), 1.0) ** self.settings.redundancy_power
        np.fill_diagonal(power, 1.0)
        redundancy: np.ndarray = power.astype(np.float64)
        return redundancy

    def _picture(self, expert: ProbabilisticExpert, position: np.ndarray, information: np.ndarray) -> None:
        """What each finding shares with each annotated term (n, u), and what that is worth to each disease (u, k)."""
        model, ontology, profiles = expert.model, expert.knowledge.ontology, expert.profiles
        source, column = slices(profiles["pair.offsets"], self.diseases)
        annotated, term = np.unique(profiles["pair.term"][source], return_inverse=True)
        self.worth = np.zeros((len(annotated), len(self.diseases)), np.float32)
        self.worth[term, column] = model.pair_weight[source] * model.picture[self.diseases][column]
        above, owner = slices(ontology.ancestors.offsets, annotated)
        place = position[ontology.ancestors.items[above]]
        met = place >= 0
        owner, place = owner[met], place[met]
        shared = np.zeros((len(information), len(annotated)), np.float32)
        shared[place, owner] = information[place]
        self.shared = np.empty((len(self.member), len(annotated)), np.float32)
        for t, columns in enumerate(np.split(self._column, self._start[1:])):
            shared[columns].max(axis=0, out=self.shared[t])

    def tally(self, female: np.ndarray, age: np.ndarray) -> Tally:
        return _LikelihoodTally(self, female, age)


class _LikelihoodTally:
    def __init__(self, panel: _LikelihoodPanel, female: np.ndarray, age: np.ndarray) -> None:
        self._panel, (n, c) = panel, panel.member.shape
        self._present = np.zeros((len(female), n))
        self._absent = np.zeros((len(female), n))
        self._closure = np.zeros((len(female), c), bool)
        self._shared = np.zeros((len(female), panel.shared.shape[1]), np.float32)
        s = panel.settings
        self._base = panel.prior - s.sex_weight * (female[:, None] & panel.recessive)
        with np.errstate(invalid="ignore"):
            self._base = self._base - s.age_weight * (panel.least > age[:, None])

    def add(self, rows: np.ndarray, columns: np.ndarray, present: np.ndarray) -> None:
        self._absent[rows[~present], columns[~present]] = 1.0
        rows, columns = rows[present], columns[present]
        self._present[rows, columns] = 1.0
        self._closure[rows] |= self._panel.member[columns]
        self._shared[rows] = np.maximum(self._shared[rows], self._panel.shared[columns])

    def scores(self, rows: np.ndarray) -> np.ndarray:
        p, s = self._panel, self._panel.settings
        present, closure = self._present[rows], self._closure[rows].astype(np.float32)
        weights = present / np.maximum(present @ p.power, 1e-9)
        mass = np.maximum(0.3, weights.sum(axis=1))
        likelihood = (weights.astype(np.float32) @ p.answers) / (mass**s.likelihood_count_power)[:, None]
        length = np.sqrt(np.maximum(closure @ p.importance, 1e-18))
        cosine = (closure @ p.likeness) * p.inverse_length / length[:, None]
        scores: np.ndarray = self._base[rows] + s.likelihood_weight * likelihood
        scores += s.cosine_weight * np.log(cosine + s.cosine_floor) * (mass**s.cosine_count_power)[:, None]
        scores += s.coverage_weight * (self._shared[rows] @ p.worth)
        if s.absent_weight:
            scores += self._absent[rows] @ p.absence
        return scores


class _PointsPanel:
    """The points of `QmrExpert` for fixed findings and diseases: they simply add up."""

    def __init__(self, panels: Panels, expert: QmrExpert, terms: np.ndarray, diseases: np.ndarray) -> None:
        self.frequency: np.ndarray = panels.frequencies(terms, diseases)
        self.presence = np.array([expert.presence(t)[diseases] for t in terms.tolist()])
        self.absence = np.array([expert.absence(t)[diseases] for t in terms.tolist()])

    def tally(self, female: np.ndarray, age: np.ndarray) -> Tally:
        return _PointsTally(self, len(female))


class _PointsTally:
    def __init__(self, panel: _PointsPanel, count: int) -> None:
        self._panel, self._points = panel, np.zeros((count, panel.frequency.shape[1]))

    def add(self, rows: np.ndarray, columns: np.ndarray, present: np.ndarray) -> None:
        points = np.where(present[:, None], self._panel.presence[columns], self._panel.absence[columns])
        self._points[rows] += points

    def scores(self, rows: np.ndarray) -> np.ndarray:
        points: np.ndarray = self._points[rows]
        return points
