"""Where the subject of a fragment ends and its predicate begins, if it has one.

"head is pounding", "eyes leaking", "calcium too high", "hands shake" are clauses; "pounding head" is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from rarescale.simulation.wording.parsed import Shape
from rarescale.simulation.wording.vocabulary import Vocabulary


class SubjectReader:
    """Reads lower-case tokens that begin with a noun phrase."""

    def __init__(self, low: Sequence[str], words: Vocabulary) -> None:
        """Keep both."""
        self.low, self.words = low, words

    def _next(self, k: int) -> str:
        return self.low[k] if k < len(self.low) else ""

    def read(self) -> tuple[Shape, int, bool]:
        """A noun phrase, and the predicate behind it, if there is one."""
        words, plural, noun, depth, compound = self.words, False, self.low[0] in self.words.closed["anybody"], 0, False
        for k, word in enumerate(self.low):
            aux = word in words.closed["auxiliary"]
            if k and aux and (noun or k == 1):
                return "clause", k, plural or compound
            if word in words.closed["subordinator"] and k and word not in ("so", "than"):
                break
            if word in (",", "-", ";", ":", "(") or word == "but":
                break
            if word == "and" and noun and not depth:
                compound = True
                continue
            if word in words.closed["preposition"] and noun and k:
                if self._small(k, word):
                    return "clause", -2 - k, plural or compound
                depth += 1
                continue
            main, kinds = words.main(word), words.classes(word)
            if noun and k and self._predicate(k, word, main, kinds, plural or compound, depth):
                return (
                    "clause",
                    k if self._finite(word, main, kinds, plural or compound) else -2 - k,
                    plural or compound,
                )
            nominal = main in ("n", "p") or (main in ("z", "v", "g") and not noun) or word in words.closed["body"]
            if nominal and not depth:
                noun, plural = True, main == "p" or (word.endswith("s") and main == "z")
        if 1 < len(self.low) <= 3 and words.main(self.low[-1]) == "a" and words.main(self.low[-2]) == "n":
            return "be", -1, False
        return "np", -1, plural or compound

    def _small(self, k: int, word: str) -> bool:
        """A particle as predicate: "calcium up"."""
        before = self.low[k - 1]
        if k > 1 and self.words.base(before):
            return False
        return word in ("up", "down", "out") and k + 1 == len(self.low) and self.words.main(before) in ("n", "p")

    def _finite(self, word: str, main: str, kinds: str, plural: bool) -> bool:
        if word in ("never", "hardly", "barely", "still", "always"):
            return True
        if main == "d":
            return "e" not in kinds or word in self.words.closed["simple_past"]
        if main in ("p", "n") and not plural:
            return True
        plain = word in self.words.closed["plain_verbs"]
        return main == "z" or (plural and (plain or ("v" in kinds and main not in ("g", "e", "a"))))

    def _predicate(self, k: int, word: str, main: str, kinds: str, plural: bool, depth: int) -> bool:
        after, closed = self._next(k + 1), self.words.closed
        ends = (
            after == ""
            or after in closed["preposition"]
            or after in closed["particle"]
            or after in (",", "and", "but")
            or after in closed["adverb"]
            or after in closed["subordinator"]
            or after in closed["determiner"]
            or after in ("right", "straight", "wide", "tight", "shut", "open", "or", "instead", "enough")
        )
        before = self.words.main(self.low[k - 1])
        if (
            self.low[k - 1] in closed["pronoun"]
            or self.low[k - 1] in closed["determiner"]
            or self.low[k - 1] in closed["preposition"]
            or self.low[k - 1] in ("nor", "or", "more", "less", "very", "too")
        ):
            return False
        if word in closed["adverb"]:
            return (
                word
                in (
                    *closed["degree"],
                    "never",
                    "not",
                    "hardly",
                    "barely",
                    "still",
                    "both",
                    "partly",
                    "almost",
                    "nearly",
                    "mostly",
                    "slightly",
                    "completely",
                    "totally",
                    "badly",
                    "permanently",
                )
                and not depth
                and self.words.main(after) in ("a", "e", "g", "z", "v", "d")
                and (word not in ("all", "both") or self.words.main(after) in ("a", "e", "g"))
            )
        if main == "z":
            return "p" not in kinds or (not plural and ends)
        if main in ("p", "n") and not plural and before == "n" and (base := self.words.base(word)):
            told = after in closed["determiner"] or after in closed["particle"] or after in closed["adverb"]
            if (ends and self.low[k - 1] in self.words.closed["body"]) or (told and self.words.main(base) == "v"):
                return True
        if main == "v":
            return plural and not depth
        if main == "d":
            return True
        if depth:
            return False
        if (
            main == "n"
            and plural
            and ends
            and (("v" in kinds and before == "p" and after) or word in self.words.closed["plain_verbs"])
        ):
            return True
        if main == "e":
            return ends or (
                self.low[k - 1] == self.low[0] in self.words.closed["body"] and self.words.main(after) == "a"
            )
        body = self.low[k - 1] in self.words.closed["body"] and self.low[k - 1] == self.low[0]
        if main == "g":
            return before in ("n", "p") and ends and ("n" not in kinds or (body and plural))
        return (
            main == "a"
            and before in ("n", "p")
            and ((ends and "n" not in kinds) or (body and (ends or self.words.main(after) in ("a", "e", "r"))))
        )
