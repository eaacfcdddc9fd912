"""Exposures, contexts and circumstances (our RSF terms) as clauses: "I was in Ghana", "it comes on after meals"."""

from __future__ import annotations

import re

from rarescale.knowledge import FACTOR_PREFIX, Ontology
from rarescale.simulation.wording import Parsed, Person, Phrase, absent, adapted, present, vocabulary

_GROUPS = (
    *((f"RSF:02{k}", "circumstance") for k in (40, 41, 42, 43)),
    ("RSF:0013", "circumstance"),
    ("RSF:0006", "medicine"),
    ("RSF:0004", "food"),
    ("RSF:0002", "travel"),
    ("RSF:0010", "procedure"),
    ("RSF:0012", "procedure"),
    ("RSF:0011", "family"),
    ("RSF:0014", "complaint"),
)
_SUBJECT: dict[Person, tuple[str, str, str]] = {
    "i": ("I", "I'm", "I've"),
    "he": ("he", "he's", "he's"),
    "she": ("she", "she's", "she's"),
}


_WEEKS = re.compile(r"\b(weeks|months) (pregnant|gone|along)\b")


class Factors:
    """Groups the factors of an ontology."""

    def __init__(self, ontology: Ontology) -> None:
        """Find the roots of the groups."""
        self._ontology = ontology
        self._roots = [(i, group) for root, group in _GROUPS if (i := ontology.index(root)) is not None]

    def group(self, term: str) -> str:
        """The group of a factor, empty for other terms."""
        if not term.startswith(FACTOR_PREFIX):
            return ""
        index = self._ontology.index(term)
        above = frozenset() if index is None else self._ontology.ancestor_set(index)
        return next((group for root, group in self._roots if root in above), "other")


def factor_phrase(group: str, parsed: Parsed, person: Person, *, is_present: bool) -> Phrase | None:
    """What is said of a factor, as a clause; None where no rule is safe."""
    bare = adapted(parsed.text, person)
    if bare is None:
        return None
    if group == "circumstance":
        clause = _circumstance(parsed, bare, is_present=is_present)
        return None if clause is None else Phrase("clause", clause, clause)
    if not is_present:
        return absent(parsed, person)
    if group == "complaint":
        return present(parsed, person)
    clause = _of_group(group, parsed, bare, person)
    return present(parsed, person) if clause is None else Phrase("clause", clause, clause)


def _of_group(group: str, parsed: Parsed, bare: str, person: Person) -> str | None:
    subject, am, have = _SUBJECT[person]
    first = parsed.tokens[0].lower()
    if group == "travel" and first in ("in", "from", "back", "just"):
        return f"{subject} was {bare}" if first == "in" else f"{have} just come {bare.removeprefix('just ')}"
    if first in vocabulary().closed["suffered"]:
        return f"{subject} was {bare}"
    if _WEEKS.search(bare):
        return f"{am} {bare}"
    if parsed.shape == "np" and vocabulary().main(first) == "g":
        return f"{have} been {bare}"
    if parsed.shape != "np" or first in vocabulary().closed["pronoun"]:
        return None
    phrase = present(parsed, person)
    if phrase is None:
        return None
    if first in vocabulary().closed["family"] and group == "family":
        owner = {"i": "my", "he": "his", "she": "her"}[person]
        return f"there's {owner} {bare}"
    if group == "medicine":
        return f"{am} on {bare}"
    lead = {"food": f"{subject} had", "travel": "there was", "procedure": f"{have} had"}
    return f"{lead.get(group, 'there was')} {phrase.text}"


def _circumstance(parsed: Parsed, bare: str, *, is_present: bool) -> str | None:
    first = parsed.tokens[0].lower()
    words = vocabulary()
    if first == "since" or bare.lower() in ("always had it", "born with it", "never been different"):
        if first != "since":
            return None
        return f"it's been like that {bare}" if is_present else f"it hasn't been like that {bare}"
    if first in vocabulary().closed["comparing"]:
        return f"it's {bare}" if is_present else f"it's not {bare}"
    if first in vocabulary().closed["moments"] and not (
        parsed.shape == "clause" and first in ("every", "only", "first")
    ):
        return f"it comes on {bare}" if is_present else f"it doesn't come on {bare}"
    if parsed.shape == "vp" and words.main(first) in ("z", "p"):
        base = words.base(first)
        rest = bare.split(" ", 1)[1:]
        if is_present:
            return f"it {bare}"
        return None if base is None else " ".join(("it doesn't", base, *rest))
    if not is_present:
        return None
    return bare if parsed.shape == "clause" and first in words.closed["pronoun"] else None
