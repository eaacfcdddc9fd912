"""Whether a finding that a sentence names is present, absent or not stated, from the words around it.

Cues are words (`cues.tsv`), never prefixes, and a cue inside the name itself ("absent nails") is none. A cue that
reaches forward ends at a stop word and where a new clause starts; "no fever, chills or rash" is one reach.

Two choices: what the patient had in the past counts as present, because the history belongs to the picture; what is
said to be over ("went away", "no longer") is left out, because neither state would be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import cache
from importlib import resources
from typing import NamedTuple

from rarescale.reading.match import Match
from rarescale.reading.tokens import Token
from rarescale.reading.wordlists import word_set

_PRONOUNS = word_set("i he she it we they you there this that")
_DETERMINERS = word_set("his her my our their your its the a an these those")
_VERBS = word_set(
    "is are was were am has have had does do did gets got looks feels seems became can can't will 's 're 've 'm"
)
_ACTS = word_set(
    """
    went goes go came come comes started starts start began begins spread spreads stayed stays returned returns
    hurts hurt ache aches bleed bleeds itch itches burn burns look looked feel felt seem gets get keep keeps kept turned
    turns swell swells swelled shake shakes drop drops dropped droops fell falls fall grew grows grow showed shows show
    stopped stops became become stings throbs twitch twitches tingle tingles rang rings ring lasted lasts wakes woke
    kicked flared appeared appears lost smell smells stiffens locks locked gave give gives got
    """
)
"""Verbs that tell of something happening to a part of the body or to the patient; with a noun before them a clause."""
_BEGUN = word_set("came started began went spread stayed returned appeared followed remained persisted")
_SEPARATORS = word_set(", and or so - \u2013 \u2014")
_DEGREES = word_set("occasional mild severe")
_FRESH = _DEGREES | word_set("yes yeah some still also sometimes occasionally lots now though")
_LOOKAHEAD = 5
_WIDEST_NOT = 8
"""A "not" of a verb reaches this many words; "no", "denies" and "without" reach to the end of their clause."""
_OPEN = word_set("any no")
_KNOWN_ONES = (_DETERMINERS | {"this", "that"}) - {"a", "an"}
_NO_LONGER = word_set("more anymore longer")
_INABILITY = word_set("can't not n't never no unable struggle struggles trouble longer difficulty")
_TOWARDS = frozenset(("for", "about", "with"))
_TROUBLES = word_set(
    """
    problem problems trouble troubles suffer suffers suffered suffering diagnosed born test tested present presented
    issue issues bother bothered complain complaining complained dealing struggle struggling sign signs evidence
    """
)
_VERB_NEGATIONS = frozenset(("not", "n't", "never"))


class Standing(Enum):
    """What a sentence says of a finding it names."""

    PRESENT = "present"
    ABSENT = "absent"
    UNSTATED = "unstated"
    OTHER_PERSON = "other"
    OVER = "over"


class Verdict(NamedTuple):
    """A finding's standing, whether it is in doubt, and the places of its words with those of the deciding cue."""

    standing: Standing
    unsure: bool
    first: int
    last: int


class _Cue(NamedTuple):
    kind: str
    first: int
    last: int


