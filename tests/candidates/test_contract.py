"""What every candidate model keeps to."""

from __future__ import annotations

import numpy as np
import pytest

from rarescale.candidates import CandidateModel, CompactModel, ExpertList, NaiveBayes, Talk, ordered
from rarescale.expert import ProbabilisticExpert
from rarescale.knowledge import Knowledge
from rarescale.record import Sex


@pytest.fixture(params=["compact", "bayes", "expert"])
def model(request: pytest.FixtureRequest, toy: Knowledge, compact: CompactModel, bayes: NaiveBayes) -> CandidateModel:
    expert = ExpertList(ProbabilisticExpert(toy), len(toy.diseases))
    models: dict[str, CandidateModel] = {"compact": compact, "bayes": bayes, "expert": expert}
    return models[request.param]


@pytest.fixture
def shaky(toy: Knowledge) -> Talk:
    tremor = toy.ontology.index("HP:0001337")
    assert tremor is not None
    return Talk(("My hands keep shaking.",), {tremor: 0.9}, {}, Sex.FEMALE, 50.0)


def test_scores_are_log_probabilities_over_all_diseases(model: CandidateModel, shaky: Talk, toy: Knowledge) -> None:
    scores = model.propose(shaky).scores
    assert scores.shape == (len(toy.diseases),)
    assert np.exp(scores[np.isfinite(scores)]).sum() == pytest.approx(1.0)


def test_the_disease_that_is_spoken_of_comes_first(model: CandidateModel, shaky: Talk, toy: Knowledge) -> None:
    first = ordered(model.propose(shaky), 3)[0]
    assert toy.diseases.ids(first)[0] == "OMIM:100001"


def test_a_patient_of_whom_nothing_is_known_gets_the_prior(model: CandidateModel) -> None:
    scores = model.propose(Talk()).scores
    known = scores[np.isfinite(scores)]
    assert len(known) >= 2
    assert not np.isnan(scores).any()


def test_clues_name_what_drove_the_score(model: CandidateModel, shaky: Talk) -> None:
    proposal = model.propose(shaky)
    clues = proposal.clues(ordered(proposal, 1)[0])
    assert clues
    assert clues[0].weight > 0
    assert {c.text for c in clues} & {"Tremor", "shaking"}


def test_the_order_lists_each_disease_once_and_none_unknown(model: CandidateModel, shaky: Talk) -> None:
    proposal = model.propose(shaky)
    order = ordered(proposal, 99)
    assert len(order) == len(set(order)) == np.isfinite(proposal.scores).sum()
    assert np.all(np.diff(proposal.scores[order]) <= 0)
