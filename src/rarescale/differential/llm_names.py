"""A disease name in a model's words to one disease of the knowledge, or to none; ids it writes mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rarescale.knowledge import Knowledge, Lookup, parse_name
from rarescale.record import DiseaseId

_ID = re.compile(r"\b(?:OMIM|ORPHA|MONDO|DECIPHER|RSC|ICD-?1[01]|MIM)\s*[:#]?\s*[A-Z]?\d[\d.]*", re.IGNORECASE)
_MARKS = re.compile(r"<[^<>]*>")
_ASIDE = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_TAIL = re.compile(
    r"\s+(?:-|–|—)\s+.*$|\s*[:;].*$|,?\s+(?:also known as|a\.?k\.?a\.?|e\.g\.|i\.e\.|such as)\b.*$", re.IGNORECASE
)
_HEAD = re.compile(
    r"^(?:\d+[.)]\s*|(?:possible|probable|suspected|likely|early|atypical|classic|classical)\s+)", re.IGNORECASE
)
SHORTEST_ALIAS = 4
"""Letters that a name in brackets needs; "AD" and "MS" mean too much."""


class CandidateName(NamedTuple):
    """A candidate: a disease of the knowledge, or None where it is only a name."""

    id: DiseaseId | None
    name: str


class DiseaseNames:
    """Finds diseases of one knowledge by the names that models write."""

    def __init__(self, knowledge: Knowledge) -> None:
        """The index of names is made at the first name."""
        self.knowledge = knowledge
        self._lookup = Lookup(knowledge)
        self._known: dict[str, DiseaseId | None] = {}

    def resolve(self, text: str, proposals: Sequence[CandidateName] = ()) -> DiseaseId | None:
        """The preferred id of the one disease that `text` means; None where it means none, a family or several.

        `proposals` come first: a candidate that was shown under this name is meant.
        """
        name = parse_name(cleaned(text))
        for proposal in proposals:
            if proposal.id is not None and name.same_as(parse_name(proposal.name)):
                return proposal.id
        if text not in self._known:
            self._known[text] = next((i for v in variants(text) if (i := self._by_name(v)) is not None), None)
        return self._known[text]

    def names(self, id: DiseaseId | None) -> tuple[str, ...]:
        """All names that the knowledge has for a disease; none for None."""
        index = None if id is None else self.knowledge.diseases.index(id)
        return () if index is None else self.knowledge.diseases.names(index)

    def proposal(self, text: str) -> CandidateName:
        """A candidate known by name alone."""
        return CandidateName(self.resolve(text), cleaned(text))

    def same(self, one: str, other: str, proposals: Sequence[CandidateName] = ()) -> bool:
        """Whether two of a model's names may mean one disease: the same id, or a telling word in common."""
        first, second = self.resolve(one, proposals), self.resolve(other, proposals)
        if first is not None and first == second:
            return True
        return bool(parse_name(cleaned(one)).family & parse_name(cleaned(other)).family)

    def _by_name(self, text: str) -> DiseaseId | None:
        found = self._lookup.by_name(text)
        # Several entries of one disease: the first by index stands for all, as with ids.
        return self.knowledge.diseases.ids(min(found))[0] if found else None


def cleaned(text: str) -> str:
    """`text` on one line, without marks such as ``<b>``, ids and the brackets around them."""
    plain = one_line(text)
    without = re.sub(r"[(\[]\s*[,;/]*\s*[)\]]", "", _ID.sub("", plain))
    return without.strip(" ,;-–") or plain


def one_line(text: str) -> str:
    """`text` without marks such as ``<b>``, control characters and line ends, since pages and terminals show it."""
    bare = _MARKS.sub(" ", text)
    return " ".join("".join(c if c.isprintable() and c not in "<>" else " " for c in bare).split())


def variants(text: str) -> Iterator[str]:
    """`text` and simpler readings of it: without brackets, their content, without what follows a dash or colon."""
    whole = cleaned(text)
    bare = _ASIDE.sub("", whole).strip()
    found = [whole, bare, *(a for a in _ASIDE.findall(whole) if len(a) >= SHORTEST_ALIAS)]
    found += [_TAIL.sub("", bare), _HEAD.sub("", bare), *(p for p in re.split(r"\s*/\s*|\s+or\s+", bare) if " " in p)]
    yield from dict.fromkeys(v for v in found if v)
