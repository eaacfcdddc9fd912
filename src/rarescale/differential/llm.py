"""The final differential by a language model that is shown candidates (RareScale, section 3.3 and prompt 4).

    names = DiseaseNames(knowledge)
    tasks = {p.id: partial(weigh, p, names, Settings(model="llama3.1", arm="rarescale")) for p in patients}
    outcomes = run_live(tasks, model)  # or run_rounds(tasks, folder): the same differentials

One prompt serves all arms; the step about candidates is in it only where there are some. A task never fails: what goes
wrong with the model is a named outcome beside the differential computed without it.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache

from rarescale.differential.llm_answers import LISTED, Asked, differential_of, weighed
from rarescale.differential.llm_few_shot import SolvedCase, in_words
from rarescale.differential.llm_names import CandidateName, DiseaseNames
from rarescale.differential.llm_replies import OnePass, RareList, TwoPass
from rarescale.errors import UsageError
from rarescale.llm import ModelError, Prompts, Reply, Request, Task, asking, load_prompts, persistent
from rarescale.reading import Passages, passages_of
from rarescale.record import Arm, Case, Chat, Differential, Note, Weighing

VERSION = 1
"""Version of the prompts; results of different versions do not share a table."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is asked. `temperature` None leaves it to the service.

    `screen` withholds what addresses the software. `top` cuts the differential that stands in when the model fails.
    Raises UsageError for a model without a name.
    """

    model: str
    arm: Arm = "none"
    temperature: float | None = 0.0
    max_tokens: int = 3000
    seed: int | None = None
    screen: bool = True
    top: int = 10

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.model.strip():
            raise UsageError("No model was named; expected a name that the service knows, such as llama3.1.")


@dataclass(frozen=True, slots=True)
class Patient:
    """One input with what was computed without a model.

    `offline` is its differential, the longer the better: diseases in it keep their probability and reasons.
    `candidates` are those of the arms rarescale and expert. `shots` are solved cases for the prompt.
    """

    source: Case | Chat | Note
    offline: Differential
    candidates: tuple[CandidateName, ...] = ()
    shots: tuple[SolvedCase, ...] = ()


def weigh(patient: Patient, names: DiseaseNames, settings: Settings) -> Task[Differential]:
    """The differential of one patient as a task for `run_live`, `run_rounds` or `drive`."""
    return persistent(_weigh(patient, names, settings))


def _weigh(patient: Patient, names: DiseaseNames, settings: Settings) -> Task[Differential]:
    passages = passages_of(_readable(patient), screen=settings.screen)
    warnings: list[str] = []
    try:
        proposals = yield from _proposals(patient, passages, names, settings)
        if not proposals and settings.arm != "none":
            warnings.append(f"no candidates for the arm {settings.arm}; the model was asked without any")
        request, asked = _request(patient, passages, proposals, settings)
        reply: OnePass | TwoPass
        if proposals:
            reply = (yield from asking(request, TwoPass)).value
        else:
            reply = (yield from asking(request, OnePass)).value
        weighing, dropped = weighed(reply, asked, names, settings.arm, settings.model, request.tag)
        warnings += dropped
    except ModelError as error:
        weighing = Weighing(
            arm=settings.arm,
            model=settings.model,
            prompt=f"weigh@{VERSION}",
            outcome=error.kind,
            fallback=True,
            withheld=passages.withheld,
        )
    return differential_of(patient.offline, weighing, names, warnings, settings.top)


def _readable(patient: Patient) -> Case | Chat | Note:
    """The input; a case with its findings as they were understood, since an id says little to a model."""
    if not isinstance(patient.source, Case):
        return patient.source
    unresolved = tuple(f for f in patient.source.findings if f.text in patient.offline.unresolved)
    return patient.source.model_copy(update={"findings": (*patient.offline.findings, *unresolved)})


def _proposals(
    patient: Patient, passages: Passages, names: DiseaseNames, settings: Settings
) -> Generator[Request, Reply, tuple[CandidateName, ...]]:
    """The candidates that the arm shows, at most five, each disease once."""
    if settings.arm == "none":
        return ()
    if settings.arm != "self":
        return _distinct(patient.candidates)
    prompt = prompts().get("rare", VERSION).render(patient=passages.data())
    request = prompt.request(
        settings.model, temperature=settings.temperature, max_tokens=settings.max_tokens, seed=settings.seed
    )
    answer = yield from asking(request, RareList)
    return _distinct(tuple(names.proposal(t.name) for t in answer.value.candidates))


def _distinct(proposals: tuple[CandidateName, ...]) -> tuple[CandidateName, ...]:
    return tuple({p.id or p.name.casefold(): p for p in reversed(proposals)}.values())[::-1][:LISTED]


def _request(
    patient: Patient, passages: Passages, proposals: tuple[CandidateName, ...], settings: Settings
) -> tuple[Request, Asked]:
    kept = prompts()
    step, cases = "", ""
    if proposals:
        listed = "\n".join(f"- {json.dumps(p.name, ensure_ascii=False)}" for p in proposals)
        step = kept.get("weigh-candidates", VERSION).render(names=listed).messages[0].content + "\n\n"
    if patient.shots:
        words = "\n".join(map(in_words, patient.shots))
        cases = kept.get("weigh-examples", VERSION).render(cases=words).messages[0].content + "\n\n"
    prompt = kept.get("weigh", VERSION)
    rendered = prompt.render(examples=cases, patient=passages.data(), candidates=step)
    request = rendered.request(
        settings.model, temperature=settings.temperature, max_tokens=settings.max_tokens, seed=settings.seed
    )
    instructions = "\n".join(p.content for p in prompt.parts)
    ranked = frozenset(i for c in patient.offline.differential for i in c.ids)
    return request, Asked(passages, proposals, instructions, ranked, own=settings.arm == "self")


@cache
def prompts() -> Prompts:
    """The prompts of this room."""
    return load_prompts("rarescale.differential")
