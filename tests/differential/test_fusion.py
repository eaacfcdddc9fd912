"""Expert and candidate model together: the sum, its explanation, and what happens where one of them is silent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.candidates import Talk
from rarescale.diagnose import Diagnoser
from rarescale.differential import FusionSettings, fuse
from rarescale.expert import ProbabilisticExpert, Query
from rarescale.formats import parse_input
from rarescale.knowledge import Knowledge
from rarescale.record import Case, Chat, Clue, Note

SETTINGS = FusionSettings(0.5, 0.7, 0.0, -5.0, 0.7, 1.1, 0.2)


class Favours:
    """A candidate model that gives one disease nearly everything and does not know the last."""

    name, version = "favours", "0"

    def __init__(self, disease: int, size: int) -> None:
        self.scores = np.full(size, np.log(0.1 / size))
        self.scores[disease] = np.log(0.9)
        self.scores[-1] = -np.inf

    def propose(self, talk: Talk) -> Favours:
        return self

    def clues(self, disease: int, count: int = 8) -> list[Clue]:
        return [Clue(text="so", kind="words", weight=1.0)]


def favouring(toy: Knowledge, disease: str) -> Favours:
    index = toy.diseases.index(disease)
    assert index is not None
    return Favours(index, len(toy.diseases))


def chat(text: str) -> Chat:
    source = parse_input({"id": "c", "messages": [{"role": "patient", "content": text}]})
    assert isinstance(source, Chat)
    return source


def test_score_is_prior_reasons_and_the_models_share(toy: Knowledge) -> None:
    engine = Diagnoser(toy, candidates=favouring(toy, "ORPHA:13"), fusion=SETTINGS)
    answer = engine.diagnose(chat("I have a tremor. My hands shake. Perhaps I had fits."), top=6)
    assert len(answer.differential) == 6
    for c in answer.differential:
        assert c.score == pytest.approx(c.prior + sum(r.weight for r in c.reasons) + c.learned)
        assert c.clues
    assert sum(c.probability for c in answer.differential) + answer.none_of_these == pytest.approx(1.0)


def test_the_model_lifts_what_it_proposes(toy: Knowledge) -> None:
    text = chat("I have a tremor.")
    alone = Diagnoser(toy, candidates=None, fusion=SETTINGS).diagnose(text, top=6)
    lifted = Diagnoser(toy, candidates=favouring(toy, "ORPHA:13"), fusion=SETTINGS).diagnose(text, top=6)
    rank = {engine: [c.id for c in a.differential].index("ORPHA:13") for engine, a in (("a", alone), ("l", lifted))}
    assert rank["l"] < rank["a"]


def test_a_structured_case_is_the_experts_alone(toy: Knowledge) -> None:
    case = parse_input({"id": "x", "present": ["HP:0001337"]})
    assert isinstance(case, Case)
    with_model = Diagnoser(toy, candidates=favouring(toy, "ORPHA:13"), fusion=SETTINGS).diagnose(case)
    alone = Diagnoser(toy, candidates=None, fusion=SETTINGS).diagnose(case)
    assert [(c.id, c.score, c.probability) for c in with_model.differential] == [
        (c.id, c.score, c.probability) for c in alone.differential
    ]
    assert not with_model.beside


def test_words_alone_are_ranked_with_a_warning(toy: Knowledge) -> None:
    engine = Diagnoser(toy, candidates=favouring(toy, "ORPHA:13"), fusion=SETTINGS)
    answer = engine.diagnose(Note(id="n", text="Something is odd lately and nobody at home can say what it might be."))
    assert answer.differential[0].id == "ORPHA:13"
    assert any("rests on words and guesses" in w for w in answer.warnings)
    assert not engine.diagnose(Note(id="n", text="Hello there.")).differential


def test_rare_diseases_stand_beside_a_short_list(toy: Knowledge) -> None:
    engine = Diagnoser(toy, candidates=None, fusion=SETTINGS)
    answer = engine.diagnose(chat("I have a tremor."), top=1)
    assert all(c.rarity == "rare" and c.rank > 1 for c in answer.beside)
    assert not engine.diagnose(chat("I have a tremor."), top=1, among="rare").beside


@given(st.floats(0, 1), st.floats(0, 2), st.floats(-20, -1))
def test_one_ranking_without_a_proposal_is_that_ranking(hint: float, weight: float, floor: float) -> None:
    class Ranked:
        scores = np.array([1.0, 3.0, 2.0])

    settings = FusionSettings(hint, weight, weight, floor, 1.0, 1.0, 0.2)
    fused = fuse(Ranked(), None, None, np.zeros(3), settings, spoken=True)  # type: ignore[arg-type]
    assert np.array_equal(fused.scores, Ranked.scores)
    assert fused.probabilities.sum() == pytest.approx(0.8)


def test_an_uncertain_finding_counts_for_half(toy: Knowledge) -> None:
    expert = ProbabilisticExpert(toy)
    tremor, blindness = (toy.ontology.index(t) for t in ("HP:0001337", "HP:0000618"))
    assert tremor is not None and blindness is not None
    certain, hinted = expert.rank(Query((tremor,))), expert.rank(Query((tremor, blindness)))
    fused = fuse(certain, hinted, None, expert.prior, SETTINGS, spoken=True)
    assert np.allclose(fused.scores, 0.5 * certain.scores + 0.5 * hinted.scores)
    reasons = {r.finding: r for r in fused.reasons(0)}
    assert reasons["HP:0000618"].uncertain and not reasons["HP:0001337"].uncertain
