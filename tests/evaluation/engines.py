"""Engines for the tests, found by where they stand: ``tests.evaluation.engines:saying``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rarescale.evaluation import EngineOptions
from rarescale.knowledge import Knowledge
from rarescale.record import Candidate, Case, Chat, Differential, DiseaseId, Failure, Input


class Saying:
    """Always lists the same two diseases; it stumbles over the case "stumble" and remembers what it was shown."""

    name, version = "saying", "1"

    def __init__(self, knowledge: Knowledge) -> None:
        self._release = knowledge.release
        self.seen: list[Input] = []

    def answers(self, inputs: Sequence[Input]) -> Iterator[Differential | Failure]:
        for source in inputs:
            self.seen.append(source)
            if source.id == "stumble":
                raise RuntimeError("over my own feet")
            yield self._answer(source)

    def _answer(self, source: Input) -> Differential:
        listed = (("OMIM:100002", 2.0, 0.6, "rare"), ("OMIM:100003", 1.0, 0.2, "common"))
        entries = tuple(
            Candidate(rank=k, id=DiseaseId(i), ids=(DiseaseId(i),), name=i, score=s, probability=p, rarity=c)  # type: ignore[arg-type]
            for k, (i, s, p, c) in enumerate(listed, 1)
        )
        return Differential(
            id=source.id, differential=entries, knowledge=self._release, engine={"name": self.name, "version": "1"}
        )


class Metered(Saying):
    """Answers all at once, in a list, and counts what it spent."""

    name = "metered"
    usage: Mapping[str, float] = {}

    def answers(self, inputs: Sequence[Input]) -> list[Differential | Failure]:  # type: ignore[override]
        self.usage = {"dollars": self.usage.get("dollars", 0.0) + 0.5 * len(inputs)}
        return [self._answer(source) for source in inputs]


class Forgetful(Saying):
    """Leaves out the last answer when it is asked about several."""

    name = "forgetful"

    def answers(self, inputs: Sequence[Input]) -> Iterable[Differential | Failure]:  # type: ignore[override]
        answers = [self._answer(source) for source in inputs]
        return answers if len(answers) == 1 else answers[:-1]


made: list[Saying] = []


def saying(knowledge: Knowledge, options: EngineOptions) -> Saying:
    made.append(Saying(knowledge))
    return made[-1]


def metered(knowledge: Knowledge, options: EngineOptions) -> Metered:
    return Metered(knowledge)


def forgetful(knowledge: Knowledge, options: EngineOptions) -> Forgetful:
    return Forgetful(knowledge)


__all__ = ["Case", "Chat", "forgetful", "made", "metered", "saying"]
