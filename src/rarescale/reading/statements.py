"""The findings one message or note states, sentence by sentence, and the clauses in which none was found."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rarescale.reading.answers import Answer, answer_to
from rarescale.reading.finder import Finder, Said
from rarescale.reading.match import Match
from rarescale.reading.onset import When, times
from rarescale.reading.scopes import Scopes, Standing, clause_edges
from rarescale.reading.stems import weight
from rarescale.reading.subject import Subject, goes_on, others
from rarescale.reading.tokens import Token, is_word, sentences, tokenize
from rarescale.reading.wordlists import word_set

_SMALL_TALK = word_set(
    """
    hello hi hey good morning afternoon evening thanks thank please doctor dr writing sorry ok okay fine well bye
    yes no not n't never yeah nope sure know think thing things say said name old year years month months day days
    week weeks worried help question tell call dear welcome nothing none really right normal male female
    """
)
_LEAST_WORDS = 2
_REFERRING = word_set("it they this that these those started began since for from all both")
_SHORT_QUESTION, _SHORT_ANSWER = 6, 4
"""Most tokens of a question that the speaker answers himself, and of its answer."""


class Statement(NamedTuple):
    """A name found in a text, what the text says of it, and the half-open place of the words that say so.

    `confidence` is that of the match, None where its kind of name decides; `onset` as in `Finding`."""

    row: int
    standing: Standing
    unsure: bool
    span: tuple[int, int]
    confidence: float | None = None
    onset: str | None = None


class Sentence(NamedTuple):
    """A sentence with the names found in it, and the places where new clauses start."""

    tokens: list[Token]
    matches: list[Match]
    edges: list[int]

    @property
    def is_question(self) -> bool:
        """Whether it ends in a question mark."""
        return ends_in_question(self.tokens)

    @property
    def span(self) -> tuple[int, int]:
        """Its half-open place in the text."""
        return self.tokens[0].start, self.tokens[-1].end


def ends_in_question(tokens: Sequence[Token]) -> bool:
    """Whether the last of `tokens` is a question mark."""
    return tokens[-1].word == "?"


def cut_sentences(text: str) -> list[Said]:
    """The sentences of `text`."""
    return [Said(tokens, text) for tokens in sentences(tokenize(text))]


def read_sentences(texts: Sequence[Sequence[Said]], finder: Finder) -> list[list[Sentence]]:
    """The sentences of each text with the names in them; the finder gets those of all texts at once."""
    found = iter(finder.find([said for text in texts for said in text]))
    return [[Sentence(said.tokens, next(found), clause_edges(said.tokens)) for said in text] for text in texts]


def all_statements(
    read: Sequence[Sentence], subject: Subject, finder: Finder, *, age: float | None = None
) -> list[Statement]:
    """What the sentences of one text say of the findings they name, each understood after the ones before it.

    `age` of the patient in years, None where it is not known, tells when something began that has lasted so long.
    """
    found: list[Statement] = []
    before: list[Statement] = []
    other = False
    for number, sentence in enumerate(read):
        carried = goes_on(sentence.tokens, other, subject)
        flags = others(sentence.tokens, sentence.edges, subject, carried=carried)
        other = flags[-1]
        answer = _own_answer(read, number)
        if not sentence.matches and before and _tells_of_before(sentence):
            found[-len(before) :] = before = _begun(before, times(sentence.tokens, age))
            continue
        stated = statements(sentence, flags, finder, asking=answer is not None, age=age)
        before = [one if answer is None else _answered(one, answer) for one in stated]
        found += before
    return found


def _tells_of_before(sentence: Sentence) -> bool:
    """Whether a sentence without a finding can tell when the ones before it began ("It started two years ago.")."""
    return sentence.tokens[0].word in _REFERRING


def _begun(before: Sequence[Statement], told: Sequence[When]) -> list[Statement]:
    onset = told[0].onset if told else None
    return [one if one.onset or one.standing is not Standing.PRESENT else one._replace(onset=onset) for one in before]


def _onset(match: Match, told: Sequence[When], edges: Sequence[int]) -> str | None:
    """The time told in the clause of `match`, the nearest of several; else the only one told in the sentence."""
    clause = bisect_right(edges, match.first)
    own = [when for when in told if bisect_right(edges, when.first) == clause]
    if own:
        return min(own, key=lambda when: min(abs(when.first - match.last), abs(match.first - when.stop + 1))).onset
    return told[0].onset if len(told) == 1 and told[0].first > match.last else None


def _own_answer(read: Sequence[Sentence], number: int) -> Answer | None:
    """How the next sentence answers a short question that the speaker put himself ("Fever? No. Cough? Yes.")."""
    sentence = read[number]
    if not sentence.is_question or len(sentence.tokens) > _SHORT_QUESTION or number + 1 == len(read):
        return None
    following = read[number + 1].tokens
    if len(following) > _SHORT_ANSWER:
        return None
    answer = answer_to(" ".join(token.word for token in following))
    return answer if answer in (Answer.YES, Answer.NO) else None


def _answered(statement: Statement, answer: Answer) -> Statement:
    if statement.standing is Standing.PRESENT and answer is Answer.NO:
        return statement._replace(standing=Standing.ABSENT)
    return statement


def statements(
    sentence: Sentence, other: Sequence[bool], finder: Finder, *, asking: bool = False, age: float | None = None
) -> list[Statement]:
    """What `sentence` says of the findings it names; `other` says at which tokens it speaks of another person.

    A question of the patient states nothing from its last clause on ("could it be measles?"); with `asking` the
    sentence is the clinician's question and is judged as it stands. `age` as for `all_statements`.
    """
    if not sentence.matches:
        return []
    scopes = Scopes(sentence.tokens, sentence.edges, other)
    open_from = len(sentence.tokens)
    if sentence.is_question and not asking:
        open_from = max(sentence.edges, default=0)
    found = []
    told = times(sentence.tokens, age)
    for match in sentence.matches:
        verdict = scopes.judge(match)
        standing = Standing.UNSTATED if match.first >= open_from else verdict.standing
        if finder.is_trap(match.row):
            standing = Standing.ABSENT if standing is Standing.PRESENT else Standing.UNSTATED
        elif match.denied and standing is Standing.PRESENT:
            standing = Standing.ABSENT
        elif standing is Standing.ABSENT and (match.denial or finder.is_denial(match.row)):
            standing = Standing.PRESENT  # "no fever and no appetite": the first "no" does not undo the second
        span = (sentence.tokens[verdict.first].start, sentence.tokens[verdict.last].end)
        onset = _onset(match, told, sentence.edges) if told and standing is Standing.PRESENT else None
        found.append(Statement(match.row, standing, verdict.unsure, span, match.confidence, onset))
    return found


def unread_clauses(sentence: Sentence, text: str) -> Iterator[str]:
    """The clauses of `sentence` that say something in which no finding was named."""
    edges = [0, *sentence.edges, len(sentence.tokens)]
    for start, stop in pairwise(edges):
        named = any(start <= place < stop for match in sentence.matches for place in match.places)
        clause = sentence.tokens[start:stop]
        if clause and not named and _says_something(clause):
            yield text[clause[0].start : clause[-1].end].strip(" ,.;:-\n")


def _says_something(clause: Sequence[Token]) -> bool:
    telling = [t for t in clause if is_word(t) and t.word[0].isalpha() and t.word not in _SMALL_TALK and weight(t.word)]
    return len(telling) >= _LEAST_WORDS
