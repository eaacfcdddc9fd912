"""Word classes and closed word lists of the grammar."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

_OVERRIDES = {
    "top": "n",
    "front": "n",
    "bottom": "n",
    "middle": "n",
    "tip": "n",
    "side": "n",
    "pointed": "ae",
    "shrunk": "e",
    "shrunken": "a",
    "swollen": "ae",
    "deformed": "ae",
    "misshapen": "a",
    "missing": "ag",
    "bent": "ae",
    "wee": "n",
    "lower": "a",
    "upper": "a",
    "inner": "a",
    "outer": "a",
    "split": "ne",
    "worn": "ea",
    "numb": "a",
    "faint": "av",
    "right": "a",
    "left": "a",
    "epidural": "n",
    "ache": "nv",
    "aches": "zp",
    "hurt": "vd",
    "pinprick": "n",
    "late": "a",
    "bendy": "a",
    "shivery": "a",
    "perimenopausal": "a",
    "post-menopausal": "a",
    "postpartum": "a",
    "off": "r",
    "up": "r",
    "down": "r",
    "out": "r",
    "back": "n",
    "round": "a",
    "over": "r",
    "less": "a",
    "most": "r",
    "loss": "n",
    "gone": "e",
    "half": "n",
    "inside": "n",
    "outside": "n",
    "poos": "z",
}


class Vocabulary:
    """What the grammar knows of single words."""

    def __init__(self) -> None:
        """Read the tables of the package."""
        self._classes: dict[str, str] = {}
        self._first: dict[str, str] = {}
        for row in _table("words.tsv"):
            self._classes[row["word"]] = row["classes"]
            if row["first"]:
                self._first[row["word"]] = row["first"]
        self.closed = {row["kind"]: frozenset(row["words"].split()) for row in _table("closed.tsv")}
        self._classes.update(_OVERRIDES)
        closed = self.closed
        self._function = (
            frozenset(["and", "or", "but", "nor", ",", "-", ";", ":", "("])
            | (closed["determiner"] | closed["preposition"] | closed["pronoun"] | closed["subordinator"])
            - _OVERRIDES.keys()
        )

    def classes(self, word: str) -> str:
        """The classes of a lower-case word, the commonest first; guessed from its end where it is unknown."""
        if word in self._function:
            return "x"
        return self._classes.get(word) or _guess(word)

    def main(self, word: str) -> str:
        """The commonest class."""
        return self.classes(word)[:1]

    def first(self, word: str) -> str:
        """The commonest class at the start of an expression, empty where it never stood there."""
        return self._first.get(word, "")[:1]

    def is_verb(self, word: str) -> bool:
        """Whether the word is a verb in other forms as well."""
        third = self.third(word)
        return third is not None and (
            "z" in self._classes.get(third, "") or (word.rstrip("e") + "ing") in self._classes
        )

    def third(self, verb: str) -> str | None:
        """`goes` for `go`; None for a word that is no verb."""
        fixed = {"have": "has", "do": "does", "am": "is", "don't": "doesn't", "haven't": "hasn't", "are": "is"}
        if verb in fixed:
            return fixed[verb]
        if "v" not in self.classes(verb):
            return None
        if verb.endswith(("s", "x", "ch", "sh", "z")) or verb in ("go", "do", "undergo"):
            return verb + "es"
        return verb[:-1] + "ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else verb + "s"

    def base(self, verb: str) -> str | None:
        """`go` for `goes`; None for a word that is no verb."""
        fixed = {"has": "have", "does": "do", "is": "am", "doesn't": "don't", "hasn't": "haven't", "isn't": "am not"}
        if verb in fixed:
            return fixed[verb]
        if not verb.endswith("s") or verb.endswith("ss"):
            return None
        tries = [verb[:-3] + "y"] if verb.endswith("ies") else []
        tries += [verb[:-2]] if verb.endswith(("ses", "xes", "ches", "shes", "zes", "oes")) else []
        tries.append(verb[:-1])
        known = [t for t in tries if "v" in self._classes.get(t, "")]
        if not known and "z" not in self.classes(verb):
            return None
        return (known or tries)[0]


def _guess(word: str) -> str:
    if word.endswith("ing"):
        return "g"
    if word.endswith("ed"):
        return "e"
    if word.endswith("ly"):
        return "r"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return "p"
    return "n"


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The words, read once."""
    return Vocabulary()


def _table(name: str) -> list[dict[str, str]]:
    text = (files("rarescale.simulation") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
