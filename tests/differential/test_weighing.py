"""From an input to the tasks of each arm: who proposes, what the model sees."""

from __future__ import annotations

import numpy as np
import pytest

from rarescale.candidates import Talk
from rarescale.diagnose import Diagnoser
from rarescale.differential import CandidateName, Settings
from rarescale.knowledge import Knowledge
from rarescale.llm import ModelError, Scripted, drive
from rarescale.record import Arm, DiseaseId
from rarescale.weighing import Weigher

from .models import chat


class Proposals:
    def __init__(self, scores: np.ndarray) -> None:
        self.scores = scores

    def clues(self, disease: int, count: int = 8) -> list[object]:
        return []


class Trained:
    """A trained model that knows Blind-spleen syndrome best and Fitful syndrome next."""

    name, version = "toy", "1"

    def __init__(self, knowledge: Knowledge) -> None:
        self.heard: list[Talk] = []
        self._scores = np.full(len(knowledge.diseases), -np.inf)
        for id, score in (("ORPHA:13", -0.1), ("ORPHA:12", -2.0)):
            index = knowledge.diseases.index(id)
            assert index is not None
            self._scores[index] = score

    def propose(self, talk: Talk) -> Proposals:
        self.heard.append(talk)
        return Proposals(self._scores)


def shown(toy: Knowledge, arm: Arm, **parts: object) -> list[str]:
    """The candidates in the prompt."""
    weigher = Weigher(Diagnoser(toy), Settings("m", arm), **parts)  # type: ignore[arg-type]
    model = Scripted([ModelError("no", kind="refused")])
    drive(weigher.task(chat("I have a tremor and seizures.")), model)
    return [line[3:-1] for line in model.history[0].messages[1].content.splitlines() if line.startswith('- "')]


def test_the_arm_rarescale_shows_what_the_trained_model_proposes(toy: Knowledge) -> None:
    trained = Trained(toy)
    assert shown(toy, "rarescale", proposer=trained) == ["Blind-spleen syndrome", "Fitful syndrome"]
    (talk,) = trained.heard
    assert talk.messages == ("I have a tremor and seizures.",) and len(talk.present) == 2


def test_candidates_that_were_given_go_before_those_of_the_model(toy: Knowledge) -> None:
    given = {"t1": (CandidateName(DiseaseId("DECIPHER:1"), "Thirst deletion"),)}
    assert shown(toy, "rarescale", proposer=Trained(toy), candidates=given) == ["Thirst deletion"]


def test_the_arm_expert_shows_the_experts_rare_diseases(toy: Knowledge) -> None:
    names = shown(toy, "expert")
    found = (
        Diagnoser(toy, candidates=None)
        .diagnose(chat("I have a tremor and seizures."), top=5, among="rare")
        .differential
    )
    assert names and names == [c.name for c in found]


@pytest.mark.parametrize("arm", ["none", "self"])
def test_the_other_arms_show_none_of_ours(toy: Knowledge, arm: Arm) -> None:
    assert shown(toy, arm, proposer=Trained(toy)) == []
