"""From an input to its final differential by a language model: read, rank, propose, weigh, as one task per patient.

    weigher = Weigher(diagnoser, Settings(model="llama3.1", arm="expert"))
    outcomes = run_live({s.id: partial(weigher.task, s) for s in sources}, model)

Everything but the model's replies is computed here, so the same tasks give the same answers live, replayed and in
batch rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rarescale.candidates import CandidateModel, ordered, talk_of
from rarescale.diagnose import RARE_SOURCES, Among, Diagnoser
from rarescale.differential import SHOTS, CandidateName, CaseBank, DiseaseNames, Patient, Settings, papers_of, weigh
from rarescale.knowledge import Resolver
from rarescale.llm import Task
from rarescale.reading import Reader, read_with_llm
from rarescale.record import Case, Chat, Differential, DiseaseId, Note, Reading

OFFLINE = 100
"""Diseases ranked without the model; one of them keeps its probability and reasons when the model names it."""
CANDIDATES = 5
"""Rare diseases that the expert or a trained model proposes (RareScale, section 3.2)."""


class Weigher:
    """Makes tasks; one serves any number of threads.

    The arm rarescale shows `candidates` by input id, else those of the trained model `proposer`, else the rare
    diseases that the diagnoser ranks first; the arm expert shows those of the expert alone. `bank` and `shots` put
    solved cases into the prompt. `read` has the model read chats and notes as well.
    """

    def __init__(
        self,
        diagnoser: Diagnoser,
        settings: Settings,
        *,
        candidates: Mapping[str, Sequence[CandidateName]] | None = None,
        proposer: CandidateModel | None = None,
        bank: CaseBank | None = None,
        shots: int = SHOTS,
        read: bool = False,
        among: Among = "all",
    ) -> None:
        """The index of disease names is made at the first answer."""
        self.settings, self.among = settings, among
        self._candidates, self._proposer = candidates or {}, proposer
        self._bank, self._shots, self._read = bank, shots, read
        self._knowledge = diagnoser.knowledge
        self._names = DiseaseNames(diagnoser.knowledge)
        self._resolver = Resolver(diagnoser.knowledge.ontology)
        self._reader = diagnoser.reader
        # Each input is read once, and both diagnosers take that reading.
        self._readings = _Readings(diagnoser.reader)
        self._diagnoser = Diagnoser(
            diagnoser.knowledge,
            reader=self._readings,
            expert=diagnoser.expert,
            candidates=diagnoser.candidates,
            fusion=diagnoser.fusion,
        )
        self._expert = Diagnoser(diagnoser.knowledge, reader=self._readings, expert=diagnoser.expert, candidates=None)

    def task(self, source: Case | Chat | Note) -> Task[Differential]:
        """The final differential of one input; what goes wrong with the model is named in it."""
        if not isinstance(source, Case):
            reading = self._reader.read(source)
            if self._read:
                reading = yield from read_with_llm(
                    source, reading, self._knowledge, self._resolver, self.settings.model
                )
            self._readings.put(source, reading)
        patient = self._patient(source)
        self._readings.forget(source)
        return (yield from weigh(patient, self._names, self.settings))

    def _patient(self, source: Case | Chat | Note) -> Patient:
        offline = self._diagnoser.diagnose(source, top=max(OFFLINE, self.settings.top), among=self.among)
        papers = papers_of(source.extra)
        shots = (
            ()
            if self._bank is None
            else self._bank.nearest(offline.findings, id=source.id, papers=papers, count=self._shots)
        )
        return Patient(source, offline, self._shown(source, offline), shots)

    def _shown(self, source: Case | Chat | Note, offline: Differential) -> tuple[CandidateName, ...]:
        """The candidates of the arms rarescale and expert."""
        if self.settings.arm not in ("rarescale", "expert"):
            return ()
        diagnoser = self._expert
        if self.settings.arm == "rarescale":
            if given := tuple(self._candidates.get(source.id, ())):
                return given
            if self._proposer is not None:
                return self._proposed(source, offline, self._proposer)
            diagnoser = self._diagnoser
        found = diagnoser.diagnose(source, top=CANDIDATES, among="rare").differential
        return tuple(CandidateName(DiseaseId(c.id), c.name) for c in found)

    def _proposed(
        self, source: Case | Chat | Note, offline: Differential, model: CandidateModel
    ) -> tuple[CandidateName, ...]:
        """The best diseases of the trained model that have an id of a rare disease source."""
        diseases = self._knowledge.diseases
        proposal = model.propose(talk_of(source, offline, self._knowledge.ontology))
        known = int(np.isfinite(proposal.scores).sum())
        found: list[CandidateName] = []
        for disease in ordered(proposal, known):
            ids = diseases.ids(disease)
            if any(i.startswith(RARE_SOURCES) for i in ids):
                found.append(CandidateName(ids[0], diseases.name(disease)))
            if len(found) == CANDIDATES:
                break
        return tuple(found)


class _Readings:
    """A reader that gives the readings it was handed, and reads what it was not."""

    name = "given"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: dict[int, Reading] = {}

    def put(self, source: Chat | Note, reading: Reading) -> None:
        """Give `reading` for `source` until it is forgotten."""
        self._kept[id(source)] = reading

    def forget(self, source: Case | Chat | Note) -> None:
        """Keep nothing of `source`."""
        self._kept.pop(id(source), None)

    def read(self, source: Chat | Note) -> Reading:
        """See `Reader`."""
        found = self._kept.get(id(source))
        return self._reader.read(source) if found is None else found
