"""From a fragment to a clause with subject and verb, about a given person."""

from __future__ import annotations

from rarescale.simulation.wording.parsed import Parsed, Person, tokens_of
from rarescale.simulation.wording.pronouns import PRONOUNS, offset, owns, rejoined
from rarescale.simulation.wording.vocabulary import vocabulary


def clause_of(parsed: Parsed, bare: str, person: Person) -> str | None:
    """The clause of an expression of any shape but a noun phrase, `bare` = its text adapted; None where unsafe."""
    own, shape = PRONOUNS[person], parsed.shape
    if shape in ("past", "modal", "vp") and f" {own['obj']} " in f" {bare.replace(',', ' ,')} " and _acts_on(parsed):
        # Somebody else does it to the patient: "can't settle her".
        return f"we {bare}" if shape == "modal" and person != "i" else None
    if shape in ("past", "modal"):
        return f"{own['sub']} {bare}"
    if shape == "be":
        impersonal = parsed.tokens[0].lower() in vocabulary().closed["effort"] and parsed.tokens[1:2] == ("to",)
        if "in the family" in bare:
            return None
        joined = _coordinated(bare) if person == "i" else bare
        subject = "it's" if impersonal else own["is"]
        return f"{subject} {joined}"
    if shape == "born":
        return f"{own['sub']} was {bare}"
    if shape == "ing" and bare.startswith("being "):
        return f"{own['has']} been {bare[6:]}"
    if shape == "ing":
        return f"{own['has']} been {bare}"
    if shape == "like":
        return f"it's {bare}"
    if shape == "vp" and parsed.tokens[0].lower() in vocabulary().closed["impersonal"]:
        return f"it {bare}"
    if shape == "vp":
        turned = _turned(bare, person)
        return None if turned is None else f"{own['sub']} {turned}"
    return _with_subject(parsed, bare, person)


def _coordinated(bare: str) -> str:
    """ "awake all night and sleeps all day" -> "... and sleep all day", for the first person."""
    words, tokens = vocabulary(), tokens_of(bare)
    out = list(tokens)
    for j in range(1, len(tokens)):
        if (
            tokens[j - 1].lower() == "and"
            and words.main(tokens[j].lower()) == "z"
            and (base := words.base(tokens[j].lower()))
        ):
            out[j] = base
    return rejoined(bare, tokens, out)


def _acts_on(parsed: Parsed) -> bool:
    """Whether the patient is the object, not the owner of what follows."""
    low = [t.lower() for t in parsed.tokens]
    return any(
        w in ("him", "me") or (w == "her" and owns(low[k + 1] if k + 1 < len(low) else "") == "obj")
        for k, w in enumerate(low)
    )


def _turned(bare: str, person: Person) -> str | None:
    """A verb phrase in the present tense, agreeing with the person, its coordinated verbs too."""
    words, tokens = vocabulary(), tokens_of(bare)
    low, out = [t.lower() for t in tokens], list(tokens)
    k = 0
    while k < len(low) and low[k] in words.closed["adverb"]:
        k += 1
    if k == len(low):
        return None
    singular = low[k] in ("has", "doesn't", "hasn't", "isn't") or (
        "z" in words.classes(low[k]) and low[k].endswith("s") and words.main(low[k]) in ("z", "p")
    )
    if singular == (person != "i"):
        return bare
    turn = words.base if singular else words.third
    for j, word in enumerate(low):
        joined = (j > 0 and low[j - 1] in ("and", "then", "or")) or (
            j > 1 and low[j - 1] == "," and words.main(word) == "z"
        )
        if j != k and not joined:
            continue
        new = turn(word)
        if new is None or (j != k and words.main(word) != ("z" if singular else "v")):
            if j == k:
                return None
            continue
        out[j] = new
    return rejoined(bare, tokens, out)


def _with_subject(parsed: Parsed, bare: str, person: Person) -> str | None:
    """A clause whose subject has a determiner, and a verb."""
    words, tokens = vocabulary(), tokens_of(bare)
    if parsed.verb < -1:
        at = -2 - parsed.verb
        if at >= len(tokens):
            return None
        gone = tokens[at].lower() in vocabulary().closed["vanished"]
        be = ("have" if gone else "are") if parsed.plural else ("has" if gone else "is")
        where = offset(bare, tokens, at)
        bare = f"{bare[:where]}{be} {bare[where:]}"
    first = tokens[0].lower()
    if first in ("baby", "baby's", "newborn's"):
        return (
            None
            if person == "i"
            else f"{PRONOUNS[person]['sub' if first == 'baby' else 'pos']} {bare.split(' ', 1)[1]}"
        )
    if first in words.closed["determiner"] or first in words.closed["pronoun"] or first in words.closed["loose"]:
        return bare
    until = len(tokens) if parsed.verb == -1 else parsed.verb if parsed.verb >= 0 else -2 - parsed.verb
    if first in ("his", "her", "my") or not vocabulary().closed["common"].isdisjoint(t.lower() for t in tokens[:until]):
        return bare
    if first in words.closed["theirs"]:
        return f"the {bare}" if not first.endswith("s") or first == "bloods" else bare
    return f"{PRONOUNS[person]['pos']} {bare}"
