"""The engines that ship: the whole, the expert alone, the classical points, the labels of a chat as its findings."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from rarescale.diagnose import Diagnoser
from rarescale.errors import UsageError
from rarescale.evaluation.runs.engine import EngineOptions
from rarescale.evaluation.runs.own_paper import Mode, OwnPapers, papers_of
from rarescale.expert import Expert, ProbabilisticExpert, QmrExpert, Query, Ranking, without_rows
from rarescale.knowledge import Knowledge
from rarescale.record import Case, Chat, Differential, Failure, Finding, Input

_KEPT = 4
"""How many experts without some papers are kept: cases of one paper mostly follow each other."""


def default_engine(knowledge: Knowledge, options: EngineOptions) -> DiagnoserEngine:
    """What `rarescale diagnose` does: expert and candidate model together, uncertain findings included."""
    if options.leave_own_paper_out is not None:
        raise UsageError(
            "leaving out own papers needs --engine expert or qmr: the candidate model has learned from every paper"
        )
    return DiagnoserEngine(ProbabilisticExpert(knowledge), options, whole=True)


def expert_engine(knowledge: Knowledge, options: EngineOptions) -> DiagnoserEngine:
    """The expert alone, on what was understood for certain."""
    return DiagnoserEngine(ProbabilisticExpert(knowledge), options)


def qmr_engine(knowledge: Knowledge, options: EngineOptions) -> DiagnoserEngine:
    """The same with the points of INTERNIST-1 and QMR."""
    return DiagnoserEngine(QmrExpert(knowledge), options)


def labels_engine(knowledge: Knowledge, options: EngineOptions) -> LabelsEngine:
    """The default expert on the labels of chats: what it could do if every word were understood."""
    return LabelsEngine(ProbabilisticExpert(knowledge), options)


class DiagnoserEngine:
    """A diagnoser around one expert."""

    reads_labels = False

    def __init__(self, expert: ProbabilisticExpert | QmrExpert, options: EngineOptions, *, whole: bool = False) -> None:
        """With `leave_own_paper_out` each case gets an expert that has never seen its papers.

        `whole`: with candidate model and uncertain findings.
        """
        self._options = options
        mode = options.leave_own_paper_out
        self._leaving = None if mode is None else LeavingExpert(expert, mode)
        self._diagnoser = Diagnoser(
            expert.knowledge,
            expert=self._leaving or expert,
            candidates="shipped" if whole else None,
            hints=whole,
        )
        self.name, self.version = self._diagnoser.engine.name, self._diagnoser.engine.version

    def answers(self, inputs: Sequence[Input]) -> Iterable[Differential | Failure]:
        """One after the other, lazily."""
        return (self.answer(source) for source in inputs)

    def answer(self, source: Input) -> Differential | Failure:
        """The answer to one input."""
        if self._leaving is not None:
            self._leaving.leave_out(() if not hasattr(source, "extra") else papers_of(source.extra))
        return self._diagnoser.answer(source, top=self._options.top, among=self._options.among)


class LabelsEngine(DiagnoserEngine):
    """Chats become cases of their labels; sex and age are read as ever. Other inputs are answered as they are."""

    reads_labels = True

    def __init__(self, expert: ProbabilisticExpert | QmrExpert, options: EngineOptions) -> None:
        """See `DiagnoserEngine`."""
        super().__init__(expert, options)
        self.name += " on labels"

    def answers(self, inputs: Sequence[Input]) -> Iterator[Differential | Failure]:
        """One after the other, lazily."""
        return (self.answer(self._case(s) if isinstance(s, Chat) else s) for s in inputs)

    def _case(self, chat: Chat) -> Case:
        labels = [label for message in chat.messages for label in message.labels]
        read = self._diagnoser.reader.read(chat)
        findings = tuple(Finding(text=f.id or f.text, label=f.label, state=f.state, onset=f.onset) for f in labels)
        return Case(id=chat.id, sex=read.sex, age=read.age, findings=findings, extra=chat.extra)


class LeavingExpert:
    """An expert that forgets some papers before each question; diseases known from them alone are not listed."""

    def __init__(self, expert: ProbabilisticExpert | QmrExpert, mode: Mode) -> None:
        """It forgets nothing until it is told to."""
        self._whole, self._mode = expert, mode
        self.name, self.version = expert.name, expert.version
        self._papers = OwnPapers(expert.knowledge)
        self._everything = np.ones(len(expert.knowledge.diseases), bool)
        self._now: tuple[Expert, np.ndarray] = (expert, self._everything)
        self._kept: OrderedDict[tuple[str, ...], tuple[Expert, np.ndarray]] = OrderedDict()

    def leave_out(self, papers: tuple[str, ...]) -> None:
        """From now on answer as if `papers` had never been annotated."""
        found = self._kept.pop(papers, None) or self._made(papers)
        self._kept[papers] = self._now = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _made(self, papers: tuple[str, ...]) -> tuple[Expert, np.ndarray]:
        rows = self._papers.rows(papers, self._mode)
        if not len(rows):
            return self._whole, self._everything
        listed = self._everything.copy()
        listed[self._papers.emptied(rows)] = False
        return without_rows(self._whole, rows), listed

    def rank(self, query: Query, among: np.ndarray | None = None) -> Ranking:
        """See `Expert.rank`."""
        expert, listed = self._now
        return expert.rank(query, listed if among is None else among & listed)
