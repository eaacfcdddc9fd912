"""A language model as one more stage of reading: what it finds is merged with the other stages, never put above them.

Each finding needs words of the input that say it and a name that the knowledge resolves to a current phenotype; what
lacks one of them is dropped, with a note.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rarescale.knowledge import Knowledge, Resolver
from rarescale.llm import KINDS, Model, ModelError, Prompts, Task, asking, drive, load_prompts, persistent
from rarescale.reading.llm_passages import Passages, passages_of
from rarescale.reading.merge import Reader, merge
from rarescale.record import Chat, Finding, Note, Reading, State

VERSION = 1
"""Version of the prompt."""
MAX_TOKENS = 4000
MOST = 200
"""Findings of a reply that are looked at."""


class _Found(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    term: Annotated[str, Field(min_length=1, max_length=200)]
    state: State
    quote: Annotated[str, Field(max_length=1000)]


class FindingsReply(BaseModel):
    """What a model may answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    findings: list[_Found] = Field(max_length=MOST)


def read_with_llm(
    source: Chat | Note, offline: Reading, knowledge: Knowledge, resolver: Resolver, model: str
) -> Task[Reading]:
    """`offline` joined with what the model called `model` finds; `offline` and a warning where the model fails."""
    return persistent(_read(source, offline, knowledge, resolver, model))


def _read(source: Chat | Note, offline: Reading, knowledge: Knowledge, resolver: Resolver, model: str) -> Task[Reading]:
    passages = passages_of(source)
    request = prompts().get("findings", VERSION).render(patient=passages.data()).request(model, max_tokens=MAX_TOKENS)
    try:
        reply = (yield from asking(request, FindingsReply)).value
    except ModelError as error:
        told = f"the language model read nothing ({error.kind}: {KINDS[error.kind]}); read without it"
        return offline.model_copy(update={"warnings": (*offline.warnings, told)})
    notes: list[str] = [
        f"a passage that addresses the software was not shown to the model: {' '.join(w.split())[:80]!r}"
        for w in passages.withheld
    ]
    findings = [_finding(f, source, passages, knowledge, resolver, notes) for f in reply.findings]
    own = Reading(
        findings=tuple(f for f in findings if f is not None),
        sex=offline.sex,
        age=offline.age,
        not_understood=offline.not_understood,
        warnings=tuple(dict.fromkeys(notes)),
    )
    return merge([offline, own])


def _finding(
    found: _Found, source: Chat | Note, passages: Passages, knowledge: Knowledge, resolver: Resolver, notes: list[str]
) -> Finding | None:
    place = passages.find(found.quote)
    if place is None:
        notes.append(f"the model quotes {found.quote[:80]!r} for {found.term!r}, which is not in the input; dropped")
        return None
    answer = resolver.resolve(found.term)
    index = None if answer.term is None else knowledge.ontology.index(answer.term)
    if answer.term is None or index is None or not knowledge.ontology.is_finding[index]:
        why = answer.note or "it is not a phenotype"
        notes.append(f"the model's finding {found.term!r} was dropped: {why}")
        return None
    return Finding(
        id=answer.term,
        text=found.term,
        label=answer.label,
        state=found.state,
        quote=place.text,
        message=place.passage if isinstance(source, Chat) else None,
        span=place.span,
        source="llm",
    )


class LlmReader:
    """A reader that asks a live model after another reader. See `read_with_llm`."""

    name = "llm"

    def __init__(self, reader: Reader, knowledge: Knowledge, ask: Model, model: str) -> None:
        """`reader` is the offline stage, `ask` answers requests, `model` is the name the service knows."""
        self._reader, self._knowledge, self._ask, self._model = reader, knowledge, ask, model
        self._resolver = Resolver(knowledge.ontology)

    def read(self, source: Chat | Note) -> Reading:
        """What both understand of `source`; each finding's `source` names its stages, joined by ``+``."""
        offline = self._reader.read(source)
        return drive(read_with_llm(source, offline, self._knowledge, self._resolver, self._model), self._ask)


@cache
def prompts() -> Prompts:
    """The prompts of this room."""
    return load_prompts("rarescale.reading")
