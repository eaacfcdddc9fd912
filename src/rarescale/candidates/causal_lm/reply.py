"""What a language model wrote to the names it lists; a reply is untrusted input."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rarescale.candidates.causal_lm.data import one_line

# A name may begin with a digit ("3-methylcrotonyl-CoA carboxylase deficiency"), so a mark needs space after it.
_MARK = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True)
class Reply:
    """The text of an answer; `finished` is False where it was cut off at the limit of tokens."""

    text: str
    finished: bool = True


def names_in(reply: Reply, most: int) -> tuple[str, ...]:
    """The names of a reply in order, each once, at most `most`, without bullets and numbers.

    The last line of an answer that was cut off is left out: "Usher syndrome" may be the first half of another name.
    """
    lines = reply.text.split("\n")
    if not reply.finished:
        lines = lines[:-1]
    names = (_MARK.sub("", one_line(line)) for line in lines)
    return tuple(dict.fromkeys(name for name in names if name))[:most]
