"""The article of a noun phrase."""

from __future__ import annotations

from rarescale.simulation.wording.parsed import tokens_of
from rarescale.simulation.wording.vocabulary import vocabulary

_MASS_ENDS = (
    "ness",
    "itis",
    "osis",
    "aemia",
    "emia",
    "pathy",
    "plegia",
    "algia",
    "uria",
    "penia",
    "ia",
    "ism",
    "trophy",
    "sclerosis",
    "plasia",
    "megaly",
    "tion",
    "ity",
    "ety",
)


def with_article(noun_phrase: str) -> str:
    """ "lump in the groin" -> "a lump in the groin"; plural, mass and determined phrases stay."""
    words, tokens = vocabulary(), tokens_of(noun_phrase)
    low = [t.lower() for t in tokens]
    closed = words.closed
    if (
        low[0] in closed["determiner"]
        or low[0] in closed["pronoun"]
        or low[0][0].isdigit()
        or low[0]
        in (
            "too",
            "hardly",
            "only",
            "not",
            "just",
            "less",
            "more",
            "never",
            "loads",
            "plenty",
            "heaps",
            "bits",
            "barely",
        )
    ):
        return noun_phrase
    head = ""
    for k, word in enumerate(low):
        if k and (
            word in closed["preposition"] or word in closed["subordinator"] or word in (",", "and", "or", "-", "(")
        ):
            break
        if head and word in closed["determiner"]:
            break
        main = words.main(word)
        if head and main == "g" and (k + 1 == len(low) or words.main(low[k + 1]) == "x"):
            head = tokens[k]
            continue
        if head and main in ("g", "e", "d", "a", "r"):
            if main == "a" and k + 1 < len(low) and words.main(low[k + 1]) in ("n", "p"):
                continue
            break
        if main in ("n", "p", "z", "v", "g") or word in words.closed["body"]:
            head = tokens[k]
    if not head or (head[0].isupper() and head != tokens[0]) or head.isupper() or _uncounted(head.lower()):
        return noun_phrase
    vowel = low[0][0] in "aeiou" and not low[0].startswith(("one", "uni", "eu", "use", "uri"))
    return f"{'an' if vowel else 'a'} {noun_phrase}"


def _uncounted(head: str) -> bool:
    words = vocabulary()
    if head in vocabulary().closed["countable"] or head.endswith(("ormity", "ormality", "avity")):
        return False
    if head in words.closed["mass"] or head in vocabulary().closed["mass_heads"]:
        return True
    if head.endswith("ing") and head not in ("swelling", "feeling", "opening", "thing", "ring", "string"):
        return True
    return (
        words.main(head) in ("p", "z")
        or head in ("teeth", "feet", "labia")
        or head.endswith("ae")
        or head.endswith(_MASS_ENDS)
    )
