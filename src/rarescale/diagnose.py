"""The one function behind every face: an input in, an understood and ranked, explained differential out.

from rarescale import diagnose
answer = diagnose("Ann, 34, female. She has tremor, dysarthria and liver failure.")
answer.differential[0].name
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rarescale._version import __version__
from rarescale.candidates import CandidateModel, shipped_model, talk_of
from rarescale.differential import Fused, FusionSettings, fuse
from rarescale.errors import InputError, UsageError
from rarescale.expert import Expert, ProbabilisticExpert, Query, Ranking, best
from rarescale.formats import parse_input
from rarescale.knowledge import Knowledge, Progress, no_progress, open_knowledge
from rarescale.reading import READS_IN_CONTEXT, Reader, open_reader
from rarescale.record import (
    Candidate,
    Case,
    Chat,
    Differential,
    Engine,
    Failure,
    Input,
    Note,
    Problem,
    State,
    Understanding,
    Unreadable,
)
from rarescale.understanding import Understander, query_of

Among = Literal["all", "rare"]

RARE_SOURCES = ("OMIM:", "ORPHA:", "DECIPHER:")
"""`among="rare"` keeps diseases with an id of one of these."""

GRAVE = 16
"""Severity times treatability (each 1-5) from which a disease is not to be missed ..."""

WORTH_A_LOOK = 0.02
"""... when its probability is at least this."""

BESIDE, BESIDE_FROM = 3, 40
"""How many rare diseases stand beside the list, and among how many after it they are sought."""

FEWEST_WORDS = 8
"""With fewer words than this and nothing understood there is nothing to rank by."""

_NOTHING = "no present finding was understood, so there is nothing to rank by; add findings or say more"
_WORDS_ALONE = (
    "no present finding was understood for certain: the ranking rests on words and guesses; add findings or say more"
)


@dataclass(frozen=True)
class Outcome:
    """A differential and what a further question is chosen by: the `query` to the expert and its `certain` ranking.

    Both are None where no present finding was understood for certain. `certain` is over all diseases.
    """

    answer: Differential
    query: Query | None
    certain: Ranking | None


class Diagnoser:
    """Knowledge, reader and expert put together; make one and use it for many inputs."""

    def __init__(
        self,
        knowledge: Knowledge,
        *,
        reader: Reader | None = None,
        expert: Expert | None = None,
        candidates: CandidateModel | Literal["shipped"] | None = "shipped",
        fusion: FusionSettings | None = None,
        hints: bool = True,
    ) -> None:
        """Reader and expert are made from `knowledge` at their first use where they are not given.

        `candidates`: the trained model whose proposals are weighed with the expert's ranking; None = the expert alone.
        `hints`: uncertain findings tip the scales.
        """
        self.knowledge, self.hints = knowledge, hints
        self.fusion = fusion or FusionSettings.default()
        self._given_reader, self._given_expert, self._given_candidates = reader, expert, candidates

    @cached_property
    def reader(self) -> Reader:
        """Turns chats and notes into findings."""
        return self._given_reader or open_reader(self.knowledge)

    @cached_property
    def expert(self) -> Expert:
        """Ranks diseases from findings."""
        return self._given_expert or ProbabilisticExpert(self.knowledge)

    @cached_property
    def candidates(self) -> CandidateModel | None:
        """Proposes diseases from what was said; None where only the expert is asked."""
        given = self._given_candidates
        return shipped_model(self.knowledge) if given == "shipped" else given

    @cached_property
    def rare(self) -> np.ndarray:
        """bool (g,): diseases with an OMIM, ORPHA or DECIPHER id."""
        diseases = self.knowledge.diseases
        return np.array([any(i.startswith(RARE_SOURCES) for i in diseases.ids(d)) for d in range(len(diseases))])

    @cached_property
    def _grave(self) -> np.ndarray:
        """bool (g,): diseases that are grave untreated and can be treated, as told for our own diseases."""
        told = self.knowledge.diseases.told
        grave: np.ndarray = told("severity").astype(int) * told("treatable") >= GRAVE
        return grave

    @cached_property
    def engine(self) -> Engine:
        """Name and version of what ranks."""
        parts: list[Expert | CandidateModel] = [
            self.expert,
            *([self.candidates] if self.candidates is not None else []),
        ]
        return Engine(
            name=f"rarescale {' + '.join(p.name for p in parts)}",
            version=f"{__version__}+{'.'.join(p.version for p in parts)}",
        )

    def understand(self, source: Case | Chat | Note) -> Understanding:
        """The findings of an input, resolved to current terms, with quotes and warnings."""
        return self._understander.understand(source)

    @cached_property
    def _understander(self) -> Understander:
        return Understander(self.knowledge, lambda: self.reader, lambda: self.engine)

    def diagnose(self, source: Case | Chat | Note, *, top: int = 10, among: Among = "all") -> Differential:
        """The `top` likeliest diseases with reasons. Without any usable finding the list is empty and says why."""
        return self.outcome(source, top=top, among=among).answer

    def outcome(
        self,
        source: Case | Chat | Note,
        *,
        top: int = 10,
        among: Among = "all",
        understood: Understanding | None = None,
    ) -> Outcome:
        """As `diagnose`, with what a further question is chosen by; `understood` is what `understand` says of it."""
        if top < 1:
            raise UsageError(f"top is {top}; expected a number of diseases of at least 1")
        if among not in ("all", "rare"):
            raise UsageError(f"among is {among!r}; expected 'all' or 'rare'")
        understood = understood or self.understand(source)
        query, warnings = query_of(understood, self.knowledge.ontology)
        certain, hinted = self._rankings(understood, query)
        fused = self._fused(source, understood, certain, hinted, self.rare if among == "rare" else None)
        if query is None:
            warnings.append(_NOTHING if fused is None else _WORDS_ALONE)
        fields: dict[str, Any] = dict(understood) | {"warnings": (*understood.warnings, *warnings)}
        if fused is None:
            return Outcome(Differential(**fields), query, certain)
        candidates = tuple(self._candidate(fused, d, k) for k, d in enumerate(best(fused, top), 1))
        beside = self._beside(fused, top) if among == "all" and not isinstance(source, Case) else ()
        answer = Differential(**fields, differential=candidates, beside=beside, none_of_these=fused.none_of_these)
        return Outcome(answer, query, certain)

    def _beside(self, fused: Fused, top: int) -> tuple[Candidate, ...]:
        """The best rare diseases after the first `top`."""
        order = list(enumerate(best(fused, top + BESIDE_FROM), 1))[top:]
        rare = [(d, rank) for rank, d in order if self.knowledge.diseases.rarity(d) == "rare"]
        return tuple(self._candidate(fused, d, rank) for d, rank in rare[:BESIDE])

    def _fused(
        self,
        source: Case | Chat | Note,
        understood: Understanding,
        certain: Ranking | None,
        hinted: Ranking | None,
        among: np.ndarray | None,
    ) -> Fused | None:
        """Expert and candidate model together; None where there is nothing to rank by."""
        proposal, spoken = None, not isinstance(source, Case)
        if self.candidates is not None and self.fusion.weight(spoken=spoken):
            talk = talk_of(source, understood, self.knowledge.ontology)
            if certain or hinted or sum(len(m.split()) for m in talk.messages) >= FEWEST_WORDS:
                proposal = self.candidates.propose(talk)
        if certain is None and hinted is None and proposal is None:
            return None
        return fuse(certain, hinted, proposal, self._prior, self.fusion, spoken=spoken, among=among)

    def rankings(self, understood: Understanding) -> tuple[Ranking | None, Ranking | None]:
        """The expert's rankings by what is certain, and by that and what is uncertain; None where there is nothing."""
        return self._rankings(understood, query_of(understood, self.knowledge.ontology)[0])

    def _rankings(self, understood: Understanding, query: Query | None) -> tuple[Ranking | None, Ranking | None]:
        index = self.knowledge.ontology.index
        guesses = [f.id or "" for f in understood.uncertain if f.state is State.PRESENT and self.hints]
        hints = tuple(term for i in guesses if (term := index(i)) is not None)
        asked = query or Query((), (), understood.sex, understood.age)
        return (
            None if query is None else self.expert.rank(query),
            self.expert.rank(replace(asked, present=(*asked.present, *hints))) if hints else None,
        )

    @cached_property
    def _prior(self) -> np.ndarray:
        """The expert's scores before any finding, float64 (g,); all 0 where the expert has none."""
        prior: np.ndarray = getattr(self.expert, "prior", np.zeros(len(self.knowledge.diseases)))
        return prior

    def answer(self, source: Input, *, top: int = 10, among: Among = "all") -> Differential | Failure:
        """`diagnose`, with a `Failure` in place of an input that cannot be read."""
        if isinstance(source, Unreadable):
            return _failure(source)
        return self.diagnose(source, top=top, among=among)

    def answers(
        self, sources: Iterable[Input], *, top: int = 10, among: Among = "all"
    ) -> Iterator[Differential | Failure]:
        """One answer per input, in order; one bad input never stops the others."""
        return (self.answer(source, top=top, among=among) for source in sources)

    def read(self, source: Input) -> Understanding | Failure:
        """`understand`, with a `Failure` in place of an input that cannot be read."""
        return _failure(source) if isinstance(source, Unreadable) else self.understand(source)

    def query(self, source: Case | Chat | Note) -> Query | None:
        """What the expert is asked for an input; None when no present finding was understood."""
        return query_of(self.understand(source), self.knowledge.ontology)[0]

    def _candidate(self, fused: Fused, disease: int, rank: int) -> Candidate:
        diseases = self.knowledge.diseases
        ids, reasons = diseases.ids(disease), fused.reasons(disease)
        score, probability = float(fused.scores[disease]), float(fused.probabilities[disease])
        learned = float(fused.learned[disease])
        return Candidate(
            rank=rank,
            id=ids[0],
            ids=ids,
            name=diseases.name(disease),
            rarity=diseases.rarity(disease),
            score=score,
            probability=probability,
            not_to_be_missed=bool(self._grave[disease]) and probability >= WORTH_A_LOOK,
            prior=score - learned - sum(r.weight for r in reasons),
            reasons=reasons,
            learned=learned,
            clues=tuple(fused.proposal.clues(disease)) if fused.proposal is not None else (),
        )


