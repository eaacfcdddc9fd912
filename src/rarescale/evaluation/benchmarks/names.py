"""Names of diseases, as benchmarks write them, to ids; a name that means none or several keeps a stand-in.

With a stand-in a case stays in the denominator, where no answer can be right: left out, it would flatter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rarescale.knowledge import Knowledge, Lookup
from rarescale.record import DiseaseId

UNMAPPED = "UNMAPPED:"
_SPOKEN = ("OMIM:", "ORPHA:", "DECIPHER:", "MONDO:", "RSC:")


class DiseaseOf:
    """Resolves names against one knowledge; `unmapped` gathers those that could not be."""

    def __init__(self, knowledge: Knowledge) -> None:
        """The index of names is made at the first one."""
        self._lookup = Lookup(knowledge)
        self._known: dict[str, tuple[DiseaseId, ...]] = {}
        self.unmapped: dict[str, None] = {}

    def known(self, name: str) -> tuple[DiseaseId, ...]:
        """All ids of the one disease of this name; empty where none is, or where it may mean several."""
        if name not in self._known:
            diseases = self._lookup.knowledge.diseases
            found = sorted(self._lookup.by_name(name))
            self._known[name] = tuple(dict.fromkeys(DiseaseId(i) for d in found for i in diseases.ids(d)))
        return self._known[name]

    def ids(self, *names: str) -> tuple[DiseaseId, ...]:
        """The ids of all `names`, which mean one truth; a stand-in for the first where none is known."""
        found = tuple(dict.fromkeys(i for name in names for i in self.known(name)))
        if found:
            return found
        self.unmapped[names[0]] = None
        return (stand_in(names[0]),)


def stand_in(name: str) -> DiseaseId:
    """An id for a name that we have no disease for."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return DiseaseId(UNMAPPED + ("-".join(re.findall(r"[a-z0-9]+", plain)) or "nameless"))


def spoken_ids(ids: Sequence[str]) -> tuple[DiseaseId, ...]:
    """Of the ids of a published case those of catalogues that we speak; a stand-in where there is none (CCRD alone)."""
    kept = tuple(DiseaseId(i) for i in ids if i.startswith(_SPOKEN))
    return kept or (stand_in(ids[0]),)


def named_in(text: str, names: Sequence[str]) -> str:
    """Whether a text says the name of its own diagnosis, so that reading is enough: yes or no."""
    words = _plain(text)
    return "yes" if any(_plain(name) and _plain(name) in words for name in names) else "no"


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
