"""Readings as wholes: quotes, merging, language, what was not understood."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.reading import Reader, merge, read_all
from rarescale.record import Chat, Finding, Message, Note, Reading, Role, State, TermId
from tests.reading.toy_names import NAMES, READER, chat, note

WORDS = """no not n't don't but , . ? ! and or I he my his sister has if maybe ’ - yes No, é ASD 😀"""
PIECES = st.sampled_from([*(label for _, label, _ in NAMES), *WORDS.split(), "\n"])
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map(" ".join), st.text(max_size=60))


@given(st.lists(st.tuples(st.sampled_from(list(Role)), TEXTS), max_size=6))
def test_every_quote_is_what_stands_at_its_place(turns: list[tuple[Role, str]]) -> None:
    source = Chat(id="c", messages=tuple(Message(role=role, content=text) for role, text in turns))
    for finding in READER.read(source).findings:
        assert finding.message is not None and finding.span is not None
        message = source.messages[finding.message]
        assert message.role is Role.PATIENT
        assert message.content[slice(*finding.span)] == finding.quote != ""


@given(TEXTS)
def test_no_finding_is_listed_twice_and_none_in_two_states(text: str) -> None:
    ids = [f.id for f in READER.read(note(text)).findings]
    assert len(ids) == len(set(ids))


@given(TEXTS)
def test_what_is_not_understood_is_quoted(text: str) -> None:
    assert all(clause in text for clause in READER.read(note(text)).not_understood)


@given(st.sampled_from([label for _, label, _ in NAMES if label not in ("Falls",)]))
def test_every_name_is_found_alone_and_denied(label: str) -> None:
    assert label in {f.label for f in READER.read(note(f"There is {label.lower()}.")).findings}
    denied = READER.read(note(f"There is no evidence of {label.lower()}."))
    assert [(f.label, f.state) for f in denied.findings] == [(label, State.ABSENT)]


def finding(term: str, state: State = State.PRESENT, source: str = "a", confidence: float | None = None) -> Finding:
    return Finding(id=TermId(term), text=term, state=state, source=source, quote=source, confidence=confidence)


def test_the_same_finding_of_two_stages_is_one_with_both_sources() -> None:
    merged = merge(
        [
            Reading(findings=(finding("HP:0000001", source="dictionary", confidence=0.5),), age=3),
            Reading(findings=(finding("HP:0000001", source="lexicon", confidence=0.7),), age=4),
        ]
    )
    (one,) = merged.findings
    assert (one.source, one.quote, one.confidence, merged.age) == ("dictionary+lexicon", "dictionary", 0.7, 3)


def test_stages_that_disagree_leave_it_present_with_a_warning() -> None:
    merged = merge(
        [
            Reading(findings=(finding("HP:0000001", State.ABSENT),)),
            Reading(findings=(finding("HP:0000001", State.PRESENT, "b"),)),
        ]
    )
    assert [f.state for f in merged.findings] == [State.PRESENT]
    assert "HP:0000001" in merged.warnings[0]


def test_a_clause_is_not_understood_where_no_stage_understood_it() -> None:
    merged = merge([Reading(not_understood=("x y", "z")), Reading(not_understood=("z",))])
    assert merged.not_understood == ("z",)


def test_nothing_merges_to_nothing() -> None:
    assert merge([]) == Reading()


@given(st.lists(st.sampled_from(["HP:1", "HP:2", "HP:3"]), max_size=6))
def test_merging_a_reading_with_itself_changes_nothing(terms: list[str]) -> None:
    reading = Reading(findings=tuple(finding(t) for t in dict.fromkeys(terms)))
    assert merge([reading, reading]) == reading


def test_read_all_runs_every_reader() -> None:
    class Lexicon:
        name = "lexicon"

        def read(self, source: Chat | Note) -> Reading:
            return Reading(findings=(finding("HP:0001945", source=self.name), finding("HP:0000002", source=self.name)))

    readers: list[Reader] = [READER, Lexicon()]
    sources = [f.source for f in read_all(note("I have a fever."), readers).findings]
    assert sources == ["dictionary+lexicon", "lexicon"]


def test_clauses_that_tell_nothing_known_are_listed() -> None:
    reading = READER.read(chat("P: Hi doctor. The moon looks purple and I have a fever. His toes glow green."))
    assert "His toes glow green" in reading.not_understood
    assert not any("fever" in clause or "doctor" in clause for clause in reading.not_understood)


def test_another_language_is_warned_about_and_still_read() -> None:
    text = "Hallo, meine Tochter hat seit drei Tagen Asthma und kann nachts kaum noch richtig schlafen, was tun"
    reading = READER.read(note(text))
    assert "English" in reading.warnings[0]
    assert [f.label for f in reading.findings] == ["Asthma"]


@pytest.mark.parametrize(
    "text",
    ["I have had a fever and a rash for two days and my head hurts when I get up.", "fever", ""],
)
def test_english_and_short_texts_are_not_warned_about(text: str) -> None:
    assert READER.read(note(text)).warnings == ()


def test_reading_grows_in_step_with_the_text() -> None:
    def seconds(repeats: int) -> float:
        text = "My knees hurt and he has no fever, pain in hips, knees and ankles " * repeats
        start = time.thread_time()  # what other programs do meanwhile does not count
        READER.read(note(text))
        return time.thread_time() - start

    seconds(100)
    # Quadratic growth would take 64 times as long; the margin of 3 on the linear 8 is for a busy machine.
    assert min(seconds(1600) for _ in range(2)) < 24 * max(seconds(200), 0.005)
