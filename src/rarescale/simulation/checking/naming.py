"""Whether a text names something: folded words, so that spelling, endings and hyphens do not matter.

A disease is also named by a shorter form of its name: without its number, turned round at the comma, or by the
person it is named after.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

SHORTEST_WORD = 3
"""Letters of a name below which it is compared as an abbreviation, capitals and all."""
LONGEST_ABBREVIATION = 6

_NUMBER = re.compile(r"[\s,]+(?:type\s+)?(?:[0-9]+[a-z]?|[ivx]+[a-z]?)$", re.IGNORECASE)
_EPONYM = re.compile(
    r"([A-Z][a-zà-ÿ]{3,}(?:-[A-Z][a-zà-ÿ]+)*)(?:['’]s)?\s+(?:[Dd]isease|[Ss]yndrome|[Dd]isorder|[Aa]nomaly)"
)


@lru_cache(maxsize=16384)
def folded(text: str) -> str:
    """Lower-case words without accents, possessive endings and punctuation, one space between them."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = re.sub(r"['’‘]s\b", "", plain.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def says(text: str, name: str) -> bool:
    """Whether the folded words of `name` occur in `text`, the last one in singular or plural."""
    return bool(name) and _pattern(name).search(folded(text)) is not None


@lru_cache(maxsize=65536)
def _pattern(name: str) -> re.Pattern[str]:
    words = folded(name).split()
    body = " ?".join(map(re.escape, words))
    return re.compile(rf"\b{body}(?:s|es)?\b") if words else re.compile(r"(?!)")


def disease_named(text: str, names: Iterable[str], findings: Iterable[str] = ()) -> str | None:
    """The first of `names` that `text` uses, in full or shortened.

    `findings` are names of wanted findings: a shortened form that occurs in one of them does not count.
    """
    ordinary = " | ".join(folded(f) for f in findings)
    for name in filter(folded, names):
        if _is_abbreviation(name):
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                return name
        elif says(text, name):
            return name
        if any(says(text, s) for s in _shortened(name) if not says(ordinary, s)):
            return name
        if any(_person_named(text, person) for person in _EPONYM.findall(name)):
            return name
    return None


def _is_abbreviation(name: str) -> bool:
    return len(name) < SHORTEST_WORD or (name.isupper() and name.isalnum() and len(name) <= LONGEST_ABBREVIATION)


def _shortened(name: str) -> Iterator[str]:
    """Forms of two words or more: "Usher syndrome 2A" is an "Usher syndrome", "X, congenital" a "congenital X"."""
    without = _NUMBER.sub("", name)
    head, comma, tail = without.partition(",")
    forms = [without, head, f"{tail} {head}"] if comma else [without]
    yield from (f for f in forms if len(folded(f).split()) > 1)


def _person_named(text: str, person: str) -> bool:
    """As a possessive, or capitalised within a sentence, so that "Down" and "Still" may begin one."""
    word = re.escape(person)
    return re.search(rf"(?<!\w){word}['’]s\b|(?<=[a-z,;] ){word}(?!\w)", text) is not None
