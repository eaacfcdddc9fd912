"""Of which shape a lay expression is.

An expression of the lexicon is a fragment: a noun phrase ("lump in the groin"), a verb phrase ("goes stiff"), a clause
("head is pounding") or a complement of "to be" ("floppy"). The shape is found from closed word lists and from the
word classes of `data/words.tsv` (n noun, p plural, a adjective; verbs: v base, z -s, d past, e participle, g -ing).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rarescale.simulation.wording.parsed import Parsed, Shape, tokens_of
from rarescale.simulation.wording.predicates import SubjectReader
from rarescale.simulation.wording.vocabulary import Vocabulary, vocabulary

_NEGATION = re.compile(
    r"\b(no|not|never|without|hardly|barely|nothing|nobody|none|unable|neither|nor|stopped|lost|cannot|won't|\w+n't)\b",
    re.I,
)


def parse(text: str) -> Parsed:
    """The shape of an expression."""
    words = tuple(tokens_of(text))
    low = [w.lower() for w in words]
    negative = bool(_NEGATION.search(text))
    if not low:
        return Parsed(text, "unclear", words, negative=negative)
    shape, verb, plural = _Parser(low, vocabulary()).parse()
    return Parsed(text, shape, words, verb, plural, negative)


class _Parser:
    """Reads the lower-case tokens from the left."""

    def __init__(self, low: Sequence[str], words: Vocabulary) -> None:
        self.low, self.words = low, words

    def parse(self) -> tuple[Shape, int, bool]:
        first = self.low[0]
        if first in self.words.closed["pronoun"]:
            return self._full()
        if first in self.words.closed["auxiliary"]:
            return self._auxiliary(first)
        if first in (
            "never",
            "always",
            "hardly",
            "barely",
            "still",
            "just",
            "only",
            "constantly",
            "often",
            "sometimes",
        ):
            return self._adverb()
        if first == "not":
            return (
                ("unclear" if self._next() in ("a", "an", "many", "much", "enough", "one", "any") else "be"),
                -1,
                False,
            )
        if first in ("neither", "either", "held", "above", "below", "first", "then"):
            return "unclear", -1, False
        if first == "born":
            return "born", -1, False
        if first == "like":
            return "like", -1, False
        if first in ("told", "sent", "diagnosed", "referred", "rushed", "admitted", "put", "given", "taken"):
            return (
                ("born", -1, False)
                if self._next() in ("to", "with", "on", "into", "in", "off", "i", "that")
                else ("unclear", -1, False)
            )
        if first in self.words.closed["preposition"]:
            return ("be" if first in ("on", "under", "in", "out", "off", "over") else "unclear"), -1, False
        if (found := self._verb_first(first)) is not None:
            return found, -1, False
        if self._adjectival():
            return "be", -1, False
        return SubjectReader(self.low, self.words).read()

    def _next(self, k: int = 1) -> str:
        return self.low[k] if k < len(self.low) else ""

    def _full(self) -> tuple[Shape, int, bool]:
        first = self.low[0]
        if first in ("something", "nothing", "everything", "anything", "this", "that", "people", "someone"):
            return SubjectReader(self.low, self.words).read()
        if "'" in first or first == "i" or first in ("he", "she", "it", "they", "we", "you", "there"):
            return "clause", 0 if "'" in first else 1, False
        return SubjectReader(self.low, self.words).read()

    def _auxiliary(self, first: str) -> tuple[Shape, int, bool]:
        if first in (
            "can't",
            "cannot",
            "can",
            "couldn't",
            "could",
            "won't",
            "wouldn't",
            "had",
            "didn't",
            "hadn't",
            "did",
            "might",
            "must",
        ):
            return ("past" if first in ("had", "didn't", "did", "hadn't") else "modal"), 0, False
        if first in ("is", "are", "isn't", "aren't"):
            return "unclear", 0, False
        if first in ("was", "wasn't"):
            return "past", 0, False
        return "vp", 0, False

    def _adverb(self) -> tuple[Shape, int, bool]:
        word = self._next()
        if word in ("any", "a", "an", "one", "no"):
            return SubjectReader(self.low, self.words).read()
        if word in self.words.closed["auxiliary"]:
            return ("unclear" if word in self.words.closed["be"] else "vp"), 1, False
        main = self.words.main(word)
        doubtful = (
            main in ("p", "n") and word.endswith("s") and self.words.base(word) is not None and self.low[0] == "never"
        )
        if main == "z" or doubtful or (main == "v" and self.low[0] in ("never", "always", "hardly", "barely", "still")):
            return "vp", 1, False
        if main == "d":
            return "past", 1, False
        if main in ("a", "g", "r"):
            return "be", -1, False
        if self.low[0] == "never" and main == "e":
            return "past", 1, False
        if main in ("n", "p") or word in ("any", "one", "a"):
            return SubjectReader(self.low, self.words).read()
        return "unclear", -1, False

    def _verb_first(self, first: str) -> Shape | None:
        kind, after = self.words.first(first), self._next()
        heavy = (
            after in self.words.closed["determiner"]
            or after in self.words.closed["preposition"]
            or after in self.words.closed["pronoun"]
            or after in self.words.closed["adverb"]
            or after in self.words.closed["subordinator"]
            or after == ""
            or after == "and"
            or after == "himself"
        )
        if first in self.words.closed["nouny"] or after == "of":
            return None
        if after in ("myself", "himself", "herself", "themselves") and kind != "z":
            return "past" if kind in ("d", "e", "") else "vp"
        if kind == "z" and (heavy or self.words.main(first) == "z"):
            return "vp"
        if (
            kind == "v"
            and (heavy or first in self.words.closed["common_verbs"])
            and self.words.main(first) in ("v", "n")
            and (self.words.is_verb(first))
        ):
            return "vp" if self.words.main(first) == "v" or after in self.words.closed["determiner"] else None
        if first.endswith("ing") and len(first) > 5 and after in self.words.closed["determiner"]:
            return "ing"
        if kind == "g" and heavy and after not in ("", "and", "is", "in", "of", "at", "when", "like", "on"):
            return "ing"
        if (
            kind == "g"
            and first in self.words.closed["transitive"]
            and self.words.closed["auxiliary"].isdisjoint(self.low[1:3])
        ):
            return "ing"
        if kind in ("d", "e") and self.words.main(first) == "e" and self.words.main(after) == "g":
            return "be"
        if kind not in ("n", "a", "g", "d", "e") and first.endswith("s") and (base := self.words.base(first)):
            return "vp" if self.words.main(base) == "v" and heavy else None
        if kind in ("d", "e"):
            if first in self.words.closed["simple_past"] or (
                self.words.main(first) == "d" and heavy and first != "raised"
            ):
                return "past"
            if heavy and after not in ("", "and") and first in self.words.closed["participles"]:
                return "be"
        return None

    def _adjectival(self) -> bool:
        """(adverb)* adjective, then something that is no noun."""
        k = 0
        if self.low[:2] in (["a", "bit"], ["a", "little"]):
            k = 2
            if self.words.main(self._next(2)) not in ("a", "e"):
                return False
        while self._next(k) in self.words.closed["degree"] or (
            self._next(k).endswith("ly") and self.words.main(self._next(k)) == "r"
        ):
            k += 1
        seen = False
        while k < len(self.low):
            word, main = self.low[k], self.words.main(self.low[k])
            if word in ("and", ",", "or", "&") and seen:
                k += 1
                continue
            if main == "a" or (main == "e" and "n" not in self.words.classes(word)):
                seen, k = True, k + 1
                continue
            break
        if not seen:
            return False
        if k == len(self.low):
            return True
        word = self.low[k]
        if word == "of" or (word == "round" and self.words.main(self._next(k + 1)) in ("n", "p")):
            return self.low[k - 1] in ("full", "short", "fond", "scared", "afraid", "sick", "tired", "out")
        if self.low[0] == "so" and (word in self.words.closed["determiner"] or word in self.words.closed["pronoun"]):
            return True
        return (
            word in self.words.closed["preposition"]
            or word in self.words.closed["subordinator"]
            or word
            in ("all", "every", "the", "then", "again", "and", ",", "but", "most", "now", "today", "always", "not")
            or (seen and word in self.words.closed["auxiliary"] and self.low[k - 1] == "and")
        )
