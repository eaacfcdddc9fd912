from __future__ import annotations

import pytest

from rarescale.expert import ProbabilisticExpert, Query
from rarescale.interview import (
    Answer,
    Interviewer,
    InterviewSettings,
    SimulatedPatient,
    after,
    best_question,
    interview,
    progress,
)
from rarescale.knowledge import Knowledge
from rarescale.record import Case, Finding, State

TREMOR, SEIZURE, FEBRILE, LIVER, SPLEEN, EYE = (
    "HP:0001337",
    "HP:0001250",
    "HP:0002373",
    "HP:0002240",
    "HP:0001744",
    "HP:0000478",
)


@pytest.fixture
def case() -> Case:
    return Case(
        id="c",
        diagnosis=("OMIM:100001",),
        findings=(
            Finding(text=TREMOR),
            Finding(text=FEBRILE),
            Finding(text=LIVER),
            Finding(text=EYE, state=State.ABSENT),
            Finding(text="HP:9999999"),
        ),
    )


def test_the_patient_answers_only_from_what_is_explicit(toy: Knowledge, case: Case) -> None:
    patient = SimulatedPatient(toy.ontology, case)
    assert patient.answer(FEBRILE) is Answer.YES
    assert patient.answer(SEIZURE) is Answer.YES, "something more specific is listed"
    assert patient.answer("HP:0000618") is Answer.NO, "something more general is listed as absent"
    assert patient.answer(SPLEEN) is Answer.UNKNOWN
    with pytest.raises(KeyError):
        patient.answer("HP:9999999")


def test_a_closed_patient_denies_all_else(toy: Knowledge, case: Case) -> None:
    patient = SimulatedPatient(toy.ontology, case, closed=True)
    assert patient.answer(SPLEEN) is Answer.NO
    assert patient.answer(SEIZURE) is Answer.YES


def test_asked_something_general_the_patient_names_what_it_is(toy: Knowledge, case: Case) -> None:
    patient = SimulatedPatient(toy.ontology, case)
    assert patient.named("HP:0000707") == (TREMOR, FEBRILE)
    assert patient.named("HP:0000707", 1) == (TREMOR,)
    assert patient.named(SPLEEN) == ()


def test_answers_enter_the_query(toy: Knowledge) -> None:
    start = Query((1,), (2,), None, 3.0)
    assert after(start, 5, Answer.YES) == Query((1, 5), (2,), None, 3.0)
    assert after(start, 5, Answer.YES, [7, 1]) == Query((1, 7), (2,), None, 3.0)
    assert after(start, 5, Answer.NO) == Query((1,), (2, 5), None, 3.0)
    assert after(start, 5, Answer.UNKNOWN) is start


def test_an_interview_never_asks_twice_and_ends_when_nothing_is_left(toy: Knowledge, case: Case) -> None:
    interviewer = Interviewer(toy, ProbabilisticExpert(toy), InterviewSettings(least_information=0.01))
    tremor = toy.ontology.index(TREMOR)
    assert tremor is not None
    patient = SimulatedPatient(toy.ontology, case)
    choose = best_question(interviewer, heed_stop=False)
    turns = list(interview(toy.ontology, interviewer.expert, patient, Query((tremor,)), choose, turns=50))
    asked = [t.term for t in turns[1:]]
    assert 2 <= len(asked) < 50
    assert len(asked) == len(set(asked))
    liver = toy.ontology.index(LIVER)
    assert liver in turns[-1].query.present
    assert turns[-1].known == tuple(toy.ontology.ids[t] for t in asked if t is not None)


def test_a_heeded_stop_ends_the_interview(toy: Knowledge, case: Case) -> None:
    settings = InterviewSettings(least_information=0.01, least_gain=100.0)
    interviewer = Interviewer(toy, ProbabilisticExpert(toy), settings)
    tremor = toy.ontology.index(TREMOR)
    assert tremor is not None
    patient = SimulatedPatient(toy.ontology, case)
    turns = list(
        interview(toy.ontology, interviewer.expert, patient, Query((tremor,)), best_question(interviewer), turns=9)
    )
    assert len(turns) == 1


def test_the_asking_side_never_sees_the_diagnosis(toy: Knowledge, case: Case) -> None:
    """The same case under another diagnosis gets the same interview."""
    interviewer = Interviewer(toy, ProbabilisticExpert(toy), InterviewSettings(least_information=0.01))
    tremor = toy.ontology.index(TREMOR)
    assert tremor is not None
    asked = []
    for one in (case, case.model_copy(update={"diagnosis": ("ORPHA:13",)})):
        patient = SimulatedPatient(toy.ontology, one)
        choose = best_question(interviewer, heed_stop=False)
        turns = interview(toy.ontology, interviewer.expert, patient, Query((tremor,)), choose, turns=5)
        asked.append([t.term for t in turns])
    assert asked[0] == asked[1]


def test_the_first_question_tells_more_than_the_average_one(toy: Knowledge) -> None:
    interviewer = Interviewer(toy, ProbabilisticExpert(toy), InterviewSettings(least_information=0.01))
    vision = toy.ontology.index("HP:0000505")
    assert vision is not None
    query = Query((vision,))
    ranking = interviewer.expert.rank(query)
    everything = interviewer.next_questions(query, ranking, top=20).questions
    mean = sum(q.gain for q in everything) / len(everything)
    assert everything[0].gain > mean


def test_progress_is_how_far_the_truth_climbs_and_missing_counts_as_the_place_after_the_list() -> None:
    assert progress([40, 12, 3, 5], listed=20) == (9, 9, -2)
    assert progress([None, 1], listed=20) == (20,)
    assert progress([3], listed=20) == ()
