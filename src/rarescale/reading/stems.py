"""Words folded to what they mean inside a name: spelling, equivalents, then the Snowball English stem.

A text and a name meet when the *sums* of the hashes of their folded words agree: a sum does not care about word
order, grows by one addition as a window grows, and lets one word stand for two ("headache" = head + pain).
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache, lru_cache
from importlib import resources

import snowballstemmer

from rarescale.reading.spelling import american
from rarescale.reading.wordlists import word_set

TRANSPARENT_NEGATIONS = frozenset(("not", "n't", "never"))
"""Stand inside a name without breaking it ("his liver is not enlarged"); what they deny is for the scopes to say."""

MASK = (1 << 64) - 1

FUNCTION_WORDS = word_set(
    """
    a an the this that these those of in on at to for from by with within into onto about as over around near
    my your his her its our their me him them i he she it we they you who whose 's 're 've 'd 'll 'm
    is are was were be been being am has have had having do does did done doing get gets got getting
    feel feels feeling felt look looks looking looked seem seems seemed become became went go goes going
    very really quite so too rather pretty bit somewhat extremely always often sometimes still also even already
    just now again kind sort some any all both each every more most much many lot lots there here when while
    because than then if up out constantly usually quickly slightly keep keeps kept
    count counts level levels concentration concentrations circulating morphology
    would could should will may might can it's - " ' \u201c \u201d * _
    """
)
"""Words and signs that neither make a name nor break one ("enlarged liver", "his liver is really enlarged")."""


class _Stemmers(threading.local):
    """A stemmer for each thread: it keeps the word it works on, so two threads at one would stem each other's."""

    def __init__(self) -> None:
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def _table() -> str:
    return resources.files("rarescale.reading").joinpath("equivalents.tsv").read_text(encoding="utf-8")


def table_version() -> str:
    """Identifies the tables that folding depends on (16 hex digits); compiled names are valid for one version."""
    return f"{digest(_table() + ' '.join(sorted(FUNCTION_WORDS))):016x}"


@cache
def _equivalents() -> dict[str, tuple[str, ...]]:
    rows = [line.split("\t") for line in _table().splitlines() if line and not line.startswith("#")][1:]
    folded = {}
    for word, same in rows:
        value = tuple(_stem(part) for part in same.split())
        folded[word] = value
        folded.setdefault(_stem(word), value)
    return folded


def _stem(word: str) -> str:
    # The stem of an inflammation is the organ ("thyroiditis" -> "thyroid"); that is not the same finding.
    if word.endswith("itis"):
        return american(word)
    return str(_STEMMERS.english.stemWord(american(word)))


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> tuple[str, ...]:
    """The folded words that `word` (lower case) counts as: () for a function word, usually one, sometimes two."""
    if word in FUNCTION_WORDS or word in TRANSPARENT_NEGATIONS:
        return ()
    table = _equivalents()
    if word in table:
        return table[word]
    stem = _stem(word)
    return table.get(stem, (stem,))


_FORMS = {
    form: lemma
    for lemma, forms in {
        "do": "does did doing done",
        "be": "is are was were am been being 's 're 'm",
        "have": "has had having 've",
        "get": "gets got getting",
        "feel": "feels felt feeling",
        "go": "goes went going",
        "look": "looks looked looking",
        "not": "n't never",
        "would": "'d",
        "will": "'ll",
    }.items()
    for form in forms.split()
}
_UNSPOKEN = word_set("a an the my your his her its our their he she it we they i him them me very really so all")


@lru_cache(maxsize=1 << 16)
def phrase_form(word: str) -> str:
    """A word of a phrase in which function words carry meaning: auxiliaries as lemmas, persons left out ("")."""
    return "" if word in _UNSPOKEN else _FORMS.get(word) or " ".join(fold(word)) or word


@lru_cache(maxsize=1 << 16)
def as_spoken(word: str) -> int:
    """The hash of a single word of everyday talk, which means its finding only as it stands, in singular or plural."""
    spelled = american(word)
    return digest("! " + (spelled[:-1] if spelled.endswith("s") and not spelled.endswith("ss") else spelled))


@lru_cache(maxsize=1 << 16)
def weight_alone(word: str) -> int:
    """The hash of `word` as a name of its own. Alone it must be itself: "sore" is not yet the finding "pain"."""
    parts = fold(word)
    return weight(word) if len(parts) != 1 else digest("1 " + _stem(word))


def digest(text: str) -> int:
    """A 64-bit hash of `text` that is the same on every machine and in every release."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=1 << 16)
def weight(word: str) -> int:
    """The word's share of the hash of a name, 64 bits; 0 for function words."""
    return sum(digest(part) for part in fold(word)) & MASK