class Scopes:
    """The cues of one sentence, ready to judge the findings named in it."""

    def __init__(self, sentence: Sequence[Token], edges: Sequence[int], other: Sequence[bool]) -> None:
        """Finds the cues of `sentence`; `edges` are its `clause_edges`, `other` says where it is about another."""
        self._words = [token.word for token in sentence]
        self._edges, self._others = edges, other
        self._cues = [cue for cue in _find_cues(self._words) if not self._interjection(cue)]
        self._stops = sorted({c.first for c in self._cues if c.kind == "stop"} | set(self._edges))

    @property
    def negated(self) -> bool:
        """Whether the sentence denies anything."""
        return any(cue.kind.startswith("negate") for cue in self._cues)

    def judge(self, match: Match) -> Verdict:
        """What the sentence says of the finding named at `match`."""
        acting = [cue for cue in self._cues if self._reaches(cue, match)]
        kinds = {cue.kind.partition("-")[0]: cue for cue in acting}
        unsure = "unsure" in kinds
        first, last = match.first, match.last
        if self._others[match.first] or "family" in kinds:
            return Verdict(Standing.OTHER_PERSON, unsure, first, last)
        # A result given afterwards answers the supposition: "tested for asthma, he doesn't have it".
        later = next((c for c in acting if c.kind in ("negate-after", "negate-back")), None)
        if later is None and "suppose" in kinds:
            return Verdict(Standing.UNSTATED, unsure, first, last)
        if "gone" in kinds:
            return Verdict(Standing.OVER, unsure, first, last)
        cue = later or kinds.get("negate")
        if cue is None:
            return Verdict(Standing.PRESENT, unsure, first, last)
        return Verdict(Standing.ABSENT, unsure, min(first, cue.first), max(last, cue.last))

    def _interjection(self, cue: _Cue) -> bool:
        """The "no" that answers a question and denies nothing in its own sentence ("No, his feet are fine")."""
        if self._words[cue.first : cue.last + 1] != ["no"]:
            return False
        following = cue.last + 1
        if following >= len(self._words) or not self._words[following][0].isalnum():
            return True
        if self._words[following] in _DEGREES:
            return False
        return _starts_clause(self._words, following) or self._words[following] in ("nothing", "not", "never", "no")

    def _reaches(self, cue: _Cue, match: Match) -> bool:
        if any(cue.first <= place <= cue.last for place in match.places):
            return False
        if cue.kind == "negate-back":
            return cue.first > match.last
        if cue.kind == "gone-after" and self._no_longer_able(cue, match):
            return False
        if cue.kind.endswith("-after"):
            return cue.first > match.last and not any(match.last < e <= cue.first for e in self._edges_before(cue))
        if cue.kind in ("stop", "neutral") or cue.last >= match.last:
            return False
        if cue.last > match.first and cue.kind == "negate":
            # The cue stands inside a name in free order: "fever he has not", "his liver is not enlarged".
            return True
        if cue.kind == "negate" and self._words[cue.last] in _VERB_NEGATIONS and match.first - cue.last > _WIDEST_NOT:
            return False
        if cue.kind == "negate" and (self._turned(cue, match) or self._answers_itself(match)):
            return False
        stops = (s for s in self._stops if not (cue.kind == "family" and self._words[s] == ":"))
        return not any(cue.last < stop <= match.first for stop in stops)

    def _no_longer_able(self, cue: _Cue, match: Match) -> bool:
        """Whether "any more" belongs to an inability: "can't climb stairs any more" is not over."""
        unable = any(self._words[place] in _INABILITY for place in match.places)
        return unable and self._words[cue.last] in _NO_LONGER

    def _turned(self, cue: _Cue, match: Match) -> bool:
        """Whether the denied verb is about something else than having it ("don't take anything for my migraine")."""
        for place in range(cue.last + 2, match.first):
            if self._words[place] in _TOWARDS and self._words[place + 1] in _KNOWN_ONES:
                return _TROUBLES.isdisjoint(self._words[cue.last : place])
        return False

    def _answers_itself(self, match: Match) -> bool:
        """Whether a denial of its own follows the name: "rash but no chills" in a list has the rash."""
        following = self._words[match.last + 1 : match.last + 3]
        before = self._words[match.first - 1] if match.first else ""
        return before == "," and following[:1] == ["but"] and following[-1] in ("no", "not", "without")

    def _edges_before(self, cue: _Cue) -> list[int]:
        contrasts = [c.first for c in self._cues if c.kind == "stop" and self._words[c.first] in ("but", "however")]
        return [edge for edge in (*self._edges, *contrasts) if edge <= cue.first]


def clause_edges(sentence: Sequence[Token]) -> list[int]:
    """Places where a new clause starts inside the sentence: a separator followed by a subject with its verb."""
    words = [token.word for token in sentence]
    edges = []
    for place in range(1, len(words)):
        if words[place - 1] in _SEPARATORS and _starts_clause(words, place):
            edges.append(place)
    return edges


def _starts_clause(words: Sequence[str], place: int) -> bool:
    word = words[place]
    if word in _SEPARATORS:
        return False
    if word in _PRONOUNS or word in _VERBS or word in _FRESH:
        return True
    if word not in _DETERMINERS:
        return words[place + 1 : place + 2] != [] and words[place + 1] in _BEGUN
    for following in words[place + 1 : place + 1 + _LOOKAHEAD]:
        if following in _VERBS or following in _ACTS:
            return True
        if (not following[0].isalnum() and following[0] != "'") or following in ("and", "or"):
            return False
    return False


@cache
def _table() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """First word of a cue -> its words and kind, longest first."""
    text = resources.files("rarescale.reading").joinpath("cues.tsv").read_text(encoding="utf-8")
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in text.splitlines()[1:]:
        if line and not line.startswith("#") and line != "kind\tcue":
            kind, cue = line.split("\t")
            words = tuple(cue.split())
            table.setdefault(words[0], []).append((words, kind))
    for cues in table.values():
        cues.sort(key=lambda cue: (-len(cue[0]), cue[1] != "neutral"))
    return table


def _find_cues(words: Sequence[str]) -> list[_Cue]:
    """Cues from left to right; the longest wins, and one expression may be a cue in both directions."""
    found: list[_Cue] = []
    table, stop = _table(), 0
    for place, word in enumerate(words):
        if place < stop or word not in table:
            continue
        here = [(cue, kind) for cue, kind in table[word] if _stands(cue, kind, words, place)]
        if not here:
            continue
        longest = len(here[0][0])
        last = place + longest - 1
        found.extend(_Cue(kind, place, last) for cue, kind in here if len(cue) == longest)
        stop = last + 1
    return found


def _stands(cue: tuple[str, ...], kind: str, words: Sequence[str], place: int) -> bool:
    """Whether `cue` stands at `place`.

    One led by a sign is a whole entry: "fever: no", not "exam: no fever". One that looks back and ends in "any" or
    "no" ends its clause: "fits? I don't have any", not "I don't have any fits".
    """
    stop = place + len(cue)
    if tuple(words[place:stop]) != cue:
        return False
    whole = (len(cue) > 1 and len(cue[0]) == 1 and not cue[0].isalnum()) or (kind == "negate-back" and cue[-1] in _OPEN)
    return not whole or stop >= len(words) or not words[stop][0].isalnum()
