"""Which lay expressions the grammar turns into a sentence that a person would write.

The lexicon is written for reading, where any fragment helps. For speaking, only shapes with a known head are taken:
what is refused here costs variety, what slips through costs belief.
"""

from __future__ import annotations

import re

from rarescale.simulation.wording.parsed import Parsed
from rarescale.simulation.wording.vocabulary import vocabulary

_LONGEST = 9
_ODD = re.compile(
    r"[,;:\[\]()/\"]|\b(?:but|though|although|they|doctors?|consultant|said|says|called|told|turned out|i mean|"
    r"lads?|lass|bairn|wean|bloke|baby|babies|newborn|since (?:born|small|birth)|or|happening|behind|scan|tests?|"
    r"at (?:one|two|three|four|five|six|eight|ten|birth)|and (?:don't|have|am|feel|get|need)|showed|"
    r"shows|syndrome|family|brothers?|sisters?|died|grasshopper|eagle|caveman|clown|toad|organs|yet|"
    r"in the womb|normal body)\b",
    re.I,
)
_SMALL_WEE = re.compile(
    r"\bwee\s+(?!(?:is|was|looks|smells|in|with|comes|all|has|as|at|when|more|too|every|a lot)\b)\w+", re.I
)
_TELLING = re.compile(r"^(?:she|he|i)\b|\b(?:someone|somebody|people) (?:says?|told)\b", re.I)


def is_safe(parsed: Parsed) -> bool:
    """Whether a sentence made of the expression can be trusted."""
    low = [t.lower() for t in parsed.tokens]
    if not 1 <= len(low) <= _LONGEST or _ODD.search(parsed.text) or _SMALL_WEE.search(parsed.text):
        return False
    closed = vocabulary().closed
    if parsed.shape == "np":
        return _noun(low)
    if parsed.shape == "clause":
        return _clause(parsed, low)
    if parsed.shape == "born":
        return low[:2] in (["born", "with"], ["born", "without"])
    leads = {"vp": "safe_vp", "past": "safe_past", "modal": "safe_modal", "be": "safe_be", "ing": "safe_ing"}
    kind = leads.get(parsed.shape)
    return kind is not None and low[0] in closed[kind]


def _noun(low: list[str]) -> bool:
    """A short noun phrase whose head is a complaint or a part of the body that one "has got"."""
    closed, words = vocabulary().closed, vocabulary()
    if (
        low[0] in ("all", "the", "my", "his", "her", "every", "only", "just", "not", "never", "size", "none")
        or len(low) > 7
    ):
        return False
    head, at = "", 0
    for at, word in enumerate(low):
        if at and (word in closed["preposition"] or word in closed["subordinator"] or word in ("and", "or", "-")):
            break
        head = word
    else:
        at = len(low)
    if head not in closed["safe_heads"] or (
        low[0] == "no" and head not in ("strength", "energy", "appetite", "balance")
    ):
        return False
    if head in closed["body"] and at == 1:
        return False
    rest = low[at:]
    if any(w in closed["auxiliary"] or w in closed["pronoun"] for w in low):
        return False
    if at == len(low) and len(low) > 4:
        return False
    return not any(words.main(w) == "z" and w not in closed["nouny"] for w in rest)


def _clause(parsed: Parsed, low: list[str]) -> bool:
    """A clause about a part of the body, or one that begins with its own pronoun."""
    closed, words = vocabulary().closed, vocabulary()
    if low[0] in ("i", "i'm", "i've", "he", "she", "he's", "she's"):
        return len(low) > 2
    at = parsed.verb if parsed.verb >= 0 else -2 - parsed.verb
    if at <= 0 or at > 4 or at >= len(low):
        return False
    subject, verb = low[:at], low[at]
    if closed["body"].isdisjoint(subject) or not set(subject).isdisjoint(closed["pronoun"]):
        return False
    if any(w in closed["preposition"] or w in ("and", "with") for w in subject):
        return False
    if parsed.verb < -1:
        return words.main(verb) in ("a", "g", "e") or verb in ("too", "very", "always", "so")
    return (
        verb in closed["auxiliary"]
        or words.main(verb) in ("z", "v")
        or (words.main(verb) == "p" and words.base(verb) is not None)
    )
