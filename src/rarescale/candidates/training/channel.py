"""A stand-in for reading: what readers make of labelled chats, measured on some of them, drawn for the rest.

Reading is most of the cost of a corpus. A channel keeps how often a labelled finding is found as it is, as a relative
of it, or not at all, in which state and how surely, and which findings are found that nobody meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from rarescale.jobs import write_text
from rarescale.knowledge import Ontology
from rarescale.reading import are_kin
from rarescale.record import Finding, Reading, State, TermId

Said = dict[str, bool]
"""Id of a labelled finding -> whether it is present."""


@dataclass(frozen=True)
class Channel:
    """`fates`: for each labelled finding that was measured (said present, found: "same", "kin", "none", found present,
    confidence); `strays`: (id, present, confidence) of findings that nobody meant; `chats` measured."""

    fates: Sequence[tuple[bool, str, bool, float]]
    strays: Sequence[tuple[str, bool, float]]
    chats: int

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_text(path, json.dumps({"fates": self.fates, "strays": self.strays, "chats": self.chats}))

    @classmethod
    def load(cls, path: Path) -> Channel:
        """Read what `save` wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls([tuple(f) for f in data["fates"]], [tuple(s) for s in data["strays"]], data["chats"])

    def pass_on(self, said: Said, ontology: Ontology, rng: Random) -> Reading:
        """A reading that could be of a chat with these labels."""
        found: dict[str, Finding] = {}
        for state in (True, False):
            fates = self._by_state[state]
            for term in [t for t, s in said.items() if s is state] if fates else ():
                _, how, present, sure = rng.choice(fates)
                heard = term if how == "same" else _relative(term, ontology, rng) if how == "kin" else None
                if heard is not None:
                    found.setdefault(heard, _finding(heard, present, sure))
        for _ in range(_poisson(len(self.strays) / max(1, self.chats), rng) if self.strays else 0):
            term, present, sure = rng.choice(self.strays)
            found.setdefault(term, _finding(term, present, sure))
        return Reading(findings=tuple(found.values()))

    @cached_property
    def _by_state(self) -> dict[bool, list[tuple[bool, str, bool, float]]]:
        return {state: [f for f in self.fates if f[0] is state] for state in (True, False)}


def measured(pairs: Iterable[tuple[Said, Reading]], ontology: Ontology) -> Channel:
    """The channel of labelled chats that were read."""
    fates: list[tuple[bool, str, bool, float]] = []
    strays: list[tuple[str, bool, float]] = []
    chats = 0
    for said, reading in pairs:
        chats += 1
        found: dict[str, tuple[bool, float]] = {
            f.id: (f.state is State.PRESENT, 1.0 if f.confidence is None else f.confidence)
            for f in (*reading.uncertain, *reading.findings)
            if f.id is not None
        }
        used: set[str] = set()
        for term, present in said.items():
            heard = term if term in found else next((f for f in found if are_kin(f, term, ontology)), None)
            if heard is None:
                fates.append((present, "none", False, 0.0))
                continue
            used.add(heard)
            fates.append((present, "same" if heard == term else "kin", *found[heard]))
        strays += [(term, *how) for term, how in found.items() if term not in used]
    return Channel(fates, strays, chats)


def said_in(line: Mapping[str, Any]) -> Said:
    """The labels of a chat line."""
    return {
        f["id"]: bool(f.get("present", True)) for m in line["messages"] for f in m.get("findings", ()) if f.get("id")
    }


def _relative(term: str, ontology: Ontology, rng: Random) -> str | None:
    index = ontology.index(term)
    parents = [p for p in ontology.parents[index].tolist() if ontology.is_finding[p]] if index is not None else []
    return ontology.ids[rng.choice(parents)] if parents else None


def _finding(term: str, present: bool, sure: float) -> Finding:
    return Finding(
        id=TermId(term),
        text=term,
        state=State.PRESENT if present else State.ABSENT,
        confidence=min(1.0, max(0.0, sure)),
    )


def _poisson(mean: float, rng: Random) -> int:
    """Knuth's method; the mean is small."""
    count, product, limit = 0, rng.random(), 2.718281828459045**-mean
    while product > limit:
        count += 1
        product *= rng.random()
    return count
