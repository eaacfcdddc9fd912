"""`Interviewer`: what to ask next, why, and when to stop."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from rarescale.expert import Expert, Panels, ProbabilisticExpert, QmrExpert, Query, Ranking, best
from rarescale.interview.askable import EVERY_ANSWERABLE, EVERY_COST, Askable
from rarescale.interview.contract import Answerable, Cost, Mode, Mover, Question, Questions, Stop
from rarescale.interview.costs import COSTS
from rarescale.interview.gain import Forecast, Forecaster, expected_gain
from rarescale.interview.modes import mode_for, problem, view
from rarescale.interview.outlook import Outlook
from rarescale.interview.settings import InterviewSettings
from rarescale.interview.wording import Wording
from rarescale.knowledge import Knowledge

LEADERS = 100
"""How many of the first diseases the current problem is looked for among."""

MOVERS = 3
"""How many diseases are named per answer."""

_LEAST_MOVE = 0.0005


@dataclass(frozen=True)
class _Judged:
    forecast: Forecast
    gain: float
    worth: float


class Interviewer:
    """Chooses questions over one knowledge and one expert; make one and use it for many patients."""

    def __init__(self, knowledge: Knowledge, expert: Expert, settings: InterviewSettings | None = None) -> None:
        """Raises TypeError for an expert other than ProbabilisticExpert and QmrExpert."""
        if not isinstance(expert, ProbabilisticExpert | QmrExpert):
            raise TypeError(f"an interview knows ProbabilisticExpert and QmrExpert, not {type(expert).__name__}")
        self.knowledge, self.settings = knowledge, settings or InterviewSettings()
        self.expert = expert
        self.outlook = Outlook(expert, self.settings)
        self._panels = Panels(expert)
        self.information: np.ndarray = expert.profiles["information"]
        s = self.settings
        self.askable = Askable(knowledge, self.information, s.least_information, s.least_open)
        self.wording = Wording(knowledge.ontology)

    def next_questions(
        self,
        query: Query | None,
        ranking: Ranking | None,
        *,
        known: Iterable[str] = (),
        top: int = 5,
        mode: Mode | None = None,
        costs: Collection[Cost] = EVERY_COST,
        answerable: Collection[Answerable] = EVERY_ANSWERABLE,
        open_ended: bool = False,
    ) -> Questions:
        """The `top` most useful questions for the patient of `query`, whom the expert ranked as `ranking`.

        `known` are ids already said or asked, "don't know" included; ids that mean no term are passed over. `mode`
        forces a mode. `costs` and `answerable` limit what is asked. With `open_ended`, while the mode is rule-out, the
        patient is asked for findings of a kind and may name them. Without a query (nothing known yet) there is nothing
        to choose by, and the stop says so.
        """
        if query is None or ranking is None:
            text = "Nothing is known yet: ask what the main trouble is, since when, and the patient's age and sex."
            return Questions(mode=Mode.RULE_OUT, stop=Stop(reason="nothing known", text=text))
        asked = [i for t in known if (i := self.knowledge.ontology.index(t)) is not None]
        belief = self.belief(query, ranking, asked)
        leaders = np.array(best(ranking, LEADERS))
        members = self._problem(query, ranking, leaders)
        mode = mode or (Mode.PURSUE if self._ahead(ranking, leaders) else mode_for(len(members), self.settings))
        wide = open_ended and mode is Mode.RULE_OUT
        open_terms = self.askable.open(query, asked, costs=costs, answerable=answerable, open_ended=wide)
        if wide:
            chosen = self._wide(query, ranking, belief, open_terms, top)
        else:
            chosen = self._different(self._judge(query, ranking, belief, open_terms, mode, members), top)
        questions = tuple(self._question(j, query, ranking, leaders, wide) for j in chosen)
        return Questions(mode=mode, questions=questions, stop=self._stop(ranking, leaders, chosen))

    def belief(self, query: Query, ranking: Ranking, asked: Iterable[int]) -> np.ndarray:
        """Probabilities (g,) that the choice is made by: those of the expert, less what brought no yes so far."""
        ontology = self.knowledge.ontology
        affirmed = {a for t in query.present for a in ontology.ancestor_set(t)}
        unmet = dict.fromkeys(t for t in (*query.absent, *asked) if t not in affirmed)
        return self.outlook.without(ranking.probabilities, unmet)

    def _judge(
        self,
        query: Query,
        ranking: Ranking,
        belief: np.ndarray,
        open_terms: np.ndarray,
        mode: Mode,
        members: np.ndarray,
    ) -> list[_Judged]:
        """All finalists, the worthiest first: a rough gain picks them, the expert judges them."""
        expected = self.outlook.expect(belief)
        terms = np.flatnonzero(open_terms & (expected.gain > 0))
        if not len(terms):
            return []
        weights = self._weights[terms]
        finalists = np.argsort(-expected.gain[terms] * weights, kind="stable")[: self.settings.finalists]
        before = view(belief, mode, members)
        correction = belief / np.maximum(ranking.probabilities, 1e-300)
        forecaster, judged = Forecaster(self.expert, query, ranking), []
        for k in finalists.tolist():
            f = forecaster.forecast(int(terms[k]), float(expected.yes[terms[k]]))
            after = (view(p * correction, mode, members) for p in (f.after_yes, f.after_no))
            gain = expected_gain(before, f.yes, *after)
            judged.append(_Judged(f, gain, gain * float(weights[k])))
        return sorted(judged, key=lambda j: (-j.worth, j.forecast.term))

    def _wide(
        self, query: Query, ranking: Ranking, belief: np.ndarray, open_terms: np.ndarray, top: int
    ) -> list[_Judged]:
        """The best open questions, by annotated frequencies: the expert cannot judge what is yet to be named."""
        expected = self.outlook.expect_named(belief)
        worth = np.where(open_terms, expected.gain * self._weights, 0.0)
        order = np.argsort(-worth, kind="stable")[: int((worth > 0).sum())]
        chosen = self._apart(order.tolist(), top)
        forecaster = Forecaster(self.expert, query, ranking)
        found = [forecaster.forecast(t, float(expected.yes[t])) for t in chosen]
        return [_Judged(f, float(expected.gain[f.term]), float(worth[f.term])) for f in found]

    @cached_property
    def _weights(self) -> np.ndarray:
        """What the gain of each term is multiplied with, float (n,)."""
        s = self.settings
        prices = np.array([s.price[c] for c in COSTS])[self.askable.cost_codes]
        weights: np.ndarray = np.array([s.answerable[a] for a in self.askable.answerable.tolist()]) / prices
        return weights

    def _problem(self, query: Query, ranking: Ranking, leaders: np.ndarray) -> np.ndarray:
        """The leader and its competitors, best first."""
        explains = self._panels.frequencies(np.array(query.present), leaders) > 0
        chosen = problem(ranking.probabilities[leaders], explains, self.settings.far_below)
        members: np.ndarray = leaders[chosen]
        return members

    def _ahead(self, ranking: Ranking, leaders: np.ndarray) -> bool:
        p = ranking.probabilities[leaders[:2]].tolist()
        return p[0] >= self.settings.sure and (len(p) < 2 or p[0] >= self.settings.ahead * p[1])

    def _different(self, judged: list[_Judged], top: int) -> list[_Judged]:
        """The first `top` that are not near each other."""
        by_term = {j.forecast.term: j for j in judged}
        return [by_term[t] for t in self._apart(by_term, top)]

    def _apart(self, terms: Iterable[int], top: int) -> list[int]:
        chosen: list[int] = []
        for term in terms:
            if len(chosen) == top:
                break
            if all(self._likeness(term, other) < self.settings.alike for other in chosen):
                chosen.append(term)
        return chosen

    def _likeness(self, a: int, b: int) -> float:
        """Lin similarity in 0..1; 1 where one is above the other."""
        above_a, above_b = (self.knowledge.ontology.ancestor_set(t) for t in (a, b))
        if a in above_b or b in above_a:
            return 1.0
        common = max((float(self.information[t]) for t in above_a & above_b), default=0.0)
        return 2.0 * common / max(float(self.information[a] + self.information[b]), 1e-9)

    def _stop(self, ranking: Ranking, leaders: np.ndarray, chosen: list[_Judged]) -> Stop | None:
        if self._ahead(ranking, leaders):
            name, p = self.knowledge.diseases.name(int(leaders[0])), float(ranking.probabilities[leaders[0]])
            text = f"{name} is clearly ahead ({p:.0%}); the next step is to confirm it."
            return Stop(reason="clearly ahead", text=text)
        if not chosen:
            return Stop(reason="nothing left", text="No question is left that bears on these diseases.")
        if max(j.gain for j in chosen) < self.settings.least_gain:
            return Stop(reason="little to gain", text="No question left is expected to change the list much.")
        return None

    def _question(
        self, judged: _Judged, query: Query, ranking: Ranking, leaders: np.ndarray, open_ended: bool
    ) -> Question:
        f, ontology = judged.forecast, self.knowledge.ontology
        cost = self.askable.cost(f.term)
        lacking = self._panels.frequencies(np.array([f.term]), leaders)[0] == 0
        now = ranking.probabilities
        return Question(
            id=ontology.ids[f.term],
            label=ontology.labels[f.term],
            text=self.wording.question(f.term, cost, age=query.age, open_ended=open_ended),
            gain=judged.gain,
            worth=judged.worth,
            yes=f.yes,
            answerable=cast(Answerable, ontology.answerable(f.term)),
            cost=cost,
            open_ended=open_ended,
            up_if_yes=self._movers(f.after_yes - now),
            up_if_no=self._movers(f.after_no - now) or self._named(leaders[lacking][:MOVERS], np.zeros_like(now)),
        )

    def _movers(self, change: np.ndarray) -> tuple[Mover, ...]:
        """The diseases that gain most, if anything worth naming."""
        gains = np.flatnonzero(change >= _LEAST_MOVE)
        return self._named(gains[np.argsort(-change[gains], kind="stable")][:MOVERS], change)

    def _named(self, diseases: np.ndarray, change: np.ndarray) -> tuple[Mover, ...]:
        known = self.knowledge.diseases
        return tuple(Mover(id=known.ids(d)[0], name=known.name(d), change=float(change[d])) for d in diseases.tolist())
