"""What the clinician may not do: suggest the answer, confirm or advise, ask for three things at once.

The patterns see what shows in the words; a model's verdict sees the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rarescale.simulation.checking.naming import folded, says
from rarescale.simulation.checking.words import words

MOST_ASKED = 2
"""Findings asked for in one message (the paper's first and second prompt)."""

_AUX = r"(?:do|does|did|is|are|was|were|have|has|had|can|could|will|would|should|must)"
_NOT = r"(?:(?:do|does|did|is|are|was|were|have|has|had|ca|could|wo|would|should)n't)"
_WHO = r"(?:you|it|he|she|they|there|that|this|we)"
_START = r"^(?:(?:so|and|but|then|okay|ok|well|right|alright|i see|now)\b[,.]?\s+)*"

_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_WH = re.compile(r"\b(?:what|when|where|which|who|why|how|whether|tell me|describe)\b", re.I)
_INVERTED = re.compile(rf"\b{_AUX}\s+(?:{_WHO}|your|his|her|their|the|any|anything|anyone)\b", re.I)

_TAG = re.compile(
    rf"[,;–—-]\s*(?:(?:{_NOT}|{_AUX})\s+(?:{_WHO}|i)(?:\s+not)?|right|correct|yes|no|true|am i right|huh|eh)\s*\?", re.I
)
_NEGATIVE = re.compile(rf"{_START}(?:{_NOT}\s+(?:{_WHO}|your|his|her|their|the)|{_AUX}\s+{_WHO}\s+not)\b.*\?", re.I)
_ASSUMED = re.compile(
    r"\b(?:i (?:assume|suppose|presume|take it|bet|gather|guess|imagine (?:you|your|it|he|she|they))|"
    r"i'm (?:guessing|assuming)|fair to say|surely|obviously|presumably|no doubt|"
    r"you must (?:have|be|feel)|you (?:probably|certainly|clearly|definitely|surely)|wouldn't you (?:say|agree)|"
    r"would you agree|isn't it true)\b",
    re.I,
)
_DECLARED = re.compile(rf"{_START}(?:{_WHO}(?:'ve|'re|'s|'d)?|no|never|not)\s+.*\?", re.I)
_TOO = re.compile(rf"{_START}(?!any)\w+ .*\b(?:too|as well|either)\s*\?", re.I)
_TOLD = re.compile(
    rf"{_START}(?:the|your|his|her|their)\s+\w+(?:\s\w+)?\s+"
    r"(?:is|are|was|were|has|have|had|came|comes?|began|begins?|started|starts?|must|can|can't|feels?|felt|gets?|got|"
    r"hurts?|went|goes|isn't|aren't|wasn't|weren't|looks?|looked|seems?)\b.*\?",
    re.I,
)

_CONFIRMING = re.compile(
    r"\b(?:(?:sounds?|looks?|seems?) (?:very |a lot |exactly )?like (?!a lot\b)|consistent with|typical (?:of|for)|"
    r"characteristic of|suggestive of|(?:points?|pointing) to(?:wards?)?\b|a sign of|"
    r"(?:this|that|it|these) (?:clearly |strongly )?(?:suggests?|indicates?|confirms?)|rule out|"
    r"(?:this|that|it) (?:could|may|might|must|is probably|is likely|will) (?:well )?be "
    r"(?:a|an|the|due|caused|related)\b|"
    r"i (?:strongly )?(?:think|suspect|believe|fear|am (?:afraid|sure|certain|confident)) (?:that )?"
    r"(?:you|this|that|it|we|there|he|she)\b|"
    r"you (?:probably|likely|may|might|could|do|clearly) (?:well )?have\b|my (?:diagnosis|assessment|impression)|"
    r"i (?:would |'d )?(?:recommend|advise|prescribe)|you should (?:see|take|go|get|have|try|stop|avoid)|"
    r"(?:let's|we should|we'll|we will|i'll|i will|i'd like to) "
    r"(?:get|do|run|order|schedule|arrange|refer|test|check)\b)",
    re.I,
)
_REQUEST = re.compile(
    r"^(?:(?:so|and|but|then|okay|ok|well|right|alright|now|please|next|first|finally|also|thank you|thanks|i see)\b"
    r"[,;:–—-]?\s*)*"
    r"(?:(?:do |just )?(?:tell|describe|explain|say|go on|go ahead|take your time|walk me|let me know|think back|"
    r"help me)|"
    r"(?:could|can|would|will) you|let's (?:talk|speak|move|turn|go|start|begin|continue|look)|let me ask|"
    r"i(?:'d| would| want|'m going| am going|'ll| will| need|'ve| have| was| am|'m)?(?: also| still| just)?"
    r"(?: like| to| got| wondering| curious| a few| some| one| two)+ "
    r"(?:ask|know|hear|understand|learn|talk|more|question|questions|if|whether|about|further|last|other|go))\b",
    re.I,
)
"""How a statement begins that asks for something."""

_CUT = re.compile(r"\s*[,;/]\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+", re.I)
LONGEST_ITEM = 5
"""Words of one item of an enumeration."""


def sentences(text: str) -> list[str]:
    """The sentences of a message, apostrophes straight."""
    return [s.strip() for s in _SENTENCE.findall(text.replace("’", "'")) if s.strip()]


def leading(text: str) -> str | None:
    """The first sentence that suggests its answer."""
    return next((s for s in sentences(text) if _leads(s)), None)


def _leads(sentence: str) -> bool:
    if _TAG.search(sentence) or _NEGATIVE.search(sentence) or _ASSUMED.search(sentence):
        return True
    declared = _DECLARED.search(sentence) or _TOLD.search(sentence) or _TOO.search(sentence)
    return declared is not None and not _WH.search(sentence) and not _INVERTED.search(sentence)


def confirming(text: str, name: str = "") -> str | None:
    """The first sentence that confirms, assesses, sums up or advises; `name` is the patient's and may be said."""
    known = words("sympathy") | set(folded(name).split())
    return next((s for s in sentences(text) if _CONFIRMING.search(s) or _states(s, known)), None)


def _states(sentence: str, known: frozenset[str]) -> bool:
    """Whether it is a statement that neither asks for something nor keeps to the `known` words of sympathy."""
    if sentence.endswith("?") or _REQUEST.search(sentence):
        return False
    return not set(folded(sentence.replace("'", "")).split()) <= known


def asked_at_once(text: str, names: Iterable[tuple[str, ...]]) -> int:
    """How many things a message asks for, by three counts of which the highest is given.

    Wanted findings that it names (`names`: those of each), closed questions, and items of an enumeration.
    """
    asked = [s for s in sentences(text) if s.endswith("?")]
    named = sum(any(says(s, n) for s in asked for n in group) for group in names)
    closed = sum(not _WH.search(s) for s in asked)
    return max(named, closed, *(_items(s) for s in asked), 0)


def _items(question: str) -> int:
    """Length of the longest enumeration in a question; qualities, times and parts of the body are no items."""
    longest = run = 0
    parts = _CUT.split(question.rstrip("?"))
    for part in parts[1:]:
        run = run + 1 if _is_item(part) else 0
        longest = max(longest, run)
    return longest + 1 if longest else 1


def _is_item(part: str) -> bool:
    said = folded(part.replace("'", "")).split()
    return 0 < len(said) <= LONGEST_ITEM and not words("no_item") & set(said) and not set(said) <= words("no_finding")


def problems_of_question(text: str, names: Iterable[tuple[str, ...]], name: str) -> Iterator[tuple[str, str]]:
    """Broken rules of one message of the clinician, each with its reason; `name` is the patient's."""
    if sentence := leading(text):
        yield "leading", f"suggests the answer: {sentence!r}"
    if sentence := confirming(text, name):
        yield "confirming", f"confirms, assesses or advises: {sentence!r}"
    if (asked := asked_at_once(text, names)) > MOST_ASKED:
        yield "crowded", f"asks for {asked} things at once; expected at most {MOST_ASKED}"
