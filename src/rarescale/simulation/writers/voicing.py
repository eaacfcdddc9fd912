"""Which findings of a case a chat voices: those that this person would tell, in words that can be trusted.

The labels of a chat are the findings that are voiced. A case holds more: results nobody was told, signs no layperson
would deny, milestones of a child in an adult. They stay in the case and out of the chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rarescale.record import Sex
from rarescale.simulation.writers.contract import Assignment, CannotWrite, Wanted
from rarescale.simulation.writers.lexicon import Choice, Lexicon
from rarescale.simulation.writers.sentences import screens
from rarescale.simulation.writers.speech import Speech

MOST_QUOTED, MOST_TOLD, MOST_DENIED, MOST_PRESENT = 1, 3, 4, 12
"""Words read out of letters, reports of doctors (letters too), denials and present findings in one chat."""

_NEVER = (
    "HP:0001699",
    "HP:0001645",
    "HP:0001259",
    "HP:0003826",
    "HP:0001522",
    "HP:0003811",
    "HP:0033041",
    "HP:0002133",
    "HP:0031273",
    "HP:0001695",
)
"""Deaths, coma and cardiac arrest: nobody chats in their course."""
_MALE, _FEMALE = ("HP:0010461",), ("HP:0010460", "HP:0000140", "HP:0002686")
_OF_CHILDHOOD = ("HP:0012758", "HP:0001197", "HP:0011968", "HP:0008897", "HP:0001270")
_NOT_BEFORE = (
    ("HP:0002167", 1.5),
    ("HP:0001288", 1.5),
    ("HP:0012433", 2.0),
    ("HP:0000708", 1.5),
    ("HP:0012531", 3.0),
    ("HP:0001249", 3.0),
    ("HP:0100543", 6.0),
    ("HP:0012332", 3.0),
    ("HP:0003549", 0.0),
    ("HP:0011446", 2.0),
    ("HP:0003474", 5.0),
    ("HP:0002321", 4.0),
    ("HP:0012378", 3.0),
    ("HP:0002315", 4.0),
    ("HP:0003546", 3.0),
    ("HP:0000144", 16.0),
    ("HP:0100851", 4.0),
    ("HP:0000140", 11.0),
)
_BESIDE = (
    ("HP:0001344", ("HP:0000750", "HP:0001260", "HP:0002167", "HP:0002463")),
    ("HP:0002540", ("HP:0001288", "HP:0031936", "HP:0002194", "HP:0001251")),
    ("HP:0010864", ("HP:0001256", "HP:0002342", "HP:0001328", "HP:0007018")),
    ("HP:0002187", ("HP:0001256", "HP:0002342", "HP:0001328", "HP:0007018")),
    ("HP:0001263", ("HP:0012758",)),
    ("HP:0001249", ("HP:0012758",)),
    ("HP:0002205", ("HP:0002719",)),
    ("HP:0001251", ("HP:0001288",)),
)
"""Where the first is voiced, the others (and what is below them) would repeat or contradict it."""


class Voicing:
    """The choice for one ontology."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Keep the ontology of the lexicon."""
        self._lexicon, self._ontology = lexicon, lexicon.ontology
        self._kept: dict[str, frozenset[int]] = {}

    def voiced(self, assignment: Assignment, speech: Speech) -> tuple[Assignment, dict[str, Choice]]:
        """The assignment with the voiced findings only, and their words. Raises CannotWrite where nothing is left."""
        said: dict[str, Choice] = {}
        present = self._present([w for w in assignment.findings if w.present], speech, said)
        if not present:
            raise CannotWrite("no present finding that this person would tell")
        denied = self._denied([w for w in assignment.findings if not w.present], present, speech, said)
        kept = {w.id for w in (*present, *denied)}
        return replace(assignment, findings=tuple(w for w in assignment.findings if w.id in kept)), said

    def _present(self, wanted: Sequence[Wanted], speech: Speech, said: dict[str, Choice]) -> list[Wanted]:
        kept: list[Wanted] = []
        told: list[tuple[Wanted, Choice]] = []
        for w in wanted:
            choice = speech.choose(w) if self._fits(w, speech) and not self._repeats(w, kept) else None
            if choice is None or len(kept) == MOST_PRESENT:
                continue
            if choice.told:
                told.append((w, choice))
            else:
                kept.append(w)
                said[w.id] = choice
        quoted = [pair for pair in told if pair[1].kind == "np"]
        told = [pair for pair in told if pair[1].kind != "np"] + quoted[:MOST_QUOTED]
        most = MOST_TOLD if kept else 1
        said.update((w.id, c) for w, c in told[:most])
        return [*kept, *(w for w, _ in told[:most])]

    def _denied(
        self, wanted: Sequence[Wanted], present: Sequence[Wanted], speech: Speech, said: dict[str, Choice]
    ) -> list[Wanted]:
        known = [self._above(w.id) for w in present]
        held = frozenset[int]().union(*known)
        kept: list[Wanted] = []
        for w in wanted:
            if (
                len(kept) == MOST_DENIED
                or not self._fits(w, speech)
                or self._related(w.id, present, held)
                or self._repeats(w, kept)
            ):
                continue
            choice = speech.choose(w)
            if choice is None or not self._deniable(choice, held, speech):
                continue
            kept.append(w)
            said[w.id] = choice
        return kept

    def _deniable(self, choice: Choice, held: frozenset[int], speech: Speech) -> bool:
        screen = screens(speech.person).get(choice.theme)
        return screen is not None and not any(self._index(t) in held for t in screen.clash)

    def _related(self, term: str, present: Sequence[Wanted], held: frozenset[int]) -> bool:
        """Whether a present finding is the same, above, below, or a sibling."""
        index = self._index(term)
        above = self._above(term)
        if index in held or any(self._index(w.id) in above for w in present):
            return True
        parents = self._parents(term)
        return any(not parents.isdisjoint(self._parents(w.id)) for w in present)

    def _repeats(self, wanted: Wanted, kept: Sequence[Wanted]) -> bool:
        above = self._above(wanted.id)
        for w in kept:
            if self._index(w.id) in above or self._index(wanted.id) in self._above(w.id):
                return True
            for one, others in _BESIDE:
                if self._index(one) in self._above(w.id) and any(self._index(t) in above for t in others):
                    return True
                if self._index(one) in above and any(self._index(t) in self._above(w.id) for t in others):
                    return True
        return False

    def _fits(self, wanted: Wanted, speech: Speech) -> bool:
        """Whether age and sex allow the finding, and a living person can tell it."""
        above, persona = self._above(wanted.id), speech.persona
        if wanted.present and wanted.label.startswith("Abnormality of "):
            return False
        has = {self._ontology.ids[i] for i in above}
        barred = _FEMALE if persona.sex is Sex.MALE else _MALE if persona.sex is Sex.FEMALE else ()
        if not has.isdisjoint(barred) or not has.isdisjoint(_NEVER):
            return False
        if self._lexicon.is_own(wanted.id, is_present=wanted.present):
            return True
        if persona.age >= 14 and not has.isdisjoint(_OF_CHILDHOOD):
            return False
        return not any(t in has and persona.age < least for t, least in _NOT_BEFORE)

    def _parents(self, term: str) -> frozenset[int]:
        found = self._kept.get(term)
        if found is None:
            above = self._above(term) - {self._index(term)}
            far = frozenset[int]().union(*(self._ontology.ancestor_set(i) - {i} for i in above))
            found = self._kept[term] = above - far
        return found

    def _index(self, term: str) -> int:
        index = self._ontology.index(term)
        return -1 if index is None else index

    def _above(self, term: str) -> frozenset[int]:
        """The term and all above it."""
        index = self._ontology.index(term)
        return frozenset() if index is None else frozenset((*self._ontology.ancestor_set(index), index))
