"""British spelling written the American way, so that both meet; applied to names and text alike.

The rules need not give real words ("toenail" becomes "tenail"): they only have to give one word for two spellings.
"""

from __future__ import annotations

import re

from rarescale.reading.wordlists import word_set

_ORDINARY_OUR = word_set("our your hour four pour sour tour flour detour contour scour hours fours pours yours")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"(?<=[a-z]{2})our(?=$|s$|ed$|ing$|al$|less$|able$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=e$|es$|ed$|ing$|ation$|ations$)"), "iz"),
    (re.compile(r"(?<=l)ys(?=e$|es$|ed$|ing$)"), "yz"),
    (re.compile(r"(?<=[bt])re$"), "er"),
    (re.compile(r"^sulph"), "sulf"),
    (re.compile(r"^grey"), "gray"),
)
_SHORTEST = 5


def american(word: str) -> str:
    """`word` (lower case) in American spelling; short and ordinary words stay as they are."""
    if len(word) < _SHORTEST or word in _ORDINARY_OUR:
        return word
    for pattern, replacement in _RULES:
        word = pattern.sub(replacement, word)
    return word
