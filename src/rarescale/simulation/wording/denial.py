"""Denying a clause: "my head is pounding" to "my head isn't pounding"."""

from __future__ import annotations

from rarescale.simulation.wording.parsed import Person, tokens_of
from rarescale.simulation.wording.pronouns import PRONOUNS, rejoined, replaced
from rarescale.simulation.wording.vocabulary import vocabulary

_NEGATED = {
    "is": "isn't",
    "are": "aren't",
    "was": "wasn't",
    "were": "weren't",
    "can": "can't",
    "could": "couldn't",
    "has": "hasn't",
    "have": "haven't",
}
_SHORT = {"i'm": "I'm not", "he's": "he's not", "she's": "she's not", "it's": "it's not"}


def denied(clause: str, person: Person, verb: str = "") -> str | None:
    """The clause with its main verb (`verb`, if known) negated; None where no rule is safe."""
    words, tokens = vocabulary(), tokens_of(clause)
    low = [t.lower() for t in tokens]
    if low[0] in _SHORT:
        if "been" in low[1:2]:
            return f"{PRONOUNS[person]['sub']} {'haven' if person == 'i' else 'hasn'}'t {' '.join(clause.split()[1:])}"
        return f"{_SHORT[low[0]]} {clause.split(' ', 1)[1]}"
    if low[0] == "i've" and low[1:2] == ["been"]:
        return f"I haven't {clause.split(' ', 1)[1]}"
    subject = PRONOUNS[person]["sub"].lower()
    for k, word in enumerate(low[1:], 1):
        if word in words.closed["subordinator"]:
            return None
        if word in _NEGATED:
            after = low[k + 1] if k + 1 < len(low) else ""
            if word in ("has", "have") and words.main(after) not in ("e", "d") and after not in ("been", "gone", "got"):
                there = "don't" if word == "have" else "doesn't"
                return replaced(clause, tokens, k, f"{there} have")
            return replaced(clause, tokens, k, _NEGATED[word])
        if (
            (low[0] == subject and k == 1)
            or word == verb
            or (words.main(word) in ("z", "d", "v") and "n" not in words.classes(word))
        ):
            if word in words.closed["auxiliary"] and word not in ("had", "keeps"):
                return None
            return _not(clause, tokens, low, k)
    return None


def _not(clause: str, tokens: list[str], low: list[str], k: int) -> str | None:
    """ "head drops and nods" -> "head doesn't drop and nod"; None for a past tense."""
    words = vocabulary()
    main = words.main(low[k])
    if main == "d":
        return None
    if "v" in words.classes(low[k]) and not low[k].endswith("s"):
        return replaced(clause, tokens, k, f"don't {tokens[k]}")
    base = words.base(low[k])
    if base is None:
        return None
    out = list(tokens)
    out[k] = f"doesn't {base}"
    for j in range(k + 2, len(low)):
        if low[j - 1] in ("and", "or", "then") and words.main(low[j]) == "z" and (other := words.base(low[j])):
            out[j] = other
    return rejoined(clause, tokens, out)
