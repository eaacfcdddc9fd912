"""From a parsed expression to a phrase about a given person: a noun phrase with article, or a clause with subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rarescale.simulation.wording.articles import with_article
from rarescale.simulation.wording.clauses import clause_of
from rarescale.simulation.wording.denial import denied
from rarescale.simulation.wording.parsed import Parsed, Person
from rarescale.simulation.wording.pronouns import adapted
from rarescale.simulation.wording.vocabulary import vocabulary


@dataclass(frozen=True, slots=True)
class Phrase:
    """`np` "a lump in the groin" or `clause` "my head is pounding"; `bare`: as it stands in the lexicon, adapted."""

    kind: Literal["np", "clause"]
    text: str
    bare: str


def present(parsed: Parsed, person: Person) -> Phrase | None:
    """The phrase that says that the person has it; None where the grammar has no safe one."""
    bare = adapted(parsed.text, person)
    if bare is None or parsed.shape == "unclear":
        return None
    if parsed.shape == "np":
        low = [t.lower() for t in parsed.tokens]
        adverbial = low[-1].endswith("ly") and vocabulary().main(low[-1]) == "r"
        bodily = adverbial or (low[0] in vocabulary().closed["body"] and low[1:2] in ([","], ["and"]))
        if bodily or low[0] in ("my", "his", "her", "their") or (low[0] == "the" and len(low) > 4):
            return None
        return Phrase("np", with_article(bare), bare)
    clause = clause_of(parsed, bare, person)
    return None if clause is None else Phrase("clause", clause, bare)


def absent(parsed: Parsed, person: Person) -> Phrase | None:
    """The phrase that denies it; None for what is negative in itself or cannot be denied in one way only.

    A noun phrase comes without article, for "no ..." and "haven't got any ...".
    """
    if parsed.negative or parsed.shape in ("unclear", "like", "modal", "past"):
        return None
    bare = adapted(parsed.text, person)
    if (
        bare is None
        or len(parsed.tokens) > 8
        or not vocabulary().closed["reports"].isdisjoint(t.lower() for t in parsed.tokens)
        or re.search(r"[,;:]| but | so ", bare)
    ):
        return None
    if parsed.shape == "np":
        first = bare.split(" ", 1)[0].lower()
        if first in vocabulary().closed["determiner"] and first not in ("a", "an", "some"):
            return None
        return Phrase("np", bare.split(" ", 1)[1] if first in ("a", "an", "some") else bare, bare)
    positive = clause_of(parsed, bare, person)
    verb = parsed.tokens[parsed.verb].lower() if parsed.shape == "clause" and parsed.verb > 0 else ""
    negated = None if positive is None else denied(positive, person, verb)
    return None if negated is None else Phrase("clause", negated, bare)
