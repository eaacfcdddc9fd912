"""From a case line to what a writer is given: persona, findings with their earlier messages, names not to be voiced."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rarescale.jobs import item_seed
from rarescale.knowledge import Knowledge
from rarescale.record import Message, Sex, years
from rarescale.simulation.persona import draw_persona
from rarescale.simulation.writers import Assignment, Wanted

_WORD = re.compile(r"[^\W\d_][\w'\-]*")
_NUMBER = re.compile(r"\s+(?:type\s+)?(?:\d+[a-z]?|[ivx]+[a-z]?)$", re.I)
_EPONYM = re.compile(r"\b([A-Z][a-zà-ÿ]{3,})(?:['’]s)?(?:-like)?\s+(?:disease|syndrome|disorder|anomaly)")
_GENERIC = frozenset(
    ("autoimmune", "chronic", "acute", "congenital", "familial", "hereditary", "genetic", "rare", "primary", "muscular")
) | {"like"}
_SPOKEN_FOR = ("HP:0001249", "HP:0001344", "HP:0000726", "HP:0001263", "HP:0001259", "HP:0002167", "HP:0000717")
"""Who has one of these (or one below) is spoken for: intellectual disability, no speech, dementia, coma, autism."""


class Assigner:
    """Makes assignments from case lines of one knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Read which words occur in names of findings, so that the others in a disease's name betray it."""
        self._knowledge = knowledge
        ontology = knowledge.ontology
        self._usual = {w.lower() for name in ontology.names() for w in _WORD.findall(name.text)}
        spoken_for = (ontology.index(t) for t in _SPOKEN_FOR)
        self._spoken_for = {t for t in spoken_for if t is not None}
        self._names: dict[str, tuple[str, ...]] = {}

    def assignment(
        self, line: Mapping[str, Any], seed: int, memory: Mapping[str, str], *, reserved: bool = False
    ) -> Assignment:
        """The chat to be written of a case line; `memory` holds the last message of each finding (`key_of`)."""
        wanted = [self._wanted(t, True, memory) for t in line["present"]]
        wanted += [self._wanted(t, False, memory) for t in line["absent"]]
        persona = draw_persona(
            Sex(line["sex"]),
            years(line["age"]),
            item_seed(seed, "persona"),
            spoken_for=self._is_spoken_for(line["present"]),
        )
        names = self.forbidden(line["diagnosis"][0])
        return Assignment(line["id"], seed, line["diagnosis_name"], names, persona, tuple(wanted), reserved)

    def forbidden(self, disease: str) -> tuple[str, ...]:
        """All names of a disease, their short forms, and those of their words that occur in no name of a finding."""
        known = self._names.get(disease)
        if known is None:
            index = self._knowledge.diseases.index(disease)
            names = () if index is None else self._knowledge.diseases.names(index)
            words = {w.lower() for n in names for w in _WORD.findall(n) if len(w) > 3} - self._usual
            short = dict.fromkeys(_NUMBER.sub("", n.split(",")[0]) for n in names)
            short = {s: None for s in short if " " in s or s.lower() not in self._usual}
            words |= {w.lower() for n in names for w in _EPONYM.findall(n)}
            words -= _GENERIC
            known = self._names[disease] = tuple(dict.fromkeys((*names, *short, *sorted(words))))
        return known

    def _wanted(self, term: str, present: bool, memory: Mapping[str, str]) -> Wanted:
        ontology = self._knowledge.ontology
        index = ontology.index(term)
        label = term if index is None else ontology.labels[index]
        definition = "" if index is None else ontology.definitions[index]
        return Wanted(term, label, present, definition, memory.get(key_of(term, present)))

    def _is_spoken_for(self, present: Sequence[str]) -> bool:
        ontology = self._knowledge.ontology
        found = (ontology.index(t) for t in present)
        return any(not self._spoken_for.isdisjoint(ontology.ancestor_set(i)) for i in found if i is not None)


def key_of(term: str, present: bool) -> str:
    """The key of a finding in the message memory."""
    return f"{term}{'+' if present else '-'}"


def remember(memory: dict[str, str], messages: Sequence[Message]) -> None:
    """Keep each labelled message as the earlier one of its findings."""
    for message in messages:
        for finding in message.labels:
            memory[key_of(finding.id or finding.label, finding.state.value == "present")] = message.content
