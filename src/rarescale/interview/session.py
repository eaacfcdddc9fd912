"""A whole interview: ask, hear the answer, rank again, ask again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rarescale.expert import Expert, Query, Ranking
from rarescale.interview.contract import Answer, Questions
from rarescale.interview.interviewer import Interviewer
from rarescale.interview.patient import SimulatedPatient
from rarescale.knowledge import Ontology


@dataclass(frozen=True)
class Turn:
    """One question (a term index, None for the start), its answer, and what is known and thought after it.

    `known` are the term ids asked so far, whatever the answers.
    """

    term: int | None
    answer: Answer | None
    query: Query
    ranking: Ranking
    known: tuple[str, ...] = ()


Chooser = Callable[[Turn], int | None]
"""Takes the last turn and gives the term index to ask next; None ends the interview."""


def best_question(interviewer: Interviewer, *, heed_stop: bool = True, **limits: object) -> Chooser:
    """A chooser that asks what the interviewer thinks best; `limits` are those of `Interviewer.next_questions`."""

    def choose(turn: Turn) -> int | None:
        found: Questions = interviewer.next_questions(
            turn.query,
            turn.ranking,
            known=turn.known,
            top=1,
            **limits,  # type: ignore[arg-type]
        )
        if not found.questions or (heed_stop and found.stop):
            return None
        return interviewer.knowledge.ontology.index(found.questions[0].id)

    return choose


def interview(
    ontology: Ontology,
    expert: Expert,
    patient: SimulatedPatient,
    start: Query,
    choose: Chooser,
    *,
    turns: int,
    names: int = 0,
    among: np.ndarray | None = None,
) -> Iterator[Turn]:
    """The start and then at most `turns` questions, each ranked (see `Expert.rank`) with what is known after it.

    After a yes the patient names up to `names` findings that are meant; with 0 it only says yes.
    """
    turn = Turn(None, None, start, expert.rank(start, among))
    yield turn
    for _ in range(turns):
        term = choose(turn)
        if term is None:
            return
        answer = patient.answer(ontology.ids[term])
        meant = [i for t in patient.named(ontology.ids[term], names) if (i := ontology.index(t)) is not None]
        query = after(turn.query, term, answer, meant)
        ranking = turn.ranking if query is turn.query else expert.rank(query, among)
        turn = Turn(term, answer, query, ranking, (*turn.known, ontology.ids[term]))
        yield turn


def after(query: Query, term: int, answer: Answer, meant: Sequence[int] = ()) -> Query:
    """The query with an answer in it; after a yes with the findings that were `meant`, if any were named."""
    if answer is Answer.YES:
        present = tuple(dict.fromkeys((*query.present, *(meant or (term,)))))
        return Query(present, query.absent, query.sex, query.age)
    if answer is Answer.NO:
        return Query(query.present, (*query.absent, term), query.sex, query.age)
    return query
