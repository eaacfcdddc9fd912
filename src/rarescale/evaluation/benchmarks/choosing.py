"""Answer multiple-choice questions: with a language model, or offline by an engine's list of diseases."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict

from rarescale.errors import RareScaleError, UsageError
from rarescale.evaluation.benchmarks.contract import Question
from rarescale.evaluation.benchmarks.names import DiseaseOf
from rarescale.evaluation.runs import EngineOptions, factory_place, open_engine
from rarescale.knowledge import Knowledge
from rarescale.llm import ModelError, Prompts, Task, asking, load_prompts, persistent
from rarescale.record import Differential, DiseaseId, Note

VERSION = 1
"""Version of the prompt."""
MAX_TOKENS = 400
QUESTION_PROMPT = f"multiple-choice@{VERSION}"
NO_DISEASE = "no option is a disease of the knowledge"
NOT_LISTED = "no option is in the list"


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The letter chosen for the question `id`; None with the reason why there is none."""

    id: str
    letter: str | None
    reason: str | None = None


def choosing(question: Question, model: str) -> Task[Chosen]:
    """The answer of a language model as a task; a failure has a name and leaves the question unanswered."""
    return persistent(_choosing(question, model))


def _choosing(question: Question, model: str) -> Task[Chosen]:
    shown = json.dumps({"stem": question.stem, "options": dict(question.options)}, ensure_ascii=False, indent=1)
    request = _prompts().get("multiple-choice", VERSION).render(question=shown).request(model, max_tokens=MAX_TOKENS)
    try:
        reply = yield from asking(request, _Reply)
    except ModelError as error:
        return Chosen(question.id, None, error.kind)
    letter = reply.value.answer.strip().rstrip(".):").upper()
    return Chosen(question.id, letter) if letter in question.options else Chosen(question.id, None, "no such option")


@cache
def _prompts() -> Prompts:
    return load_prompts("rarescale.evaluation.benchmarks")


def choose_by_list(
    questions: Sequence[Question],
    engine: str,
    knowledge: Knowledge,
    options: EngineOptions,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Chosen]:
    """Of each question the option whose disease the engine lists first; equal scores leave it unanswered.

    Raises UsageError where no option of any question names a disease: these questions need a language model.
    """
    disease = DiseaseOf(knowledge)
    named = [{letter: disease.known(text.rstrip(".")) for letter, text in q.options.items()} for q in questions]
    if not any(ids for options_ in named for ids in options_.values()):
        raise UsageError(
            f"none of {len(questions)} questions has a disease of the knowledge among its options; they need a language"
            " model: give --model NAME with --base-url, --replay or --llm-batch"
        )
    ranker = open_engine(factory_place(engine), knowledge, options)
    chosen = []
    for done, (question, ids) in enumerate(zip(questions, named, strict=True), 1):
        chosen.append(_by_list(question, ids, ranker.answers))
        progress(done, len(questions))
    return chosen


def _by_list(question: Question, named: dict[str, tuple[DiseaseId, ...]], answers: Callable[..., object]) -> Chosen:
    if not any(named.values()):
        return Chosen(question.id, None, NO_DISEASE)
    try:
        (said,) = list(answers([Note(id=question.id, text=question.stem)]))  # type: ignore[call-overload]
    except RareScaleError as error:
        return Chosen(question.id, None, error.kind)
    if not isinstance(said, Differential):
        return Chosen(question.id, None, said.error.kind)
    best: dict[str, float] = {}
    for entry in said.differential:
        for letter, ids in named.items():
            if not set(ids).isdisjoint(entry.ids):
                best.setdefault(letter, entry.score)
    if not best:
        return Chosen(question.id, None, NOT_LISTED)
    first = [letter for letter, score in best.items() if score == max(best.values())]
    return Chosen(question.id, first[0]) if len(first) == 1 else Chosen(question.id, None, "options with equal scores")
