"""Text to findings: what a chat or note says of the patient, each finding with its quote.

A reader is one stage; `read_all` runs several and `merge` joins what they found. The dictionary reader knows the names
it is given (labels and synonyms of terms) and works in five steps, a module each: `tokens` cuts words and sentences,
`stems` folds words so that spellings and inflections meet, `match` finds names, `scopes` tells present from
absent and the patient from others, `answers` brings question and answer together. `typos` sets misspelt words right,
`talk` adds what two things tell together ("my knee is killing me", "sats of 85"), `onset` when a finding began.
`context` is the stage behind it, for words that no list has; `learned` the one that candidate models are trained with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from rarescale.reading.context import context_reader, open_model
from rarescale.reading.dictionary import DictionaryReader, FindingReader
from rarescale.reading.finder import NameFinder
from rarescale.reading.index import KINDS, LAY_KINDS, Ancestors, Index, Name, compile_names
from rarescale.reading.kin import are_kin
from rarescale.reading.learned import Model, joint_reader, pair_key, spoken, word_keys
from rarescale.reading.llm import LlmReader, read_with_llm
from rarescale.reading.llm_passages import Passages, passages_of
from rarescale.reading.merge import Reader, merge, read_all
from rarescale.reading.stems import table_version
from rarescale.reading.talk import shipped_talk, table_hash
from rarescale.reading.tokens import tokenize

if TYPE_CHECKING:
    from rarescale.knowledge import Knowledge, Ontology

__all__ = [
    "KINDS",
    "READS_IN_CONTEXT",
    "Ancestors",
    "DictionaryReader",
    "LlmReader",
    "Model",
    "Name",
    "Passages",
    "Reader",
    "are_kin",
    "compile_names",
    "half_of",
    "kept_words",
    "merge",
    "names_of",
    "open_reader",
    "pair_key",
    "partial_reader",
    "passages_of",
    "read_all",
    "read_with_llm",
    "spellings",
    "word_keys",
]

_SLOT = re.compile(r"\[([^\]]*)\]")

_COMPILER_VERSION = "12"
"""Raised when the code behind `compile_names` changes; a change of its tables is seen by itself."""


READS_IN_CONTEXT = True
"""Whether the default reader has the contextual stage."""


def open_reader(knowledge: Knowledge, *, context: bool | Path = READS_IN_CONTEXT) -> Reader:
    """The default reader for `knowledge`: the dictionary, and with `context` the contextual stage.

    `context` may be the path of a model to use in place of the one that comes with the package; UsageError where there
    is none. The dictionary's names are those of the phenotypes of `knowledge`, compiled at the first use, then cached.
    """
    version = f"{_COMPILER_VERSION}-{table_version()}-{table_hash()}"
    arrays = knowledge.derived("reading", version, lambda: compile_names(list(names_of(knowledge.ontology))))
    index = Index(arrays, knowledge.ontology.ancestor_ids)
    if context is False:
        return FindingReader(NameFinder(index), name="dictionary")
    return context_reader(index, open_model(None if context is True else context), knowledge.ontology)


def partial_reader(knowledge: Knowledge, model: Model, knows: Callable[[str], bool]) -> Reader:
    """A reader with a `model` of its own and only the lay expressions that it `knows`.

    Models that learn from readings are trained with such readers: one that knows every expression of a simulated
    patient would make them trust readings more than any real patient's words deserve.
    """
    names = [n for n in names_of(knowledge.ontology) if n.kind not in LAY_KINDS or knows(n.text)]
    return joint_reader(Index(compile_names(names), knowledge.ontology.ancestor_ids), model, knowledge.ontology)


def half_of(expression: str) -> int:
    """0 or 1: the half of the lay lexicon that an expression belongs to, by its letters."""
    return crc32(expression.encode()) & 1


def kept_words(text: str) -> list[str]:
    """The words of `text` that carry meaning, in order, as trained models see them; all denials are one word."""
    return [word.form for word in spoken(tokenize(text))]


def names_of(ontology: Ontology) -> Iterator[Name]:
    """All names that the default reader knows."""
    yield from _names(ontology)
    yield from _lay_names(ontology)
    yield from _paired_names(ontology)


def _names(ontology: Ontology) -> Iterator[Name]:
    """The names of findings. Those of factors are everyday words and are read as such."""
    for name in ontology.names(findings_only=True):
        yield Name(name.term, name.text, name.kind if name.term.startswith("HP:") else "lay")


def _lay_names(ontology: Ontology) -> Iterator[Name]:
    """Lay expressions, but for terms that stand for an organ system or a group of factors: their words fit anything."""
    for name in ontology.lay():
        index = ontology.index(name.term)
        root = index is not None and not len(ontology.parents[index])
        if not root and not ontology.label(name.term).startswith("Abnormality of "):
            for text in spellings(name.text):
                yield Name(name.term, text, name.voice if name.voice in LAY_KINDS else "lay")


def _paired_names(ontology: Ontology) -> Iterator[Name]:
    """The terms of the tables of pairs that `ontology` has as findings, under their labels."""
    for term in shipped_talk().terms:
        index = ontology.index(term)
        if index is not None and ontology.is_finding[index]:
            yield Name(term, ontology.label(term), "paired")
            yield Name(term, ontology.label(term), "normal")


def spellings(expression: str) -> list[str]:
    """What an expression with slots stands for: ``[eyes/skin] gone yellow`` is two of them."""
    parts = _SLOT.split(expression)
    choices = [part.split("/") if k % 2 else [part] for k, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]