def _failure(source: Unreadable) -> Failure:
    return Failure(id=source.id, error=Problem(kind=source.kind, message=source.message))


def open_diagnoser(
    folder: str | os.PathLike[str] | None = None,
    *,
    context: bool | Path = READS_IN_CONTEXT,
    progress: Progress = no_progress,
) -> Diagnoser:
    """A diagnoser over the knowledge of `folder` (default: see `rarescale.knowledge.find_sources`).

    `context`: whether it reads with the contextual stage too, or by which model; see `rarescale.reading.open_reader`.
    """
    knowledge = open_knowledge(folder, progress=progress)
    given = None if context is READS_IN_CONTEXT else open_reader(knowledge, context=context)
    return Diagnoser(knowledge, reader=given)


@lru_cache(maxsize=2)
def _default(folder: str | None) -> Diagnoser:
    return open_diagnoser(folder)


def diagnose(
    source: Input | str | dict[str, Any],
    *,
    top: int = 10,
    among: Among = "all",
    knowledge: str | None = None,
) -> Differential:
    """The ranked, explained differential of one patient.

    `source` is a case, chat or note of `rarescale.record`, a case line, chat line or phenopacket as a dict, or
    plain text. `top` is how many diseases to list, `among` "all" or "rare" (diseases with an OMIM, ORPHA or
    DECIPHER id), `knowledge` a folder with hp.obo and phenotype.hpoa (default: the installed release).
    Raises InputError where the source cannot be read, KnowledgeError where the knowledge cannot.
    """
    read = parse_input(source) if isinstance(source, str | dict) else source
    if isinstance(read, Unreadable):
        raise InputError(read.message, kind=read.kind)
    return _default(knowledge).diagnose(read, top=top, among=among)


__all__ = ["Among", "Diagnoser", "Outcome", "diagnose", "open_diagnoser"]
