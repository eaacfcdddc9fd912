"""Text to findings: what a chat or note says of the patient, each finding with its quote.

A reader is one stage; `read_all` runs several and `merge` joins what they found. The dictionary reader knows the names
it is given (labels and synonyms of terms) and works in five steps, a module each: `tokens` cuts words and sentences,
`stems` folds words so that spellings and inflections meet, `match` finds names, `scopes` tells present from
absent and the patient from others, `answers` brings question and answer together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from rarescale.reading.dictionary import DictionaryReader
from rarescale.reading.index import KINDS, LAY_KINDS, Ancestors, Index, Name, compile_names
from rarescale.reading.learned import joint_reader, shipped
from rarescale.reading.merge import Reader, merge, read_all
from rarescale.reading.stems import table_version

if TYPE_CHECKING:
    from rarescale.knowledge import Knowledge, Ontology

__all__ = [
    "KINDS",
    "Ancestors",
    "DictionaryReader",
    "Name",
    "Reader",
    "compile_names",
    "merge",
    "open_reader",
    "read_all",
    "spellings",
]

_SLOT = re.compile(r"\[([^\]]*)\]")

_COMPILER_VERSION = "9"
"""Raised when the code behind `compile_names` changes; a change of its tables is seen by itself."""


def open_reader(knowledge: Knowledge) -> Reader:
    """The default reader for `knowledge`: dictionary and learned stage in one.

    The dictionary's names are those of the phenotypes of `knowledge`, compiled at the first use and then cached.
    """

    def build() -> dict[str, np.ndarray]:
        return compile_names([*_names(knowledge.ontology), *_lay_names(knowledge.ontology)])

    arrays = knowledge.derived("reading", f"{_COMPILER_VERSION}-{table_version()}", build)
    index = Index(arrays, knowledge.ontology.ancestor_ids)
    return joint_reader(index, shipped(), knowledge.ontology)


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


def spellings(expression: str) -> list[str]:
    """What an expression with slots stands for: ``[eyes/skin] gone yellow`` is two of them."""
    parts = _SLOT.split(expression)
    choices = [part.split("/") if k % 2 else [part] for k, part in enumerate(parts)]
    return ["".join(chosen) for chosen in product(*choices)]
