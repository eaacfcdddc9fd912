from __future__ import annotations

import numpy as np
import pytest

from rarescale.expert import Expert, ProbabilisticExpert, QmrExpert, Query
from rarescale.interview import Cost, Interviewer, InterviewSettings, Mode, Questions
from rarescale.knowledge import Knowledge
from rarescale.record import Sex

LOW = InterviewSettings(least_information=0.01, least_open=0.01)
"""In six diseases hardly anything is rare, so nothing is too general."""


def q(toy: Knowledge, *present: str, absent: tuple[str, ...] = (), sex: Sex | None = None) -> Query:
    def index(term: str) -> int:
        found = toy.ontology.index(term)
        assert found is not None
        return found

    return Query(tuple(index(t) for t in present), tuple(index(t) for t in absent), sex, 30.0)


TREMOR, SEIZURE, FEBRILE, LIVER = "HP:0001337", "HP:0001250", "HP:0002373", "HP:0002240"
BLIND, VISION, POLYURIA, SPLEEN = "HP:0000618", "HP:0000505", "HP:0000103", "HP:0001744"


@pytest.fixture(scope="module", params=["expert", "qmr"])
def expert(request: pytest.FixtureRequest, toy: Knowledge) -> Expert:
    return ProbabilisticExpert(toy) if request.param == "expert" else QmrExpert(toy)


@pytest.fixture(scope="module")
def interviewer(toy: Knowledge, expert: Expert) -> Interviewer:
    return Interviewer(toy, expert, LOW)


def ask(interviewer: Interviewer, query: Query, **more: object) -> Questions:
    return interviewer.next_questions(query, interviewer.expert.rank(query), **more)  # type: ignore[arg-type]


def asked(questions: Questions) -> set[str]:
    return {question.id for question in questions.questions}


def test_questions_come_most_useful_first_with_what_a_page_needs(toy: Knowledge, interviewer: Interviewer) -> None:
    found = ask(interviewer, q(toy, VISION))
    assert found.questions
    worths = [question.worth for question in found.questions]
    assert worths == sorted(worths, reverse=True)
    for question in found.questions:
        assert question.gain >= 0
        assert 0 <= question.yes <= 1
        assert question.text.endswith("?")
        assert question.label
        assert question.up_if_yes or question.up_if_no


def test_a_yes_names_the_diseases_that_really_go_up(toy: Knowledge, interviewer: Interviewer) -> None:
    query = q(toy, VISION)
    before = interviewer.expert.rank(query).probabilities
    for question in ask(interviewer, query).questions:
        index = toy.ontology.index(question.id)
        assert index is not None
        after = interviewer.expert.rank(Query((*query.present, index), (), None, 30.0)).probabilities
        for mover in question.up_if_yes:
            disease = toy.diseases.index(mover.id)
            assert disease is not None
            assert after[disease] - before[disease] == pytest.approx(mover.change)
            assert mover.change > 0


def test_what_is_implied_denied_or_asked_is_not_asked(toy: Knowledge, interviewer: Interviewer) -> None:
    assert not {SEIZURE, FEBRILE} & asked(ask(interviewer, q(toy, FEBRILE), top=20))
    assert FEBRILE not in asked(ask(interviewer, q(toy, TREMOR, absent=(SEIZURE,)), top=20))
    everything = ask(interviewer, q(toy, VISION), top=20)
    first = everything.questions[0].id
    again = ask(interviewer, q(toy, VISION), top=20, known=[first, "HP:9999999"])
    assert first not in asked(again)
    assert again.questions


def test_a_question_and_its_more_general_form_are_not_asked_side_by_side(
    toy: Knowledge, interviewer: Interviewer
) -> None:
    found = asked(ask(interviewer, q(toy, TREMOR), top=20))
    for one in found:
        assert not (toy.ontology.ancestor_ids(one) - {one}) & found


def test_costs_and_answerability_limit_what_is_asked(toy: Knowledge, interviewer: Interviewer) -> None:
    for cost in Cost:
        assert {x.cost for x in ask(interviewer, q(toy, VISION), costs=[cost], top=20).questions} <= {cost}
    nothing = ask(interviewer, q(toy, VISION), answerable=["no"])
    assert nothing.questions == ()
    assert nothing.stop is not None
    assert nothing.stop.reason in ("nothing left", "clearly ahead")


def test_a_mode_can_be_forced_and_else_follows_the_size_of_the_problem(
    toy: Knowledge, interviewer: Interviewer
) -> None:
    for mode in Mode:
        assert ask(interviewer, q(toy, VISION), mode=mode).mode is mode


def test_without_anything_known_the_stop_says_what_to_do(interviewer: Interviewer) -> None:
    found = interviewer.next_questions(None, None)
    assert found.questions == ()
    assert found.stop is not None
    assert "main trouble" in found.stop.text


def test_a_leader_clearly_ahead_stops_the_interview_and_is_named(toy: Knowledge) -> None:
    settings = InterviewSettings(least_information=0.01, sure=0.1, ahead=1.0)
    interviewer = Interviewer(toy, ProbabilisticExpert(toy), settings)
    query = q(toy, TREMOR, LIVER)
    found = ask(interviewer, query)
    assert found.stop is not None
    assert found.stop.reason == "clearly ahead"
    assert found.mode is Mode.PURSUE
    best = int(interviewer.expert.rank(query).scores.argmax())
    assert toy.diseases.name(best) in found.stop.text


def test_a_gain_below_the_least_stops_the_interview(toy: Knowledge) -> None:
    settings = InterviewSettings(least_information=0.01, sure=1.0, least_gain=100.0)
    found = ask(Interviewer(toy, ProbabilisticExpert(toy), settings), q(toy, VISION))
    assert found.questions
    assert found.stop is not None
    assert found.stop.reason == "little to gain"


def test_open_questions_may_ask_for_a_whole_system_and_say_so(toy: Knowledge, interviewer: Interviewer) -> None:
    wide = ask(interviewer, q(toy, POLYURIA), open_ended=True, mode=Mode.RULE_OUT, top=20)
    assert all(x.open_ended and "what" in x.text for x in wide.questions)
    assert any(x.label.startswith("Abnormality of") for x in wide.questions)
    closed = ask(interviewer, q(toy, POLYURIA), top=20)
    assert not any(x.open_ended or x.label.startswith("Abnormality of") for x in closed.questions)


def test_diseases_left_out_of_the_ranking_are_never_named(toy: Knowledge, interviewer: Interviewer) -> None:
    kept = np.ones(len(toy.diseases), bool)
    out = toy.diseases.index("OMIM:100001")
    kept[out] = False
    query = q(toy, VISION)
    found = interviewer.next_questions(query, interviewer.expert.rank(query, kept), top=20)
    assert "OMIM:100001" not in {m.id for x in found.questions for m in (*x.up_if_yes, *x.up_if_no)}


def test_another_expert_is_refused(toy: Knowledge) -> None:
    with pytest.raises(TypeError, match="ProbabilisticExpert"):
        Interviewer(toy, object())  # type: ignore[arg-type]
