"""Readers of chats and notes: what a finder finds, with what the text says of it; and the dictionary reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rarescale.reading.answers import answer_to, unnamed
from rarescale.reading.finder import Finder, NameFinder, Said
from rarescale.reading.index import CONFIDENCE, WEAK_NAME, Ancestors, Index, Name, compile_names
from rarescale.reading.language import language_warning
from rarescale.reading.merge import settle_states
from rarescale.reading.persons import Patient, patient_of
from rarescale.reading.scopes import Standing
from rarescale.reading.statements import (
    Sentence,
    Statement,
    all_statements,
    cut_sentences,
    ends_in_question,
    read_sentences,
    statements,
    unread_clauses,
)
from rarescale.reading.subject import Subject, others
from rarescale.record import Chat, Finding, Message, Note, Reading, Role, State, TermId

_UNSURE = 0.5
_MOST_UNREAD = 12
"""How many clauses `not_understood` lists at most."""


class _Found(NamedTuple):
    """A statement of the patient's with the message it stands in (None for a note) and that message's text."""

    statement: Statement
    message: int | None
    text: str


class FindingReader:
    """Reads what its finder finds as findings of the patient.

    Reading is linear in the length of the text and has no state: one reader serves any number of threads.
    """

    def __init__(self, finder: Finder, *, name: str, least: float = 0.0, most: int | None = None) -> None:
        """`finder` says what there is to find; `name` names the reader.

        Where a stage weighs each match, findings less sure than `least` are `uncertain`. `most`: how many sentences
        the finder hears in full, which a warning says of longer texts; None: all.
        """
        self._finder, self._name, self._least, self._most = finder, name, least, most

    @property
    def name(self) -> str:
        """Name of the reader."""
        return self._name

    def read(self, source: Chat | Note) -> Reading:
        """The findings of the patient in `source`, with age and sex where the first lines tell them.

        Only the patient's statements count, and the clinician's questions through their answers.
        """
        texts = [cut_sentences(source.text)] if isinstance(source, Note) else [*map(_worth_reading, source.messages)]
        words = [token.word for text in _of_patient(source, texts) for said in text for token in said.tokens]
        patient = patient_of(source, words)
        read = read_sentences(texts, self._finder)
        if isinstance(source, Note):
            found, unread = self._note(source, patient, read[0])
        else:
            found, unread = self._chat(source, patient, read)
        findings, conflicts = settle_states(self._findings(f for f in found if not self._is_hint(f.statement)))
        hints, _ = settle_states(self._findings(f for f in found if self._is_hint(f.statement)))
        told = {f.id for f in findings}
        foreign = language_warning(words)
        return Reading(
            findings=findings,
            uncertain=tuple(f for f in hints if f.id not in told),
            sex=patient.sex,
            age=patient.age,
            not_understood=tuple(dict.fromkeys(unread))[:_MOST_UNREAD],
            warnings=(*([foreign] if foreign else []), *self._cut_short(sum(map(len, texts))), *conflicts),
        )

    def _cut_short(self, count: int) -> list[str]:
        """The warning for a text of `count` sentences that is too long."""
        if self._most is None or count <= self._most:
            return []
        return [
            f"the text has {count} sentences; after the first {self._most} only known names and expressions are found. "
            "Give the part that tells of the patient."
        ]

    def _is_hint(self, statement: Statement) -> bool:
        return statement.confidence is not None and statement.confidence < self._least

    def _note(self, note: Note, patient: Patient, read: Sequence[Sentence]) -> tuple[list[_Found], list[str]]:
        found = [
            _Found(s, None, note.text) for s in all_statements(read, patient.subject, self._finder, age=patient.age)
        ]
        return found, [clause for sentence in read for clause in unread_clauses(sentence, note.text)]

    def _chat(
        self, chat: Chat, patient: Patient, texts: Sequence[Sequence[Sentence]]
    ) -> tuple[list[_Found], list[str]]:
        found: list[_Found] = []
        unread: list[str] = []
        question: list[Statement] = []
        for number, (message, read) in enumerate(zip(chat.messages, texts, strict=True)):
            if message.role is Role.CLINICIAN:
                question = self._question(read, patient.subject)
            elif message.role is Role.PATIENT:
                own = all_statements(read, patient.subject, self._finder, age=patient.age)
                answered = self._answered(question, own, read, message.content)
                found += [_Found(s, number, message.content) for s in (*own, *answered)]
                unread += [clause for sentence in read for clause in unread_clauses(sentence, message.content)]
                question = []
        return found, unread

    def _question(self, questions: Sequence[Sentence], subject: Subject) -> list[Statement]:
        """What the last question of a clinician's message asks for."""
        if not questions:
            return []
        last = questions[-1]
        asked = statements(last, others(last.tokens, last.edges, subject), self._finder, asking=True)
        return [s for s in asked if s.standing in (Standing.PRESENT, Standing.ABSENT)]

    def _answered(
        self, question: Sequence[Statement], own: Sequence[Statement], read: Sequence[Sentence], text: str
    ) -> list[Statement]:
        """The asked findings that `text` answers without naming them."""
        if not question or not read:
            return []
        named = [s.row for s in own if not self._is_hint(s)]
        silent = [asked for asked in question if not any(self._related(asked.row, row) for row in named)]
        some_named = len(silent) < len(question)
        states = unnamed(answer_to(text), [s.standing is Standing.ABSENT for s in silent], some_named=some_named)
        return [
            Statement(asked.row, Standing.PRESENT if state else Standing.ABSENT, False, read[0].span, asked.confidence)
            for asked, state in zip(silent, states, strict=True)
            if state is not None
        ]

    def _related(self, row: int, other: int) -> bool:
        a, b = self._finder.name(row).term, self._finder.name(other).term
        return a == b or self._finder.is_above(a, b) or self._finder.is_above(b, a)

    def _findings(self, found: Iterable[_Found]) -> Iterator[Finding]:
        """One finding per term and state, from the first statement that is not in doubt, else the first."""
        first: dict[tuple[str, Standing], _Found] = {}
        for one in found:
            if one.statement.standing not in (Standing.PRESENT, Standing.ABSENT):
                continue
            key = (self._finder.name(one.statement.row).term, one.statement.standing)
            if key not in first or (first[key].statement.unsure and not one.statement.unsure):
                first[key] = one
        for one in first.values():
            yield self._finding(one)

    def _finding(self, one: _Found) -> Finding:
        statement, name = one.statement, self._finder.name(one.statement.row)
        confidence = statement.confidence
        if confidence is None:
            confidence = CONFIDENCE.get(name.kind, WEAK_NAME)
        return Finding(
            id=TermId(name.term),
            text=name.text,
            label=self._finder.label(statement.row),
            state=State.PRESENT if statement.standing is Standing.PRESENT else State.ABSENT,
            onset=statement.onset,
            quote=one.text[slice(*statement.span)],
            message=one.message,
            span=statement.span,
            source=self._finder.source(statement.row),
            confidence=min(confidence, _UNSURE) if statement.unsure else confidence,
        )


def _worth_reading(message: Message) -> list[Said]:
    """The sentences of the patient, and the last question of a clinician's message."""
    if message.role is Role.PATIENT:
        return cut_sentences(message.content)
    if message.role is Role.CLINICIAN:
        return [said for said in cut_sentences(message.content) if ends_in_question(said.tokens)][-1:]
    return []


def _of_patient(source: Chat | Note, texts: list[list[Said]]) -> list[list[Said]]:
    """Those of the `texts` of `source` that are the patient's."""
    if isinstance(source, Note):
        return texts
    return [text for message, text in zip(source.messages, texts, strict=True) if message.role is Role.PATIENT]


class DictionaryReader(FindingReader):
    """Finds the names it is made of, whatever their word order, number and spelling; see the package's docstring."""

    def __init__(self, names: Sequence[Name], *, ancestors: Ancestors, name: str = "dictionary") -> None:
        """`names` of phenotypes only (no onsets or modifiers); `name` becomes the source of the findings."""
        super().__init__(NameFinder(Index(compile_names(names), ancestors), name), name=name)
