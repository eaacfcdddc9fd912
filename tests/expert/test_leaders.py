"""The few best diseases of a query are those of the whole ranking, with the very same scores."""

from __future__ import annotations

import numpy as np
import pytest

from rarescale.expert import Expert, ProbabilisticExpert, QmrExpert, Query, best, leaders
from rarescale.knowledge import Knowledge
from rarescale.record import Sex


@pytest.fixture(scope="module", params=[ProbabilisticExpert, QmrExpert])
def expert(request: pytest.FixtureRequest, hpo: Knowledge) -> Expert:
    made: Expert = request.param(hpo)
    return made


def queries(knowledge: Knowledge, count: int) -> list[Query]:
    """Random findings, and findings of one disease with some of others, with sex, age and absent findings."""
    rng = np.random.default_rng(0)
    finding = np.flatnonzero(knowledge.ontology.is_finding)
    asked = []
    for k in range(count):
        drawn = rng.choice(finding, 12, replace=False).tolist()
        if k % 2:
            own = [a.term for a in knowledge.diseases.annotations(int(rng.integers(len(knowledge.diseases))))]
            terms = [t for i in own if (t := knowledge.ontology.index(i)) is not None and t in set(finding.tolist())]
            drawn = list(dict.fromkeys(terms[:8] + drawn[:3]))
        cut = int(rng.integers(1, len(drawn) + 1))
        age = None if k % 5 == 0 else float(rng.uniform(0, 80))
        asked.append(Query(tuple(drawn[:cut]), tuple(drawn[cut:]), [None, Sex.FEMALE, Sex.MALE][k % 3], age))
    return asked


def test_leaders_are_the_first_of_the_ranking_with_equal_scores(expert: Expert, hpo: Knowledge) -> None:
    for k, query in enumerate(queries(hpo, 60)):
        ranking = expert.rank(query)
        for count in (1, 5, 200):
            near = None if k % 2 else np.arange(k, k + 24)
            first, scores = leaders(expert, query, count, near)
            assert first.tolist() == list(best(ranking, count))
            assert scores.tolist() == ranking.scores[first].tolist()


def test_more_leaders_than_diseases_are_all_of_them(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy)
    query = Query((int(np.flatnonzero(toy.ontology.is_finding)[0]),))
    first, _ = leaders(expert, query, 100)
    assert first.tolist() == list(best(expert.rank(query), 100))
    assert len(first) == len(toy.diseases)


def test_no_present_finding_has_no_leaders(expert: Expert) -> None:
    with pytest.raises(ValueError, match="present"):
        leaders(expert, Query(()), 5)
