"""The grammar of lay expressions: of which shape they are, and how they change with the person who is spoken of.

An expression of the lexicon is a fragment: a noun phrase ("lump in the groin"), a verb phrase ("goes stiff"), a clause
("head is pounding") or a complement of "to be" ("floppy"). The shape is found from closed word lists and from the
word classes of `data/words.tsv` (n noun, p plural, v z d e g verb forms: base, -s, past, participle, -ing; a adjective).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rarescale.simulation.vocabulary import Vocabulary, vocabulary

Shape = Literal["np", "clause", "vp", "past", "modal", "be", "born", "ing", "like", "unclear"]
"""np: what somebody has; vp: present tense; past, modal: the same for all persons; be, born, ing: after "to be"."""

Person = Literal["i", "he", "she"]

_TOKEN = re.compile(r"[A-Za-z0-9'/\-]+|[^\sA-Za-z0-9]")
_NEGATION = re.compile(
    r"\b(no|not|never|without|hardly|barely|nothing|nobody|none|unable|neither|nor|stopped|lost|cannot|won't|\w+n't)\b",
    re.I,
)


_ANYBODY = ("everything", "something", "nothing", "anything", "someone", "somebody", "nobody", "everyone", "this", "that")
_DEGREE = ("very", "really", "quite", "so", "too", "always", "all", "rather", "pretty", "badly")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression with its shape. `verb` is the token index of the finite verb of a clause, -1 = to be inserted."""

    text: str
    shape: Shape
    tokens: tuple[str, ...]
    verb: int = -1
    plural: bool = False
    negative: bool = False


