"""Any id or words to a current term of the knowledge, with what had to be done to get there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rarescale.knowledge.obo import SYNONYM_KINDS
from rarescale.knowledge.ontology import Ontology
from rarescale.record import TermId

How = Literal["id", "moved", "label", "synonym", "none"]

_CURIE = re.compile(r"^(?:.*[/#])?([A-Za-z]+)[:_](\d+)$")


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer for one text.

    `how`: a current id, an alternative or obsolete id that moved, a label, a synonym, or none. `note` tells the
    user what was changed or why nothing was found; empty when there is nothing to tell.
    """

    text: str
    term: TermId | None
    label: str = ""
    how: How = "none"
    note: str = ""


class Resolver:
    """Resolves ids and words against one ontology; the table of names is built at the first word."""

    def __init__(self, ontology: Ontology) -> None:
        """Nothing is computed yet."""
        self._ontology = ontology

    def resolve(self, text: str) -> Resolution:
        """A current term for an id or for words; `term` is None when there is none."""
        text = text.strip()
        if not text:
            return Resolution(text, None, note="an empty text is no finding")
        if (match := _CURIE.match(text)) is not None:
            return self._by_id(text, f"{match[1].upper()}:{match[2]}")
        return self._by_words(text)

    def _by_id(self, text: str, curie: str) -> Resolution:
        ontology = self._ontology
        if (index := ontology.index(curie)) is not None:
            term, label = ontology.ids[index], ontology.labels[index]
            if ontology.is_current(curie):
                return Resolution(text, term, label, "id")
            return Resolution(text, term, label, "moved", f"{curie} is an old id; {term} ({label}) is used")
        if (gone := ontology.gone.get(curie)) is not None:
            label, hints = gone
            advice = f"; HPO suggests {', '.join(hints)}" if hints else ""
            return Resolution(
                text, None, note=f"{curie} ({label.removeprefix('obsolete ')}) is obsolete and has no successor{advice}"
            )
        return Resolution(text, None, note=f"{curie} is not a term of this knowledge release")

    def _by_words(self, text: str) -> Resolution:
        found = self._names.get(normal_words(text))
        if found is None:
            return Resolution(text, None, note=f"{text!r} is neither a term's name nor a synonym")
        kind, indices = found
        if len(indices) > 1:
            options = ", ".join(f"{self._ontology.ids[i]} ({self._ontology.labels[i]})" for i in indices[:4])
            return Resolution(text, None, note=f"{text!r} may mean {options}; give the id")
        index = indices[0]
        how: How = "label" if kind == 0 else "synonym"
        return Resolution(text, self._ontology.ids[index], self._ontology.labels[index], how)

    @cached_property
    def _names(self) -> dict[str, tuple[int, list[int]]]:
        """Normalised name -> (code of its most trusted kind, the terms that have it with that kind)."""
        table: dict[str, tuple[int, list[int]]] = {}
        for term, name, kind in self._ontology.names():
            code, index = SYNONYM_KINDS.index(kind), self._ontology.index(term)
            assert index is not None  # names() yields current terms only
            key = normal_words(name)
            known = table.get(key)
            if known is None or code < known[0]:
                table[key] = (code, [index])
            elif code == known[0] and index not in known[1]:
                known[1].append(index)
        return table


def normal_words(text: str) -> str:
    """Words for comparison: case, accents, punctuation and spacing gone."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))
