"""What a short answer makes of the findings that the question before it asked for.

"Any fits?" - "No, never." says that there are none, though the patient names nothing. A yes or no answers all findings
of the last question; what the answer names itself is left to ordinary reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

_LEAD = r"^\W*(?:(?:oh|well|um|uh|hm+|ah|er|thankfully|luckily|fortunately|sorry|hi|honestly|actually|ok|okay)\b\W*)*"
_WHO = r"(?:i|he|she|it|they|we)"
_NEGATED_VERB = r"(?:do|does|did|have|has|had|is|are|was|were)(?:n't|nt| not)"
_END = r"(?=\s*(?:[.,;:!?\u2013\u2014\n-]|$))"
_CLAUSE = (
    r"(?=\s+(?:i|he|she|it|we|they|there|that's|nothing|not|never|thank|thanks|sir|doctor|but|just|only|none|neither"
    r"|(?:his|her|my|the|your|our)\s(?:\S+\s){1,4}(?:is|are|was|were|has|have|had|seems?|looks?)\b)\b)"
)
_UNKNOWN = re.compile(
    _LEAD + rf"(?:(?:no|yes)\W+)?(?:{_WHO} (?:really )?(?:do|does|did)(?:n't|nt| not) (?:really )?"
    r"(?:know|remember|recall)|(?:i'm |i am )?not (?:really |completely |quite |too )?(?:sure|certain)|no idea|no clue"
    r"|unsure|hard to (?:say|tell)|i can(?:'t|not|t) (?:say|tell|remember)|(?:do|does)(?:n't|nt) (?:know|remember)"
    r"|maybe|perhaps|i have no idea)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    _LEAD + rf"(?:(?:no|nope|nah|none|neither|nothing|negative|never|not at all|not really|not that)"
    rf"(?:{_END}|{_CLAUSE})"
    rf"|no(?: no)+\b|not that (?:i|we)\b|not as far as|not (?:yet|so far|lately|recently|anymore)\b|none of|neither of"
    rf"|nothing (?:like|of)\b|no,? (?:not|never|none|nothing)\b"
    rf"|{_WHO} {_NEGATED_VERB}{_END}|i do(?:n't|nt| not) think so|not any\b"
    r"|absolutely not|definitely not|of course not)",
    re.IGNORECASE,
)
_YES = re.compile(
    _LEAD + rf"(?:(?:yes|yeah|yep|yup|yea|ya|aye|sure|definitely|absolutely|correct|exactly|indeed|right|both|"
    rf"unfortunately|of course|all of (?:them|those|these|that)|all the time|every (?:day|night|week)|constantly)\b"
    r"|(?:sometimes|often|always|occasionally|a lot|a little|a bit|quite a bit|now and then|once|twice|frequently)"
    rf"{_END}"
    rf"|{_WHO} (?:do|does|did|have|has|had|is|am|are|was)(?: (?:sometimes|often|indeed|too))?{_END})",
    re.IGNORECASE,
)
_ONLY = re.compile(_LEAD + r"(?:no\W+)?(?:just|only)\b", re.IGNORECASE)


class Answer(Enum):
    """What an answer says to a whole question."""

    YES = "yes"
    NO = "no"
    ONLY = "only what it names"
    UNKNOWN = "not known"
    NONE = "no answer of this kind"


def answer_to(text: str) -> Answer:
    """The kind of answer that the beginning of `text` is."""
    head = text[:200].replace("\u2019", "'")
    for pattern, answer in ((_UNKNOWN, Answer.UNKNOWN), (_ONLY, Answer.ONLY), (_NO, Answer.NO), (_YES, Answer.YES)):
        if pattern.match(head):
            return answer
    return Answer.NONE


def unnamed(answer: Answer, asked: Sequence[bool], *, some_named: bool) -> list[bool | None]:
    """For each asked finding that the answer does not name: present, absent or (None) not known.

    `asked` tells of each whether the question already denied it ("no fever then?", where yes agrees that there is
    none). `some_named`: the answer names another finding of the question, so that a yes means that one only.
    """
    if answer is Answer.NO:
        return [False] * len(asked)
    if answer is Answer.YES and not some_named:
        return [not denied for denied in asked]
    if answer is Answer.ONLY and some_named:
        return [False] * len(asked)
    return [None] * len(asked)
