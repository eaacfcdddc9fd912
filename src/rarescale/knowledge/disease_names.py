"""Disease names taken apart, so that spellings meet and members of one family are known.

``Usher syndrome, type IIA`` and ``usher syndrome type 2A`` are one name; both are of the family ``usher``.
Numbers and letters count as marks of a member only where names carry them, at the end of a part or after "type":
the E of "vitamin E deficiency" stays.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_DASHES = re.compile("[‐‑‒–—−]")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b|(?<=s)['’](?=\s)", re.IGNORECASE)
_PARTS = re.compile(r"[,;()/\[\]]+")
_WORD = re.compile(r"[a-z0-9]+")
_COMPOUND = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_MEMBER = re.compile(r"\d+[a-z]{0,2}\d?|[ivx]+[a-d]?\d?|[a-z]\d?")
_ROMAN = re.compile(r"(x{0,2}(?:ix|iv|v?i{0,3}))([a-d]?\d?)")
_VALUES = {"i": 1, "v": 5, "x": 10}

_SPELLINGS = (
    ("aemi", "emi"),
    ("haem", "hem"),
    ("oedem", "edem"),
    ("tumour", "tumor"),
    ("paed", "ped"),
    ("oesoph", "esoph"),
)
"""British spellings and what American ones write for them."""

_NUMBERING = {"type", "types", "group", "complementation", "form"}
_EMPTY = {"a", "an", "and", "by", "due", "in", "of", "or", "the", "to", "with"} | {
    "disease",
    "disorder",
    "syndrome",
    "sydrome",
}
_INHERITANCE = {
    "ad",
    "ar",
    "autosomal",
    "dominant",
    "familial",
    "hereditary",
    "inherited",
    "linked",
    "recessive",
    "x",
    "xl",
}


@dataclass(frozen=True, slots=True)
class Name:
    """One name in several grains; all words in lower case, American spelling, without accents.

    `spelled`: all words in order. `words`: the telling ones as a set, numbers included. `family`: those
    without numbers and inheritance. `compounds`: words joined by hyphens, whose order tells eponyms apart.
    """

    spelled: str
    words: frozenset[str]
    family: frozenset[str]
    compounds: tuple[tuple[str, ...], ...]

    def same_as(self, other: Name) -> bool:
        """Whether both are one name; Goldberg-Shprintzen and Shprintzen-Goldberg are two."""
        return self.spelled == other.spelled or (self.words == other.words and not self._turns_round(other))

    def one_series(self, other: Name) -> bool:
        """Whether both differ in nothing but number, letter or inheritance."""
        return bool(self.family) and self.family == other.family and not self._turns_round(other)

    def covers(self, other: Name) -> bool:
        """Whether `other` says all that this family name says, and maybe more; half an eponym says nothing."""
        if not self.family or not self.family < other.family or self._turns_round(other):
            return False
        held = [self.family & set(c) for c in other.compounds]
        return all(not part or part == set(c) & other.family for part, c in zip(held, other.compounds, strict=True))

    def _turns_round(self, other: Name) -> bool:
        return any(set(a) == set(b) and a != b for a in self.compounds for b in other.compounds)


@lru_cache(maxsize=1 << 16)
def parse_name(text: str) -> Name:
    """Take a disease name apart. A text without letters gives an empty name, which is the same as nothing else."""
    plain = _plain(text)
    tokens: list[str] = []
    members: set[int] = set()
    for part in _PARTS.split(plain):
        words = _WORD.findall(part)
        marked = _members(words, first=not tokens)
        for k, word in enumerate(words):
            if k in marked:
                members.add(len(tokens))
                tokens.append(_arabic(word))
            elif word not in _NUMBERING:
                tokens.append(word)
    telling = frozenset(tokens) - _EMPTY or frozenset(tokens)
    unmarked = {t for k, t in enumerate(tokens) if k not in members}
    family = frozenset(unmarked - _EMPTY - _INHERITANCE) or frozenset(unmarked)
    compounds = tuple(tuple(c.split("-")) for c in _COMPOUND.findall(plain) if not set(c.split("-")) & _INHERITANCE)
    return Name(" ".join(tokens), telling, family, compounds)


def _plain(text: str) -> str:
    text = _POSSESSIVE.sub("", _DASHES.sub("-", text))
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    for british, american in _SPELLINGS:
        text = text.replace(british, american)
    return text


def _members(words: list[str], *, first: bool) -> set[int]:
    """Positions of numbers and letters that mark a member; the first word of a name never does."""
    marked = {k + 1 for k, w in enumerate(words[:-1]) if w in _NUMBERING and _MEMBER.fullmatch(words[k + 1])}
    last = len(words) - 1
    while last >= (1 if first else 0) and _MEMBER.fullmatch(words[last]):
        marked.add(last)
        last -= 1
    return marked


def _arabic(member: str) -> str:
    """``iia`` as ``2a``; anything else as it is."""
    match = _ROMAN.fullmatch(member)
    if match is None or not match[1]:
        return member
    values = [_VALUES[c] for c in match[1]]
    total = sum(-v if k + 1 < len(values) and v < values[k + 1] else v for k, v in enumerate(values))
    return f"{total}{match[2]}"
