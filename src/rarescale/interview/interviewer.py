"""`Interviewer`: what to ask next, why, and when to stop."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from rarescale.expert import Expert, ProbabilisticExpert, QmrExpert, Query, Ranking, best
from rarescale.interview.askable import EVERY_ANSWERABLE, EVERY_COST, Askable
from rarescale.interview.contract import Answerable, Cost, Mode, Mover, Question, Questions, Stop
from rarescale.interview.gain import Forecast, Outlook, expected_gain
from rarescale.interview.modes import mode_for, problem, view
from rarescale.interview.settings import InterviewSettings
from rarescale.interview.wording import Wording
from rarescale.knowledge import Knowledge

MOVERS = 3
"""How many diseases are named per answer."""

_LEAST_MOVE = 0.0005


@dataclass(frozen=True)
class _Judged:
    outlook: Outlook
    gain: float
    worth: float


class Interviewer:
    """Chooses questions over one knowledge and one expert; make one and use it for many patients."""

    def __init__(self, knowledge: Knowledge, expert: Expert, settings: InterviewSettings | None = None) -> None:
        """Raises TypeError for an expert other than ProbabilisticExpert and QmrExpert."""
        if not isinstance(expert, ProbabilisticExpert | QmrExpert):
            raise TypeError(f"an interview knows ProbabilisticExpert and QmrExpert, not {type(expert).__name__}")
        self.knowledge, self.settings = knowledge, settings or InterviewSettings()
        self.forecast = Forecast(expert, self.settings)
        self.information: np.ndarray = expert.profiles["information"]
        self.askable = Askable(knowledge, self.information, self.settings.least_information)
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
    ) -> Questions:
        """The `top` most useful questions for the patient of `query`, whom the expert ranked as `ranking`.

        `known` are ids already said or asked, "don't know" included; ids that mean no term are passed over. `mode`
        forces a mode. `costs` and `answerable` limit what is asked. Without a query (nothing known yet) there is
        nothing to choose by, and the stop says so.
        """
        if query is None or ranking is None:
            text = "Nothing is known yet: ask what the main trouble is, since when, and the patient's age and sex."
            return Questions(mode=Mode.RULE_OUT, stop=Stop(reason="nothing known", text=text))
        shortlist = np.array(best(ranking, self.settings.shortlist))
        members = self._problem(query, ranking, shortlist)
        mode = mode or (Mode.PURSUE if self._ahead(ranking, shortlist) else mode_for(len(members), self.settings))
        judged = self._judge(query, ranking, known, shortlist, mode, members, costs, answerable)
        chosen = self._different(judged, top)
        questions = tuple(self._question(j, query, ranking) for j in chosen)
        return Questions(mode=mode, questions=questions, stop=self._stop(ranking, shortlist, chosen))

    def candidates(self, query: Query, ranking: Ranking, shortlist: np.ndarray, open_terms: np.ndarray) -> np.ndarray:
        """Indices of the open terms that some disease of the shortlist has."""
        terms = np.flatnonzero(open_terms)
        has = self.forecast.frequencies(terms, shortlist).max(axis=1, initial=0.0) > 0
        found: np.ndarray = terms[has]
        return found

    def _judge(
        self,
        query: Query,
        ranking: Ranking,
        known: Iterable[str],
        shortlist: np.ndarray,
        mode: Mode,
        members: np.ndarray,
        costs: Collection[Cost],
        answerable: Collection[Answerable],
    ) -> list[_Judged]:
        """All finalists, the worthiest first: a rough gain picks them, the expert judges them."""
        asked = [i for t in known if (i := self.knowledge.ontology.index(t)) is not None]
        open_terms = self.askable.open(query, asked, costs=costs, answerable=answerable)
        terms = self.candidates(query, ranking, shortlist, open_terms)
        if not len(terms):
            return []
        weights = np.array([self._weight(t) for t in terms.tolist()])
        rough = self.forecast.rough(terms, members if mode is Mode.DISCRIMINATE else shortlist, ranking) * weights
        finalists = np.argsort(-rough, kind="stable")[: self.settings.finalists]
        before = view(ranking.probabilities, mode, members)
        judged = []
        for k in finalists.tolist():
            o = self.forecast.outlook(int(terms[k]), query, ranking)
            after = (view(p, mode, members) for p in (o.after_yes, o.after_no))
            gain = expected_gain(before, o.yes, *after)
            judged.append(_Judged(o, gain, gain * float(weights[k])))
        return sorted(judged, key=lambda j: (-j.worth, j.outlook.term))

    def _weight(self, term: int) -> float:
        """What the gain of a question is multiplied with."""
        s = self.settings
        return s.answerable[self.knowledge.ontology.answerable(term)] / s.price[self.askable.costs(term)]

    def _problem(self, query: Query, ranking: Ranking, shortlist: np.ndarray) -> np.ndarray:
        """The leader and its competitors, best first."""
        explains = self.forecast.frequencies(np.array(query.present), shortlist) > 0
        chosen = problem(ranking.probabilities[shortlist], explains, self.settings.far_below)
        members: np.ndarray = shortlist[chosen]
        return members

    def _ahead(self, ranking: Ranking, shortlist: np.ndarray) -> bool:
        p = ranking.probabilities[shortlist[:2]].tolist()
        return p[0] >= self.settings.sure and (len(p) < 2 or p[0] >= self.settings.ahead * p[1])

    def _different(self, judged: list[_Judged], top: int) -> list[_Judged]:
        """The first `top` that are not near each other."""
        chosen: list[_Judged] = []
        for j in judged:
            if len(chosen) == top:
                break
            if all(self._likeness(j.outlook.term, c.outlook.term) < self.settings.alike for c in chosen):
                chosen.append(j)
        return chosen

    def _likeness(self, a: int, b: int) -> float:
        """Lin similarity in 0..1; 1 where one is above the other."""
        above_a, above_b = (self.knowledge.ontology.ancestor_set(t) for t in (a, b))
        if a in above_b or b in above_a:
            return 1.0
        common = max((float(self.information[t]) for t in above_a & above_b), default=0.0)
        return 2.0 * common / max(float(self.information[a] + self.information[b]), 1e-9)

    def _stop(self, ranking: Ranking, shortlist: np.ndarray, chosen: list[_Judged]) -> Stop | None:
        if self._ahead(ranking, shortlist):
            name, p = self.knowledge.diseases.name(int(shortlist[0])), float(ranking.probabilities[shortlist[0]])
            text = f"{name} is clearly ahead ({p:.0%}); the next step is to confirm it."
            return Stop(reason="clearly ahead", text=text)
        if not chosen:
            return Stop(reason="nothing left", text="No question is left that bears on these diseases.")
        if max(j.gain for j in chosen) < self.settings.least_gain:
            return Stop(reason="little to gain", text="No question left is expected to change the list much.")
        return None

    def _question(self, judged: _Judged, query: Query, ranking: Ranking) -> Question:
        o, ontology = judged.outlook, self.knowledge.ontology
        cost = self.askable.costs(o.term)
        return Question(
            id=ontology.ids[o.term],
            label=ontology.labels[o.term],
            text=self.wording.question(o.term, cost, age=query.age),
            gain=judged.gain,
            worth=judged.worth,
            yes=o.yes,
            answerable=ontology.answerable(o.term),
            cost=cost,
            up_if_yes=self._movers(o.after_yes - ranking.probabilities),
            up_if_no=self._movers(o.after_no - ranking.probabilities),
        )

    def _movers(self, change: np.ndarray) -> tuple[Mover, ...]:
        """The diseases that gain most, if anything worth naming."""
        first = np.argpartition(-change, min(MOVERS, len(change) - 1))[:MOVERS]
        first = first[np.lexsort((first, -change[first]))]
        diseases = self.knowledge.diseases
        return tuple(
            Mover(id=diseases.ids(d)[0], name=diseases.name(d), change=float(change[d]))
            for d in first.tolist()
            if change[d] >= _LEAST_MOVE
        )
