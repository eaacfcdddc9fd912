from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.expert import OneMore, ProbabilisticExpert, Query
from rarescale.expert import one_more as module
from rarescale.knowledge import Knowledge
from rarescale.record import Sex


@pytest.fixture(scope="module")
def expert(toy: Knowledge) -> ProbabilisticExpert:
    return ProbabilisticExpert(toy)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_one_more_says_what_the_longer_query_would(data: st.DataObject, expert: ProbabilisticExpert) -> None:
    findings = np.flatnonzero(expert.knowledge.ontology.is_finding).tolist()
    drawn = data.draw(st.lists(st.sampled_from(findings), min_size=2, max_size=9, unique=True))
    present, absent, new = drawn[: max(1, len(drawn) // 2)], drawn[max(1, len(drawn) // 2) : -1], drawn[-1]
    sex, age = data.draw(st.sampled_from([None, *Sex])), data.draw(st.sampled_from([None, 0.5, 40.0]))
    query = Query(tuple(present), tuple(absent), sex, age)
    among = np.array(data.draw(st.lists(st.booleans(), min_size=expert.prior.size, max_size=expert.prior.size)))
    for kept in (None, among):
        found = OneMore(expert, expert.rank(query, kept)).present(new)
        assert found == pytest.approx(expert.rank(query.and_present(new), kept).probabilities, abs=1e-5)


def test_a_finding_that_is_there_already_changes_nothing(expert: ProbabilisticExpert) -> None:
    finding = int(np.flatnonzero(expert.knowledge.ontology.is_finding)[3])
    ranking = expert.rank(Query((finding,)))
    assert (OneMore(expert, ranking).present(finding) == ranking.probabilities).all()


def test_where_findings_are_cut_to_the_most_informative_the_whole_query_is_ranked(
    expert: ProbabilisticExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 2)
    one, two, three = np.flatnonzero(expert.knowledge.ontology.is_finding)[:3].tolist()
    query = Query((one, two))
    found = OneMore(expert, expert.rank(query)).present(three)
    assert (found == expert.rank(query.and_present(three)).probabilities).all()
