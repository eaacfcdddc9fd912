"""Checks of our tables line by line: lay expressions that say more or the same, and red flags that stay silent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import snowballstemmer

from rarescale.knowledge.base import Knowledge
from rarescale.knowledge.curated import read_red_flags, read_table
from rarescale.knowledge.issues import Issue
from rarescale.knowledge.resolve import normal_words

FEWEST_WORDS = 2
"""Shorter names of other terms are everyday words ("pain") and may stand in any expression."""

_FUNCTION_WORDS = frozenset(
    (
        *("a", "an", "the", "my", "your", "his", "her", "its", "our", "their"),
        *("is", "are", "was", "were", "am", "be", "been", "being"),
    )
)


def check_lay(knowledge: Knowledge) -> Iterator[Issue]:
    """Expressions that hold another term's name, or that say the same as another one once their words are stemmed."""
    path = knowledge.sources.curated / "lay.tsv"
    names = _names(knowledge)
    first: dict[tuple[str, ...], list[tuple[str, str, int]]] = {}
    for number, row in enumerate(read_table(path, ("term_id", "expression", "voice")), 2):
        term, text, where = row["term_id"], row["expression"], f"{path} line {number}"
        if knowledge.ontology.index(term) is None:
            continue
        held = {} if row["voice"] == "trap" else _held(text, term, names, knowledge)
        for name, other in held.items():
            what = f"{text!r} of {term} holds {name!r}, a name of {other}"
            yield Issue("warning", "lay-holds-a-name", where, what, "say it without that name, or give it to that term")
        earlier = first.setdefault(_stemmed(text), [])
        yield from _same(knowledge, (term, text, number), earlier, where)
        earlier.append((term, text, number))


def check_flags(knowledge: Knowledge) -> Iterator[Issue]:
    """Alternatives of red flags whose term is missing, or can only come from a coded case, never from a text."""
    ontology, path = knowledge.ontology, knowledge.sources.curated / "red_flags.tsv"
    if not path.is_file():
        return
    spoken = {lay.term for lay in ontology.lay()}
    for number, flag in enumerate(read_red_flags(knowledge.sources.curated), 2):
        for term in dict.fromkeys((*(t for group in flag.groups for t in group), *flag.barred)):
            where, index = f"{path} line {number}", ontology.index(term)
            if index is None:
                yield Issue(
                    "warning", "flag-unknown-term", where, f"{flag.id} names {term}", "correct or drop the term"
                )
            elif not ontology.is_finding[index] and term not in spoken:
                what = f"{flag.id} names {term} ({ontology.labels[index]}), which only a coded case can tell"
                yield Issue(
                    "warning", "flag-unread-term", where, what, "give it lay expressions, so that texts can tell it too"
                )


def _names(knowledge: Knowledge) -> dict[str, set[str]]:
    """Labels and exact names of findings that have two words or more -> their terms."""
    found: dict[str, set[str]] = {}
    for name in knowledge.ontology.names(findings_only=True):
        key = normal_words(name.text)
        if name.kind in ("label", "exact") and key.count(" ") + 1 >= FEWEST_WORDS:
            found.setdefault(key, set()).add(name.term)
    return found


def _held(text: str, term: str, names: dict[str, set[str]], knowledge: Knowledge) -> dict[str, str]:
    """Names inside `text`, shorter than it, of which all terms are unrelated to `term` -> one of these terms."""
    words = normal_words(text).split()
    spans = ((i, j) for i in range(len(words)) for j in range(i + FEWEST_WORDS, len(words) + 1) if j - i < len(words))
    found = {}
    for i, j in spans:
        name = " ".join(words[i:j])
        terms = names.get(name, set())
        if terms and not any(related(knowledge, term, other) for other in terms):
            found[name] = min(terms)
    return found


def _same(
    knowledge: Knowledge, own: tuple[str, str, int], earlier: list[tuple[str, str, int]], where: str
) -> Iterator[Issue]:
    term, text, _ = own
    for other, said, line in earlier:
        what = f"{text!r} of {term} says the same as {said!r} of {other} in line {line}"
        if other == term and said != text:
            yield Issue("warning", "lay-twice", where, what, "drop one of them")
        elif other != term and said != text and not related(knowledge, term, other):
            yield Issue("warning", "lay-shared-stems", where, what, "keep it for one of them")


def related(knowledge: Knowledge, one: str, other: str) -> bool:
    """Whether the terms are the same, or one is above the other."""
    ontology = knowledge.ontology
    return one == other or one in ontology.ancestor_ids(other) or other in ontology.ancestor_ids(one)


def _stemmed(text: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in normal_words(text).split() if word not in _FUNCTION_WORDS)


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@cache
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))