def tokens_of(text: str) -> list[str]:
    """Words and punctuation marks."""
    return _TOKEN.findall(text)


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
        if first in ("never", "always", "hardly", "barely", "still", "just", "only", "constantly", "often", "sometimes"):
            return self._adverb()
        if first == "not":
            return ("unclear" if self._next() in ("a", "an", "many", "much", "enough", "one", "any") else "be"), -1, False
        if first in ("neither", "either", "held", "above", "below", "first", "then"):
            return "unclear", -1, False
        if first == "born":
            return "born", -1, False
        if first == "like":
            return "like", -1, False
        if first in ("told", "sent", "diagnosed", "referred", "rushed", "admitted", "put", "given", "taken"):
            return ("born", -1, False) if self._next() in ("to", "with", "on", "into", "in", "off", "i", "that") else (
                "unclear", -1, False)
        if first in self.words.closed["preposition"]:
            return ("be" if first in ("on", "under", "in", "out", "off", "over") else "unclear"), -1, False
        if (found := self._verb_first(first)) is not None:
            return found, -1, False
        if self._adjectival():
            return "be", -1, False
        return self._subject()

    def _next(self, k: int = 1) -> str:
        return self.low[k] if k < len(self.low) else ""

    def _full(self) -> tuple[Shape, int, bool]:
        first = self.low[0]
        if first in ("something", "nothing", "everything", "anything", "this", "that", "people", "someone"):
            return self._subject()
        if "'" in first or first == "i" or first in ("he", "she", "it", "they", "we", "you", "there"):
            return "clause", 0 if "'" in first else 1, False
        return self._subject()

    def _auxiliary(self, first: str) -> tuple[Shape, int, bool]:
        if first in ("can't", "cannot", "can", "couldn't", "could", "won't", "wouldn't", "had", "didn't",
                     "hadn't", "did", "might", "must"):
            return ("past" if first in ("had", "didn't", "did", "hadn't") else "modal"), 0, False
        if first in ("is", "are", "isn't", "aren't"):
            return "unclear", 0, False
        if first in ("was", "wasn't"):
            return "past", 0, False
        return "vp", 0, False

    def _adverb(self) -> tuple[Shape, int, bool]:
        word = self._next()
        if word in ("any", "a", "an", "one", "no"):
            return self._subject()
        if word in self.words.closed["auxiliary"]:
            return ("unclear" if word in self.words.closed["be"] else "vp"), 1, False
        main = self.words.main(word)
        if main == "z" or (main == "v" and self.low[0] in ("never", "always", "hardly", "barely", "still")):
            return "vp", 1, False
        if main == "d":
            return "past", 1, False
        if main in ("a", "g", "r"):
            return "be", -1, False
        if self.low[0] == "never" and main == "e":
            return "past", 1, False
        if main in ("n", "p") or word in ("any", "one", "a"):
            return self._subject()
        return "unclear", -1, False

    def _verb_first(self, first: str) -> Shape | None:
        kind, after = self.words.first(first), self._next()
        heavy = (
            after in self.words.closed["determiner"] or after in self.words.closed["preposition"]
            or after in self.words.closed["pronoun"] or after in self.words.closed["adverb"]
            or after in self.words.closed["subordinator"] or after == "" or after == "and" or after == "himself"
        )
        if first in self.words.nouny or after == "of":
            return None
        if after in ("myself", "himself", "herself", "themselves") and kind != "z":
            return "past" if kind in ("d", "e", "") else "vp"
        if kind == "z" and (heavy or self.words.main(first) == "z"):
            return "vp"
        if kind == "v" and (heavy or first in self.words.common_verbs) and self.words.main(first) in ("v", "n") and (
                self.words.is_verb(first)):
            return "vp" if self.words.main(first) == "v" or after in self.words.closed["determiner"] else None
        if kind == "g" and heavy and after not in ("", "and", "is", "in", "of", "at", "when", "like", "on"):
            return "ing"
        if kind == "g" and first in self.words.transitive and self.words.closed["auxiliary"].isdisjoint(self.low[1:3]):
            return "ing"
        if kind in ("d", "e") and self.words.main(first) == "e" and self.words.main(after) == "g":
            return "be"
        if kind not in ("n", "a", "g", "d", "e") and first.endswith("s") and (base := self.words.base(first)):
            return "vp" if self.words.main(base) == "v" and heavy else None
        if kind in ("d", "e"):
            if first in self.words.simple_past or (self.words.main(first) == "d" and heavy and first != "raised"):
                return "past"
            if heavy and after not in ("", "and") and first in self.words.participles:
                return "be"
        return None

    def _adjectival(self) -> bool:
        """(adverb)* adjective, then something that is no noun."""
        k = 0
        if self.low[:2] in (["a", "bit"], ["a", "little"]):
            k = 2
            if self.words.main(self._next(2)) not in ("a", "e"):
                return False
        while self._next(k) in _DEGREE or (self._next(k).endswith("ly") and self.words.main(self._next(k)) == "r"):
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
        return word in self.words.closed["preposition"] or word in self.words.closed["subordinator"] or word in (
            "all", "every", "the", "then", "again", "and", ",", "but", "most", "now", "today", "always", "not") or (
            seen and word in self.words.closed["auxiliary"] and self.low[k - 1] == "and")

    def _subject(self) -> tuple[Shape, int, bool]:
        """A noun phrase, and the predicate behind it, if there is one."""
        words, plural, noun, depth, compound = self.words, False, self.low[0] in _ANYBODY, 0, False
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
                return "clause", k if self._finite(word, main, kinds, plural or compound) else -2 - k, plural or compound
            if main in ("n", "p") or (main in ("z", "v", "g") and not noun) or word in words.body:
                if not depth:
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
            return "e" not in kinds or word in self.words.simple_past
        if main in ("p", "n") and not plural:
            return True
        plain = word in self.words.plain_verbs
        return main == "z" or (plural and (plain or ("v" in kinds and main not in ("g", "e", "a"))))

    def _predicate(self, k: int, word: str, main: str, kinds: str, plural: bool, depth: int) -> bool:
        after, closed = self._next(k + 1), self.words.closed
        ends = (
            after == "" or after in closed["preposition"] or after in closed["particle"] or after in (",", "and", "but")
            or after in closed["adverb"] or after in closed["subordinator"] or after in closed["determiner"]
            or after in ("right", "straight", "wide", "tight", "shut", "open", "or", "instead", "enough")
        )
        before = self.words.main(self.low[k - 1])
        if self.low[k - 1] in closed["determiner"] or self.low[k - 1] in closed["preposition"] or self.low[k - 1] in ("nor", "or", "more", "less", "very", "too"):
            return False
        if word in closed["adverb"]:
            return word in (*_DEGREE, "never", "not", "hardly", "barely", "still", "both", "partly", "almost", "nearly",
                            "mostly", "slightly", "completely", "totally", "badly", "permanently") and not depth and self.words.main(after) in ("a", "e", "g", "z", "v", "d") \
                and (word not in ("all", "both") or self.words.main(after) in ("a", "e", "g"))
        if main == "z":
            return "p" not in kinds or (not plural and ends)
        if main in ("p", "n") and not plural and before == "n" and (base := self.words.base(word)):
            told = after in closed["determiner"] or after in closed["particle"] or after in closed["adverb"]
            if (ends and self.low[k - 1] in self.words.body) or (told and self.words.main(base) == "v"):
                return True
        if main == "v":
            return plural and not depth
        if main == "d":
            return True
        if depth:
            return False
        if main == "n" and plural and ends and (("v" in kinds and before == "p" and after) or word in self.words.plain_verbs):
            return True
        if main == "e":
            return ends or (self.low[k - 1] == self.low[0] in self.words.body and self.words.main(after) == "a")
        body = self.low[k - 1] in self.words.body and self.low[k - 1] == self.low[0]
        if main == "g":
            return before in ("n", "p") and ends and ("n" not in kinds or (body and plural))
        return main == "a" and before in ("n", "p") and (
            (ends and "n" not in kinds) or (body and (ends or self.words.main(after) in ("a", "e", "r"))))
