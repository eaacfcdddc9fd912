"""From an input to its final differential by a language model: read, rank, propose, weigh, as one task per patient.

    weigher = Weigher(diagnoser, Settings(model="llama3.1", arm="expert"))
    outcomes = run_live({s.id: partial(weigher.task, s) for s in sources}, model)

Everything but the model's replies is computed here, so the same tasks give the same answers live, replayed and in
batch rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rarescale.candidates import CandidateModel, ordered, talk_of
from rarescale.diagnose import RARE_SOURCES, Among, Diagnoser
from rarescale.differential import SHOTS, CandidateName, CaseBank, DiseaseNames, Patient, Settings, papers_of, weigh
from rarescale.knowledge import Resolver
from rarescale.llm import Task
from rarescale.reading import GivenReader, read_with_llm
from rarescale.record import Case, Chat, Differential, DiseaseId, Note, Reading

OFFLINE = 100
"""Diseases ranked without the model; one of them keeps its probability and reasons when the model names it."""
CANDIDATES = 5
"""Rare diseases that the expert or a trained model proposes (RareScale, section 3.2)."""


@dataclass(frozen=True)
class Weigher:
    """Makes tasks. The arm rarescale shows `candidates` by input id, else those of the trained model `proposer`, else
    the rare diseases that the diagnoser ranks first; the arm expert shows those of the expert alone.

    `bank` and `shots` put solved cases into the prompt. `read` has the model read chats and notes as well.
    """

    diagnoser: Diagnoser
    settings: Settings
    candidates: Mapping[str, Sequence[CandidateName]] = field(default_factory=dict)
    proposer: CandidateModel | None = None
    bank: CaseBank | None = None
    shots: int = SHOTS
    read: bool = False
    among: Among = "all"
    names: DiseaseNames | None = None

    def __post_init__(self) -> None:
        """The index of names is shared by all tasks."""
        if self.names is None:
            object.__setattr__(self, "names", DiseaseNames(self.diagnoser.knowledge))

    def task(self, source: Case | Chat | Note) -> Task[Differential]:
        """The final differential of one input; what goes wrong with the model is named in it."""
        diagnoser = self.diagnoser
        if self.read and not isinstance(source, Case):
            reading = yield from self._reading(source)
            diagnoser = Diagnoser(
                diagnoser.knowledge, reader=GivenReader(lambda _: reading), expert=self.diagnoser.expert
            )
        assert self.names is not None  # set at the beginning
        return (yield from weigh(self._patient(source, diagnoser), self.names, self.settings))

    def _reading(self, source: Chat | Note) -> Task[Reading]:
        knowledge = self.diagnoser.knowledge
        offline = self.diagnoser.reader.read(source)
        resolver = Resolver(knowledge.ontology)
        return (yield from read_with_llm(source, offline, knowledge, resolver, self.settings.model))

    def _patient(self, source: Case | Chat | Note, diagnoser: Diagnoser) -> Patient:
        offline = diagnoser.diagnose(source, top=max(OFFLINE, self.settings.top), among=self.among)
        shots = (
            ()
            if self.bank is None
            else self.bank.nearest(offline.findings, id=source.id, papers=papers_of(source.extra), count=self.shots)
        )
        return Patient(source, offline, self._candidates(source, diagnoser, offline), shots)

    def _candidates(
        self, source: Case | Chat | Note, diagnoser: Diagnoser, offline: Differential
    ) -> tuple[CandidateName, ...]:
        if self.settings.arm not in ("rarescale", "expert"):
            return ()
        if self.settings.arm == "rarescale":
            if given := tuple(self.candidates.get(source.id, ())):
                return given
            if self.proposer is not None:
                return self._proposed(source, offline, self.proposer)
        else:
            knowledge, expert = diagnoser.knowledge, diagnoser.expert
            diagnoser = Diagnoser(knowledge, reader=diagnoser.reader, expert=expert)
        found = diagnoser.diagnose(source, top=CANDIDATES, among="rare").differential
        return tuple(CandidateName(DiseaseId(c.id), c.name) for c in found)

    def _proposed(
        self, source: Case | Chat | Note, offline: Differential, model: CandidateModel
    ) -> tuple[CandidateName, ...]:
        """The best diseases of the trained model that have an id of a rare disease source."""
        knowledge = self.diagnoser.knowledge
        proposal = model.propose(talk_of(source, offline, knowledge.ontology))
        known = int(np.isfinite(proposal.scores).sum())
        found: list[CandidateName] = []
        for disease in ordered(proposal, known):
            ids = knowledge.diseases.ids(disease)
            if any(i.startswith(RARE_SOURCES) for i in ids):
                found.append(CandidateName(ids[0], knowledge.diseases.name(disease)))
            if len(found) == CANDIDATES:
                break
        return tuple(found)
