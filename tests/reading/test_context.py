"""The contextual stage of reading, with a small model of our own that hears words no list has."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rarescale.diagnose import open_diagnoser
from rarescale.knowledge import Knowledge
from rarescale.reading import Reader, compile_names, open_reader
from rarescale.reading.context import ContextFinder, ContextModel
from rarescale.reading.finder import Said
from rarescale.reading.index import Index, Name
from rarescale.reading.tokens import tokenize
from rarescale.record import Chat, Message, Note, Role, State
from tests.conftest import TOY
from tests.reading.tiny_context import as_file, hearing

SEIZURE, FEBRILE, BLINDNESS, TREMOR = "HP:0001250", "HP:0002373", "HP:0000618", "HP:0001337"
HEPATOMEGALY, POLYURIA, CONGENITAL, UNKNOWN = "HP:0002240", "HP:0000103", "HP:0003577", "HP:9999999"
ARRAYS = hearing(
    {
        SEIZURE: ["zonk", "wibbly"],
        FEBRILE: ["seizures"],
        BLINDNESS: ["darkly", "glim"],
        TREMOR: ["jiggly"],
        HEPATOMEGALY: ["n", "zink"],
        POLYURIA: ["sprongle"],
        CONGENITAL: ["birthly"],
        UNKNOWN: ["birthly"],
    },
    half={"sprangle": "sprongle"},
    denying=["glim"],
)
WORDS = ["he", "has", "no", "n't", "zonk", "zink", "wibbly", "glim", "tremor", ",", "?", ".", "sprangle", "but", "is"]


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("context") / "model.safetensors"
    path.write_bytes(as_file(ARRAYS))
    return path


@pytest.fixture(scope="module")
def reader(toy: Knowledge, model_path: Path) -> Reader:
    return open_reader(toy, context=model_path)


def found(reader: Reader, text: str) -> set[tuple[str | None, State, str]]:
    return {(f.id, f.state, f.source) for f in reader.read(Note(id="n", text=text)).findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He goes wibbly zonk all over.", {(SEIZURE, State.PRESENT, "context")}),
        ("He has never had zonk.", {(SEIZURE, State.ABSENT, "context")}),
        ("He hasn't had zonk.", {(SEIZURE, State.ABSENT, "context")}),
        ("Ann, 34, female. Her brother has zonk.", set()),
        ("Could it be zonk?", set()),
        ("His zonk went away.", set()),
        ("We planted beans along the fence.", set()),
        ("He is jiggly and darkly.", {(TREMOR, State.PRESENT, "context"), (BLINDNESS, State.PRESENT, "context")}),
    ],
)
def test_words_of_no_list_are_heard(reader: Reader, text: str, expected: set[tuple[str | None, State, str]]) -> None:
    assert found(reader, text) == expected


def test_a_denial_that_tells_is_none_and_words_that_deny_need_none(reader: Reader) -> None:
    assert found(reader, "He doesn't zink.") == {(HEPATOMEGALY, State.PRESENT, "context")}
    assert found(reader, "No zonk and he doesn't zink.") == {
        (SEIZURE, State.ABSENT, "context"),
        (HEPATOMEGALY, State.PRESENT, "context"),
    }
    assert found(reader, "His glim was tested.") == {(BLINDNESS, State.ABSENT, "context")}
    assert found(reader, "He has no glim.") == {(BLINDNESS, State.ABSENT, "context")}


def test_a_yes_or_no_answers_a_question_in_such_words(reader: Reader) -> None:
    def answered(answer: str) -> list[tuple[str | None, State]]:
        asked = Message(role=Role.CLINICIAN, content="Thank you. Does he have zonk?")
        chat = Chat(id="c", messages=(asked, Message(role=Role.PATIENT, content=answer)))
        return [(f.id, f.state) for f in reader.read(chat).findings]

    assert answered("Yes, he does.") == [(SEIZURE, State.PRESENT)]
    assert answered("No.") == [(SEIZURE, State.ABSENT)]


def test_a_finding_says_where_it_stands_and_how_sure_it_is(reader: Reader) -> None:
    text = "Since May he goes wibbly, zonk and all."
    (finding,) = reader.read(Note(id="n", text=text)).findings
    assert finding.quote == "wibbly, zonk"
    assert finding.span is not None and finding.quote == text[slice(*finding.span)]
    assert finding.confidence is not None and finding.confidence > 0.9
    assert (finding.label, finding.text) == ("Seizure", "Seizure")


def test_what_is_half_heard_is_uncertain(reader: Reader) -> None:
    reading = reader.read(Note(id="n", text="He has sprangle."))
    assert reading.findings == ()
    assert [(f.id, f.source) for f in reading.uncertain] == [(POLYURIA, "context")]


def test_what_is_no_finding_of_the_ontology_is_never_found(reader: Reader) -> None:
    reading = reader.read(Note(id="n", text="It is birthly."))
    assert (reading.findings, reading.uncertain) == ((), ())


def test_words_with_a_certain_name_are_not_guessed_at(toy: Knowledge, reader: Reader) -> None:
    for text in ("He has seizures.", "He has had seizures and a tremor.", "No tremor, but a big liver."):
        assert found(reader, text) == found(open_reader(toy, context=False), text)


def test_a_term_is_not_heard_beside_the_name_of_its_kin(toy: Knowledge) -> None:
    # "jiggly" tells tremor, and so (a little less) do the words of the name "tremor".
    model = ContextModel(hearing({TREMOR: ["jiggly", "tremor"], BLINDNESS: ["darkly"]}, half={}, denying=[]))
    index = Index(compile_names([Name(TREMOR, "tremor", "label")]), toy.ontology.ancestor_ids)
    finder = ContextFinder(index, model, toy.ontology)

    def terms(text: str) -> list[str]:
        (matches,) = finder.find([Said(tokenize(text), text)])
        return [finder.source(m.row) for m in matches]

    assert terms("a jiggly hand") == ["context"]
    assert terms("a jiggly tremor") == ["dictionary"]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({SEIZURE: ["zonk"], BLINDNESS: ["zonk", "blip", "blop"]}, {SEIZURE}),
        ({SEIZURE: ["zonk", "blip", "blop"], BLINDNESS: ["zonk"]}, {BLINDNESS}),
        ({SEIZURE: ["zonk"], FEBRILE: ["flim", "blip", "blop"]}, {SEIZURE}),
        ({SEIZURE: ["zonk", "blip", "blop"], FEBRILE: ["flim"]}, {FEBRILE}),
        ({SEIZURE: ["zonk"], BLINDNESS: ["flim", "blip", "blop"]}, {SEIZURE, BLINDNESS}),
    ],
    ids=["same words", "same words, other surer", "kin", "kin, other surer", "neither"],
)
def test_the_surer_of_two_rivals_is_kept(toy: Knowledge, told: dict[str, list[str]], kept: set[str]) -> None:
    # A term of three words is heard less surely in one of them.
    index = Index(compile_names([Name(TREMOR, "tremor", "label")]), toy.ontology.ancestor_ids)
    finder = ContextFinder(index, ContextModel(hearing(told, half={}, denying=[])), toy.ontology)
    text = "zonk has flim"
    (matches,) = finder.find([Said(tokenize(text), text)])
    assert {finder.name(m.row).term for m in matches} == kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=4))
def test_quotes_are_what_stands_at_their_place(reader: Reader, texts: list[str]) -> None:
    chat = Chat(id="c", messages=tuple(Message(role=Role.PATIENT, content=text) for text in texts))
    reading = reader.read(chat)
    assert reading == reader.read(chat)
    for finding in (*reading.findings, *reading.uncertain):
        assert finding.span is not None and finding.message is not None
        assert finding.quote == texts[finding.message][slice(*finding.span)]
        assert finding.confidence is not None


@pytest.mark.parametrize("text", ["", " ", "?", "no", "...", "No, not never.", "\u0301 \u2019"])
def test_empty_talk_is_read(reader: Reader, text: str) -> None:
    assert reader.read(Note(id="n", text=text)).findings == ()


def test_a_diagnoser_reads_with_the_model_it_is_given(model_path: Path) -> None:
    understood = open_diagnoser(TOY, context=model_path).understand(Note(id="n", text="He has zonk."))
    assert [(f.id, f.source) for f in understood.findings] == [(SEIZURE, "context")]
