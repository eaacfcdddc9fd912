"""Turning an expression to another person: "when I talk" to "when she talks"."""

from __future__ import annotations

from rarescale.simulation.wording.parsed import Person, tokens_of
from rarescale.simulation.wording.vocabulary import vocabulary

FIRST_WORDS = frozenset(["i", "i'm", "i've", "i'd", "i'll", "me", "my", "mine", "myself"])
THIRD_WORDS = frozenset(
    [
        "he",
        "she",
        "he's",
        "she's",
        "he'd",
        "she'd",
        "he'll",
        "she'll",
        "his",
        "her",
        "him",
        "hers",
        "himself",
        "herself",
    ]
)
PRONOUNS: dict[Person, dict[str, str]] = {
    "i": {
        "sub": "I",
        "obj": "me",
        "pos": "my",
        "own": "mine",
        "self": "myself",
        "is": "I'm",
        "has": "I've",
        "would": "I'd",
        "will": "I'll",
    },
    "he": {
        "sub": "he",
        "obj": "him",
        "pos": "his",
        "own": "his",
        "self": "himself",
        "is": "he's",
        "has": "he's",
        "would": "he'd",
        "will": "he'll",
    },
    "she": {
        "sub": "she",
        "obj": "her",
        "pos": "her",
        "own": "hers",
        "self": "herself",
        "is": "she's",
        "has": "she's",
        "would": "she'd",
        "will": "she'll",
    },
}
_ROLE = {
    "i": "sub",
    "he": "sub",
    "she": "sub",
    "me": "obj",
    "him": "obj",
    "my": "pos",
    "his": "pos",
    "mine": "own",
    "hers": "own",
    "myself": "self",
    "himself": "self",
    "herself": "self",
    "i'm": "is",
    "i've": "has",
    "i'd": "would",
    "he'd": "would",
    "she'd": "would",
    "i'll": "will",
    "he'll": "will",
    "she'll": "will",
    "he's": "is",
    "she's": "is",
}


def adapted(text: str, person: Person) -> str | None:
    """The text with its pronouns and the verbs next to them turned to `person`; None where that is not safe."""
    words = tokens_of(text)
    low = [w.lower() for w in words]
    first, third = FIRST_WORDS.intersection(low), THIRD_WORDS.intersection(low)
    if first and third:
        return None
    if not (first or third):
        return text
    out = list(words)
    for k, word in enumerate(low):
        if word not in _ROLE and word != "her":
            continue
        after = low[k + 1] if k + 1 < len(low) else ""
        if word == "my" and after in vocabulary().closed["of_speaker"]:
            if person == "i":
                return None
            continue
        role = owns(after) if word == "her" else _ROLE[word]
        if role == "is" and after in vocabulary().closed["perfect"]:
            role = "has"
        out[k] = PRONOUNS[person][role]
        if role == "sub" and not _agree(out, low, k, person):
            return None
    return rejoined(text, words, out)


def owns(after: str) -> str:
    """What "her" is before the word `after`: `pos` (her nose) or `obj` (lift her)."""
    main = vocabulary().main(after) if after else ""
    closed = vocabulary().closed
    plain = after not in closed["preposition"] and after not in closed["subordinator"] and after not in closed["adverb"]
    return "pos" if after and plain and main in ("n", "p", "a", "e", "z", "v", "g", "d") and after != "and" else "obj"


def _agree(out: list[str], low: list[str], k: int, person: Person) -> bool:
    """Turn the verb behind the pronoun at `k`; False where it is unknown."""
    words = vocabulary()
    j = k + 1
    while j < len(low) and low[j] in words.closed["adverb"]:
        j += 1
    if j == len(low):
        return True
    verb = low[j]
    if (low[k] == "i" and person == "i") or (low[k] != "i" and person != "i"):
        return True
    if verb in (
        "can't",
        "can",
        "could",
        "couldn't",
        "was",
        "had",
        "did",
        "didn't",
        "won't",
        "would",
        "will",
        "wasn't",
        "must",
        "might",
        "should",
        "hadn't",
        "wouldn't",
        "cannot",
    ):
        return True
    turned = words.base(verb) if person == "i" else words.third(verb)
    if verb in ("am", "is"):
        turned = "am" if person == "i" else "is"
    if words.main(verb) == "d" or (turned is None and "d" in words.classes(verb)):
        return True
    if turned is None:
        return False
    out[j] = turned
    return True


def rejoined(text: str, words: list[str], out: list[str]) -> str:
    """`out` with the spaces that `words` have in `text`."""
    parts, at = [], 0
    for old, new in zip(words, out, strict=True):
        start = text.index(old, at)
        parts += [text[at:start], new]
        at = start + len(old)
    return "".join(parts) + text[at:]


def offset(text: str, tokens: list[str], at: int) -> int:
    """Where token number `at` begins in the text."""
    place = 0
    for token in tokens[:at]:
        place = text.index(token, place) + len(token)
    return text.index(tokens[at], place)


def replaced(text: str, tokens: list[str], at: int, new: str) -> str:
    """The text with token number `at` replaced."""
    where = offset(text, tokens, at)
    return f"{text[:where]}{new}{text[where + len(tokens[at]) :]}"
