"""Who the patient is, and who else is spoken of.

A chat may be written by the patient ("I have a rash") or by somebody for the patient ("my son has a rash"). The first
lines tell. In the first case "my sister has a rash" is about another person; in the second "I have a rash" is, and
"he" and "my son" are the patient.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from rarescale.reading.tokens import Token, is_word
from rarescale.reading.wordlists import word_set
from rarescale.record import Sex

CHILD_YEARS = 12.0
"""Nobody younger than this writes a chat alone."""

_FEMALE = word_set(
    """
    daughter girl mother mom mum mama mommy mummy sister wife girlfriend aunt auntie grandmother grandma granny nan
    niece granddaughter woman lady
    """
)
_MALE = word_set(
    """
    son boy father dad daddy papa brother husband boyfriend uncle grandfather grandpa grandad nephew grandson man
    gentleman
    """
)
_EITHER = word_set(
    """
    child kid baby infant newborn toddler partner spouse parent parents cousin cousins sibling siblings twin
    grandparent grandparents grandchild brothers sisters sons daughters uncles aunts children kids
    """
)
RELATIONS = _FEMALE | _MALE | _EITHER
_ACQUAINTANCES = word_set(
    """
    friend friends colleague colleagues coworker coworkers neighbour neighbours neighbor neighbors boss flatmate
    flatmates roommate roommates housemate housemates classmate classmates schoolmate teammate teacher nanny childminder
    dog cat puppy kitten horse pet stepson stepdaughter stepfather stepmother fiance fiancee ex in-laws
    """
)
_AGREES = re.compile(r"\bso (?:do|did|does|have|has|had|am|is|are|was) (?P<who>i|he|she|we)\b")
_WITHIN = word_set("in of at on from")
_REACH_OF_NOUN = 3
"""So near to the noun for another person, "his" still belongs to it ("the kids in his class")."""
_FOLLOWING = word_set("he she they his her their him")
_OPENERS = word_set("and but so also then well yes no plus , .")
_CHILDREN = word_set("son daughter boy girl child kid baby infant newborn toddler grandson granddaughter")
_PATIENT_NOUNS = word_set(
    "patient proband man woman boy girl gentleman lady child kid baby infant newborn neonate toddler"
)

_KIN = r"(?:mom|mum|mother|dad|father|wife|husband|daughter|son|parent|partner)"
_OWNERS = r"(?:my|our)"
_LINKS = r"(?:about|for|of|with|is|it's|regarding|concerning)"
_PHRASE_WORDS, _PHRASE_CHARACTERS = 7, 100
_ABOUT = re.compile(rf"\b{_LINKS} {_OWNERS} ", re.IGNORECASE)
_STARTS = re.compile(
    rf"^(?:\W*(?:hi|hello|hey|good \w+|dear \w+|please|well|so|yes|doctor)\b)*\W*{_OWNERS} ", re.IGNORECASE
)
_TITLES = "mum|mom|mummy|mommy|mama|dad|daddy|papa|grandma|granny|nan|grandpa|grandad"
_CALLED = re.compile(
    rf"^(?:\W*(?:hi|hello|hey|good \w+|dear \w+|please|well|so|yes|doctor)\b)*\W*(?P<title>{_TITLES})(?:'s)? \w",
    re.IGNORECASE,
)
_ADULT_YEARS = 18.0
_COMPLAINT = re.compile(
    r"\b(?:i (?:have|had|get|feel) (?:a|an|the|no|some|my|this|had)\b|i'?m (?:\d|having|feeling)|and i\b|i am \d)",
    re.IGNORECASE,
)
_WRITER = re.compile(
    rf"\b(?:i'm|i am|this is|here is) (?:\w+'s|his|her|the) {_KIN}\b|\b{_KIN}\b[^.]{{0,30}}\bwriting\b",
    re.IGNORECASE,
)
_HE, _SHE = word_set("he him himself his"), word_set("she her herself")
_SELF = word_set("i me my myself we our")
_SAYING = word_set(
    """
    says say said thinks think thought noticed notices notice told tells tell calls called saw sees see found finds
    believes worries worried wanted wants took takes brought pointed asked asks made makes keeps calling helps
    described describes writes
    """
)
_BEFORE_OBJECT = word_set("with by to from for like than at of")


@dataclass(frozen=True)
class Subject:
    """The patient of a source: `proxy` where another person speaks; `relations` are nouns that mean the patient."""

    proxy: bool = False
    relations: frozenset[str] = frozenset()
    sex: Sex | None = None

    @property
    def pronouns(self) -> frozenset[str]:
        """Pronouns that mean the patient."""
        if not self.proxy:
            return _SELF
        if self.sex is Sex.MALE:
            return _HE
        return _SHE if self.sex is Sex.FEMALE else _HE | _SHE


NOTE_SUBJECT = Subject(proxy=True, relations=_PATIENT_NOUNS)
"""A note speaks of its patient as a third person."""


def sex_of_relation(noun: str) -> Sex | None:
    """The sex that a noun such as "daughter" or "husband" tells."""
    if noun in _FEMALE:
        return Sex.FEMALE
    return Sex.MALE if noun in _MALE else None


def find_subject(first_lines: Sequence[str], *, age: float | None, sex: Sex | None) -> Subject:
    """Who the patient is, from the patient's (or the writer's) `first_lines` and what is known of age and sex."""
    noun = next((noun for line in first_lines if (noun := _relation(_ABOUT, line))), None)
    noun = noun or _called(first_lines, age=age, sex=sex)
    if noun is None:
        before = takewhile(lambda line: not _COMPLAINT.search(line), first_lines)
        noun = next((noun for line in before if (noun := _relation(_STARTS, line))), None)
        if noun not in _CHILDREN and any(_COMPLAINT.search(line) for line in first_lines):
            noun = None
    writer = any(_WRITER.search(line) for line in first_lines)
    young = age is not None and age < CHILD_YEARS
    if noun is None and not writer and not young:
        return Subject(sex=sex)
    told = sex or (sex_of_relation(noun) if noun else None)
    relations = {noun} if noun else set()
    if young or noun in _CHILDREN or (noun is None and (age is None or age < 2 * CHILD_YEARS)):
        relations |= {r for r in _CHILDREN if told is None or sex_of_relation(r) in (told, None)}
    return Subject(proxy=True, relations=frozenset(relations), sex=told)


def _called(first_lines: Sequence[str], *, age: float | None, sex: Sex | None) -> str | None:
    """The noun in "Dad fell down the stairs": the writer's own father is the patient.

    It must fit what is known of the patient, and the lines must speak of him or her more than of the writer.
    """
    called = next((match["title"].lower() for line in first_lines if (match := _CALLED.match(line))), None)
    if called is None or (age is not None and age < _ADULT_YEARS) or sex not in (None, sex_of_relation(called)):
        return None
    words = re.findall(r"\w+", " ".join(first_lines).lower())
    own, theirs = _SELF, _HE if sex_of_relation(called) is Sex.MALE else _SHE
    return called if sum(word in theirs for word in words) > sum(word in own for word in words) else None


def _relation(opening: re.Pattern[str], line: str) -> str | None:
    """The noun of kin in a phrase such as "about my little son" or "My husband Harold ...", one with a sex first."""
    for match in opening.finditer(line):
        phrase = line[match.end() : match.end() + _PHRASE_CHARACTERS].lower()
        words = re.split(r"[^\w\s-]", phrase)[0].replace("-", " ").split()[:_PHRASE_WORDS]
        nouns = [place for place, word in enumerate(words) if word in RELATIONS]
        if nouns:
            first, following = words[nouns[0]], words[nouns[0] + 1 : nouns[0] + 2]
            return following[0] if following and following[0] in RELATIONS else first
    return None


def others(
    sentence: Sequence[Token], boundaries: Sequence[int], subject: Subject, *, carried: bool = False
) -> list[bool]:
    """For each token, whether the sentence speaks of another person there.

    A noun for another person as subject turns to that person; a pronoun of the patient turns back, and so does the
    end of the sentence, unless the next one goes on about the same person (`carried`, see `goes_on`). "And so do I"
    makes all of it the patient's. `boundaries` are the places where new clauses start.
    """
    agrees = _AGREES.search(" ".join(token.word for token in sentence))
    if agrees and agrees["who"] in subject.pronouns:
        return [False] * len(sentence)
    flags: list[bool] = []
    other, turned = carried, -_REACH_OF_NOUN
    edges = set(boundaries)
    for place, token in enumerate(sentence):
        if _turns_away(sentence, place, subject, place in edges):
            other, turned = True, place
        elif token.word in subject.relations or (
            token.word in subject.pronouns
            and not _owns_relation(sentence, place, subject)
            and not (place - turned <= _REACH_OF_NOUN and sentence[place - 1].word in _WITHIN)
        ):
            other = False
        flags.append(other)
    return flags


def goes_on(sentence: Sequence[Token], other: bool, subject: Subject) -> bool:
    """Whether `sentence` goes on about the person whom the sentence before it spoke of.

    `other`: that one was another than the patient. It does where it starts with "he", "she" or "they", which never
    mean a patient who speaks for himself; of a patient who is spoken for, the pronoun means the patient again.
    """
    if not other or subject.proxy:
        return False
    first = next((token.word for token in sentence if token.word not in _OPENERS), "")
    return first in _FOLLOWING


def _owns_relation(sentence: Sequence[Token], place: int, subject: Subject) -> bool:
    following = [token.word for token in sentence[place + 1 : place + 4]]
    return any(word in RELATIONS and word not in subject.relations for word in following)


def _turns_away(sentence: Sequence[Token], place: int, subject: Subject, starts_clause: bool) -> bool:
    word = sentence[place].word
    if (word in RELATIONS or word in _ACQUAINTANCES) and word not in subject.relations:
        return _is_subject(sentence, place)
    if word in subject.relations and place > 0 and sentence[place - 1].word == "other":
        return True
    if subject.proxy and word in ("i", "we") and (starts_clause or place == 0 or not is_word(sentence[place - 1])):
        return _tells_of_self(sentence, place)
    return False


def _is_subject(sentence: Sequence[Token], place: int) -> bool:
    after = [token.word for token in sentence[place + 1 : place + 4]]
    if any(word in _SAYING for word in after[:2]):
        return False
    start = place
    while start > 0 and is_word(sentence[start - 1]) and place - start < 3:
        start -= 1
        if sentence[start].word in _BEFORE_OBJECT:
            return False
        if sentence[start].word in ("my", "our", "his", "her", "their", "the", "a", "no"):
            return start == 0 or sentence[start - 1].word not in _BEFORE_OBJECT
    return start == 0 or not is_word(sentence[start - 1])


def _tells_of_self(sentence: Sequence[Token], place: int) -> bool:
    """A proxy's "I have asthma", not "I have noticed a rash" or "I think he has asthma"."""
    after = [token.word for token in sentence[place + 1 : place + 4]]
    if not after or after[0] not in ("have", "had", "get", "got", "'ve", "suffer", "also", "was", "am", "'m"):
        return False
    return not any(w.endswith(("ed", "ing", "n't")) or w in ("seen", "been", "taken", "to", "given") for w in after[1:])
