"""What may be asked, over the installed HPO release."""

from __future__ import annotations

import pytest

from rarescale.expert import ProbabilisticExpert, Query
from rarescale.interview import Cost, Interviewer
from rarescale.interview.wording import Wording
from rarescale.knowledge import Knowledge
from rarescale.record import Sex


@pytest.fixture(scope="module")
def interviewer(hpo: Knowledge) -> Interviewer:
    return Interviewer(hpo, ProbabilisticExpert(hpo))


def index(hpo: Knowledge, term: str) -> int:
    found = hpo.ontology.index(term)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sex", "term", "open_"),
    [
        (Sex.MALE, "HP:0000140", False),  # menstrual cycle
        (Sex.MALE, "HP:0000130", False),  # uterus
        (Sex.FEMALE, "HP:0000035", False),  # testis
        (Sex.FEMALE, "HP:0000130", True),
        (None, "HP:0000130", True),
        (None, "HP:0000035", True),
    ],
)
def test_what_a_sex_cannot_have_is_not_asked(
    hpo: Knowledge, interviewer: Interviewer, sex: Sex | None, term: str, open_: bool
) -> None:
    query = Query((index(hpo, "HP:0001250"),), (), sex, 30.0)
    assert interviewer.askable.open(query, open_ended=True)[index(hpo, term)] == open_


def test_a_finding_denied_also_denies_what_cannot_be_without_it(hpo: Knowledge, interviewer: Interviewer) -> None:
    fever_free = Query((index(hpo, "HP:0001337"),), (index(hpo, "HP:0001250"),))
    mask = interviewer.askable.open(fever_free)
    assert not mask[index(hpo, "HP:0002373")], "febrile seizure, below seizure"
    assert not mask[index(hpo, "HP:0200134")], "epileptic encephalopathy needs seizures"


@pytest.mark.parametrize(
    ("term", "cost"),
    [
        ("HP:0001337", Cost.ASK),  # tremor
        ("HP:0003155", Cost.TEST),  # elevated circulating alkaline phosphatase
        ("HP:0002353", Cost.TEST),  # EEG abnormality
        ("HP:0001347", Cost.EXAM),  # hyperreflexia
        ("RSF:0019", Cost.ASK),  # travel to South Asia
    ],
)
def test_costs(hpo: Knowledge, interviewer: Interviewer, term: str, cost: Cost) -> None:
    assert interviewer.askable.cost(index(hpo, term)) is cost


def test_every_finding_has_a_question_in_plain_grammar(hpo: Knowledge) -> None:
    wording = Wording(hpo.ontology)
    for term in range(0, len(hpo.ontology), 37):
        if not hpo.ontology.is_finding[term]:
            continue
        for cost in Cost:
            for age in (3.0, None):
                text = wording.question(term, cost, age=age)
                assert text.endswith("?")
                assert text.count("“") == text.count("”") == 1
                assert ("your child" in text) == (age is not None) or cost is not Cost.ASK
        words = wording.words(term).lower().split()
        assert "retarded" not in words
        if wording.words(term).lower() != hpo.ontology.labels[term].lower():
            assert not {"he", "she", "his", "her"} & set(words)


def test_questions_need_no_more_than_the_knowledge(hpo: Knowledge, interviewer: Interviewer) -> None:
    query = Query(tuple(index(hpo, t) for t in ("HP:0001337", "HP:0001260", "HP:0000952")), (), Sex.FEMALE, 34.0)
    found = interviewer.next_questions(query, interviewer.expert.rank(query))
    assert len(found.questions) == 5
    assert found.stop is None
    texts = [x.text for x in found.questions]
    assert len(set(texts)) == 5
