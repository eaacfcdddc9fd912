"""From a parsed expression to a phrase about a given person: a noun phrase with article, or a clause with subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rarescale.simulation.vocabulary import vocabulary
from rarescale.simulation.wording import Parsed, Person, tokens_of

FIRST_WORDS = frozenset("i i'm i've i'd i'll me my mine myself".split())
THIRD_WORDS = frozenset("he she he's she's he'd she'd he'll she'll his her him hers himself herself".split())
_PRONOUNS: dict[Person, dict[str, str]] = {
    "i": {"sub": "I", "obj": "me", "pos": "my", "own": "mine", "self": "myself", "is": "I'm", "has": "I've",
          "would": "I'd", "will": "I'll"},
    "he": {"sub": "he", "obj": "him", "pos": "his", "own": "his", "self": "himself", "is": "he's", "has": "he's",
           "would": "he'd", "will": "he'll"},
    "she": {"sub": "she", "obj": "her", "pos": "her", "own": "hers", "self": "herself", "is": "she's", "has": "she's",
            "would": "she'd", "will": "she'll"},
}
_ROLE = {
    "i": "sub", "he": "sub", "she": "sub", "me": "obj", "him": "obj", "my": "pos", "his": "pos", "mine": "own",
    "hers": "own", "myself": "self", "himself": "self", "herself": "self", "i'm": "is", "i've": "has", "i'd": "would",
    "he'd": "would", "she'd": "would", "i'll": "will", "he'll": "will", "she'll": "will", "he's": "is", "she's": "is",
}
_PERFECT = frozenset(
    "had got been gone lost started stopped become grown put begun never always taken given developed come fallen broken"
    " noticed felt seen".split()
)
_VANISHED = frozenset(
    "disappeared died grown gone shrunk vanished fallen come sunk dropped spread healed rotted crumbled faded thinned"
    " stopped started ended changed slowed collapsed dried worsened improved failed closed".split()
)
_REPORTS = frozenset(
    "said showed shows says told found called thought saw noticed reckons thinks always still keeps keep even just only"
    " almost nearly sometimes worse because since from as while like though until or then nor years months ago".split()
)
_EFFORT = frozenset("sore painful hard difficult tender easy uncomfortable impossible agony".split())
_IMPERSONAL = frozenset("hurts burns stings aches itches feels throbs eases lasts spreads comes".split())
_COMMON = frozenset("people light lights noise noises food foods colours sounds things words everything strangers".split())
_OF_SPEAKER = frozenset("son daughter boy girl baby child kid little wee lad husband wife newborn toddler".split())
_MASS_ENDS = ("ness", "itis", "osis", "aemia", "emia", "pathy", "plegia", "algia", "uria", "penia", "ia", "ism", "trophy",
              "sclerosis", "plasia", "megaly", "tion", "ity", "ety")
_COUNTABLE = frozenset("infection operation lesion malformation transfusion injection hernia".split())
_MASS_HEADS = frozenset("disease syndrome failure deficiency agenesis insufficiency delay retardation impairment".split())


@dataclass(frozen=True, slots=True)
class Phrase:
    """`np` "a lump in the groin" or `clause` "my head is pounding"; `bare`: as it stands in the lexicon, adapted."""

    kind: Literal["np", "clause"]
    text: str
    bare: str


def present(parsed: Parsed, person: Person) -> Phrase | None:
    """The phrase that says that the person has it; None where the grammar has no safe one."""
    bare = adapted(parsed.text, person)
    if bare is None or parsed.shape == "unclear":
        return None
    if parsed.shape == "np":
        low = [t.lower() for t in parsed.tokens]
        adverbial = low[-1].endswith("ly") and vocabulary().main(low[-1]) == "r"
        bodily = adverbial or low[0] in vocabulary().body and low[1:2] in ([","], ["and"])
        if bodily or low[0] in ("my", "his", "her", "their") or (low[0] == "the" and len(low) > 4):
            return None
        return Phrase("np", with_article(bare), bare)
    clause = _clause(parsed, bare, person)
    return None if clause is None else Phrase("clause", clause, bare)


def absent(parsed: Parsed, person: Person) -> Phrase | None:
    """The phrase that denies it; None for what is negative in itself or cannot be denied in one way only.

    A noun phrase comes without article, for "no ..." and "haven't got any ...".
    """
    if parsed.negative or parsed.shape in ("unclear", "like", "modal", "past"):
        return None
    bare = adapted(parsed.text, person)
    if bare is None or len(parsed.tokens) > 8 or not _REPORTS.isdisjoint(t.lower() for t in parsed.tokens) or re.search(r"[,;:]| but | so ", bare):
        return None
    if parsed.shape == "np":
        first = bare.split(" ", 1)[0].lower()
        if first in vocabulary().closed["determiner"] and first not in ("a", "an", "some"):
            return None
        return Phrase("np", bare.split(" ", 1)[1] if first in ("a", "an", "some") else bare, bare)
    positive = _clause(parsed, bare, person)
    verb = parsed.tokens[parsed.verb].lower() if parsed.shape == "clause" and parsed.verb > 0 else ""
    negated = None if positive is None else denied(positive, person, verb)
    return None if negated is None else Phrase("clause", negated, bare)


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
        if word == "my" and after in _OF_SPEAKER:
            if person == "i":
                return None
            continue
        role = _her(after) if word == "her" else _ROLE[word]
        if role == "is" and after in _PERFECT:
            role = "has"
        out[k] = _PRONOUNS[person][role]
        if role == "sub" and not _agree(out, low, k, person):
            return None
    return _joined(text, words, out)


def _her(after: str) -> str:
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
    if low[k] == "i" and person == "i" or low[k] != "i" and person != "i":
        return True
    if verb in ("can't", "can", "could", "couldn't", "was", "had", "did", "didn't", "won't", "would", "will", "wasn't",
                "must", "might", "should", "hadn't", "wouldn't", "cannot"):
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


def _joined(text: str, words: list[str], out: list[str]) -> str:
    """`out` with the spaces that `words` have in `text`."""
    parts, at = [], 0
    for old, new in zip(words, out, strict=True):
        start = text.index(old, at)
        parts += [text[at:start], new]
        at = start + len(old)
    return "".join(parts) + text[at:]


def _clause(parsed: Parsed, bare: str, person: Person) -> str | None:
    own, shape = _PRONOUNS[person], parsed.shape
    if shape in ("past", "modal", "vp") and f" {own['obj']} " in f" {bare.replace(',', ' ,')} " and _acts_on(parsed):
        # Somebody else does it to the patient: "can't settle her".
        return f"we {bare}" if shape == "modal" and person != "i" else None
    if shape in ("past", "modal"):
        return f"{own['sub']} {bare}"
    if shape == "be":
        impersonal = parsed.tokens[0].lower() in _EFFORT and parsed.tokens[1:2] == ("to",)
        if "in the family" in bare:
            return None
        return f"{'it' + chr(39) + 's' if impersonal else own['is']} {bare}"
    if shape == "born":
        return f"{own['sub']} was {bare}"
    if shape == "ing" and bare.startswith("being "):
        return f"{own['has']} been {bare[6:]}"
    if shape == "ing":
        return f"{own['has']} been {bare}"
    if shape == "like":
        return f"it's {bare}"
    if shape == "vp" and parsed.tokens[0].lower() in _IMPERSONAL:
        return f"it {bare}"
    if shape == "vp":
        turned = _turned(bare, person)
        return None if turned is None else f"{own['sub']} {turned}"
    return _with_subject(parsed, bare, person)


def _acts_on(parsed: Parsed) -> bool:
    """Whether the patient is the object, not the owner of what follows."""
    low = [t.lower() for t in parsed.tokens]
    return any(w in ("him", "me") or (w == "her" and _her(low[k + 1] if k + 1 < len(low) else "") == "obj")
               for k, w in enumerate(low))


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
        "z" in words.classes(low[k]) and low[k].endswith("s") and words.main(low[k]) in ("z", "p"))
    if singular == (person != "i"):
        return bare
    turn = words.base if singular else words.third
    for j, word in enumerate(low):
        joined = j > 0 and low[j - 1] in ("and", "then", "or") or j > 1 and low[j - 1] == "," and words.main(word) == "z"
        if j != k and not joined:
            continue
        new = turn(word)
        if new is None or (j != k and words.main(word) != ("z" if singular else "v")):
            if j == k:
                return None
            continue
        out[j] = new
    return _joined(bare, tokens, out)


def _with_subject(parsed: Parsed, bare: str, person: Person) -> str | None:
    """A clause whose subject has a determiner, and a verb."""
    words, tokens = vocabulary(), tokens_of(bare)
    if parsed.verb < -1:
        at = -2 - parsed.verb
        if at >= len(tokens):
            return None
        gone = tokens[at].lower() in _VANISHED
        be = ("have" if gone else "are") if parsed.plural else ("has" if gone else "is")
        where = _offset(bare, tokens, at)
        bare = f"{bare[:where]}{be} {bare[where:]}"
    first = tokens[0].lower()
    if first in ("baby", "baby's", "newborn's"):
        return None if person == "i" else f"{_PRONOUNS[person]['sub' if first == 'baby' else 'pos']} {bare.split(' ', 1)[1]}"
    if first in words.closed["determiner"] or first in words.closed["pronoun"] or first in words.closed["loose"]:
        return bare
    until = len(tokens) if parsed.verb == -1 else parsed.verb if parsed.verb >= 0 else -2 - parsed.verb
    if first in ("his", "her", "my") or not _COMMON.isdisjoint(t.lower() for t in tokens[:until]):
        return bare
    if first in words.closed["theirs"]:
        return f"the {bare}" if not first.endswith("s") or first == "bloods" else bare
    return f"{_PRONOUNS[person]['pos']} {bare if tokens[0].isupper() or tokens[0][:1].islower() else bare}"


def _offset(text: str, tokens: list[str], at: int) -> int:
    place = 0
    for token in tokens[:at]:
        place = text.index(token, place) + len(token)
    return text.index(tokens[at], place)


_NEGATED = {
    "is": "isn't", "are": "aren't", "was": "wasn't", "were": "weren't", "can": "can't", "could": "couldn't",
    "has": "hasn't", "have": "haven't",
}
_SHORT = {"i'm": "I'm not", "he's": "he's not", "she's": "she's not", "it's": "it's not"}


def denied(clause: str, person: Person, verb: str = "") -> str | None:
    """The clause with its main verb (`verb`, if known) negated; None where no rule is safe."""
    words, tokens = vocabulary(), tokens_of(clause)
    low = [t.lower() for t in tokens]
    if low[0] in _SHORT:
        if "been" in low[1:2]:
            return f"{_PRONOUNS[person]['sub']} {'haven' if person == 'i' else 'hasn'}'t {' '.join(clause.split()[1:])}"
        return f"{_SHORT[low[0]]} {clause.split(' ', 1)[1]}"
    if low[0] == "i've" and low[1:2] == ["been"]:
        return f"I haven't {clause.split(' ', 1)[1]}"
    subject = _PRONOUNS[person]["sub"].lower()
    for k, word in enumerate(low[1:], 1):
        if word in words.closed["subordinator"]:
            return None
        if word in _NEGATED:
            after = low[k + 1] if k + 1 < len(low) else ""
            if word in ("has", "have") and words.main(after) not in ("e", "d") and after not in ("been", "gone", "got"):
                there = "don't" if word == "have" else "doesn't"
                return _replaced(clause, tokens, k, f"{there} have")
            return _replaced(clause, tokens, k, _NEGATED[word])
        if low[0] == subject and k == 1 or word == verb or words.main(word) in ("z", "d", "v") and "n" not in words.classes(word):
            if word in words.closed["auxiliary"] and word not in ("had", "keeps"):
                return None
            return _not(clause, tokens, low, k)
    return None


def _not(clause: str, tokens: list[str], low: list[str], k: int) -> str | None:
    """"head drops and nods" -> "head doesn't drop and nod"; None for a past tense."""
    words = vocabulary()
    main = words.main(low[k])
    if main == "d":
        return None
    if "v" in words.classes(low[k]) and not low[k].endswith("s"):
        return _replaced(clause, tokens, k, f"don't {tokens[k]}")
    base = words.base(low[k])
    if base is None:
        return None
    out = list(tokens)
    out[k] = f"doesn't {base}"
    for j in range(k + 2, len(low)):
        if low[j - 1] in ("and", "or", "then") and words.main(low[j]) == "z" and (other := words.base(low[j])):
            out[j] = other
    return _joined(clause, tokens, out)


def _replaced(text: str, tokens: list[str], at: int, new: str) -> str:
    where = _offset(text, tokens, at)
    return f"{text[:where]}{new}{text[where + len(tokens[at]):]}"


def with_article(noun_phrase: str) -> str:
    """"lump in the groin" -> "a lump in the groin"; plural, mass and determined phrases stay."""
    words, tokens = vocabulary(), tokens_of(noun_phrase)
    low = [t.lower() for t in tokens]
    closed = words.closed
    if low[0] in closed["determiner"] or low[0] in closed["pronoun"] or low[0][0].isdigit() or low[0] in (
            "too", "hardly", "only", "not", "just", "less", "more", "never", "loads", "plenty", "heaps", "bits", "barely"):
        return noun_phrase
    head = ""
    for k, word in enumerate(low):
        if k and (word in closed["preposition"] or word in closed["subordinator"] or word in (",", "and", "or", "-", "(")):
            break
        main = words.main(word)
        if head and main == "g" and (k + 1 == len(low) or words.main(low[k + 1]) == "x"):
            head = tokens[k]
            continue
        if head and main in ("g", "e", "d", "a", "r"):
            if main == "a" and k + 1 < len(low) and words.main(low[k + 1]) in ("n", "p"):
                continue
            break
        if main in ("n", "p", "z", "v", "g") or word in words.body:
            head = tokens[k]
    if not head or (head[0].isupper() and head != tokens[0]) or head.isupper() or _uncounted(head.lower()):
        return noun_phrase
    return f"{'an' if low[0][0] in 'aeiou' and not low[0].startswith(('one', 'uni', 'eu', 'use', 'uri')) else 'a'} {noun_phrase}"


def _uncounted(head: str) -> bool:
    words = vocabulary()
    if head in _COUNTABLE or head.endswith(("ormity", "ormality", "avity")):
        return False
    if head in words.closed["mass"] or head in _MASS_HEADS:
        return True
    if head.endswith("ing") and head not in ("swelling", "feeling", "opening", "thing", "ring", "string"):
        return True
    return words.main(head) in ("p", "z") or head in ("teeth", "feet", "labia") or head.endswith("ae") or head.endswith(_MASS_ENDS)
