"""The window model, with a small one of our own, as candidate models are trained with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rarescale import reading
from rarescale.knowledge import Knowledge
from rarescale.reading import Model, Name, Reader, half_of, partial_reader
from rarescale.reading.learned.features import key
from rarescale.record import Chat, Message, Note, Role, State

SEIZURE, BLINDNESS, HEPATOMEGALY, UNKNOWN = "HP:0001250", "HP:0000618", "HP:0002240", "HP:9999999"
WIDTH = 256
WORDS = ["he", "has", "no", "zonk", "wibbl", "darkl", "glim", "seizures", ",", "?", ".", "house", "but", "is"]


def small_model(told: Mapping[str, Sequence[str]], half: Mapping[str, str]) -> Model:
    """Each term is surely told by its words side by side; with a word of `half` in place of its word, half surely.

    Words are their own stems.
    """
    words = sorted({w for own in told.values() for w in own} | set(half), key=lambda w: key("s " + w))
    rng = np.random.default_rng(1)
    rows = {word: _unit(rng.normal(size=WIDTH)) for word in words}
    for near, word in half.items():
        rows[near] = _unit(0.5 * rows[word] + np.sqrt(0.75) * rows[near])
    vectors = np.array([_unit(rng.normal(size=WIDTH)), *(rows[w] for w in words)])
    sizes = np.abs(vectors).max(axis=1) / 127.0
    towards = np.array([20.0 * _unit(sum(rows[w] for w in own)) for own in told.values()])
    return Model(
        {
            "keys": np.array([key("s " + w) for w in words], np.uint32),
            "vectors": np.round(vectors / sizes[:, None]).astype(np.int8),
            "sizes": sizes.astype(np.float16),
            "towards": np.concatenate([towards, np.zeros((2, WIDTH))]).astype(np.float16),
            "bias": np.array([-15.0] * len(told) + [0.0, -5.0], np.float16),
            "terms": np.frombuffer("\n".join(told).encode(), np.uint8),
        }
    )


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit


MODEL = small_model(
    {
        SEIZURE: ["zonk", "wibbl"],
        BLINDNESS: ["darkl", "glim"],
        HEPATOMEGALY: ["-", "zink"],
        UNKNOWN: ["birthl", "brum"],
    },
    half={"sprangl": "wibbl"},
)


@pytest.fixture(scope="module")
def reader(toy: Knowledge) -> Reader:
    return partial_reader(toy, MODEL, lambda expression: True)


def found(reader: Reader, text: str) -> set[tuple[str | None, State, str]]:
    return {(f.id, f.state, f.source) for f in reader.read(Note(id="n", text=text)).findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He goes zonk wibbl all over.", {(SEIZURE, State.PRESENT, "learned")}),
        ("He has never had zonk wibbl.", {(SEIZURE, State.ABSENT, "learned")}),
        ("Ann, 34, female. Her brother has zonk wibbl.", set()),
        ("Could it be zonk wibbl?", set()),
        ("He goes zonk, but wibbl is another matter.", set()),
        ("He doesn't zink.", {(HEPATOMEGALY, State.PRESENT, "learned")}),
        ("We planted beans along the fence.", set()),
        ("It is birthl brum.", set()),
        ("He has had seizures.", {(SEIZURE, State.PRESENT, "dictionary")}),
        ("Seizures and darkl glim.", {(SEIZURE, State.PRESENT, "dictionary"), (BLINDNESS, State.PRESENT, "learned")}),
    ],
)
def test_windows_of_words_tell_terms(reader: Reader, text: str, expected: set[tuple[str | None, State, str]]) -> None:
    assert found(reader, text) == expected


def test_what_is_half_sure_is_uncertain(reader: Reader) -> None:
    read = reader.read(Note(id="n", text="He goes zonk sprangl."))
    assert read.findings == ()
    assert [(f.id, f.source) for f in read.uncertain] == [(SEIZURE, "learned")]


def test_a_yes_or_no_answers_a_question_in_such_words(reader: Reader) -> None:
    asked = Message(role=Role.CLINICIAN, content="Thank you. Does he go zonk wibbl?")
    chat = Chat(id="c", messages=(asked, Message(role=Role.PATIENT, content="No.")))
    assert [(f.id, f.state) for f in reader.read(chat).findings] == [(SEIZURE, State.ABSENT)]


def test_a_partial_reader_knows_its_half_of_the_lay_expressions(
    toy: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay = {half_of(text): text for text in ("yellow eyes", "violet ears", "purple knees", "orange toes")}
    names = [Name(HEPATOMEGALY, "big liver", "label"), *(Name(BLINDNESS, text, "lay") for text in lay.values())]
    monkeypatch.setattr(reading, "names_of", lambda ontology: names)
    half = partial_reader(toy, MODEL, lambda expression: half_of(expression) == 0)
    assert found(half, f"He has {lay[0]} and a big liver.") == {
        (BLINDNESS, State.PRESENT, "dictionary"),
        (HEPATOMEGALY, State.PRESENT, "dictionary"),
    }
    assert found(half, f"He has {lay[1]}.") == set()


@given(st.lists(st.sampled_from(WORDS)).map(" ".join))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quotes_are_what_stands_at_their_place(reader: Reader, text: str) -> None:
    chat = Chat(id="c", messages=(Message(role=Role.PATIENT, content=text),))
    read = reader.read(chat)
    assert read == reader.read(chat)
    for finding in (*read.findings, *read.uncertain):
        assert finding.span is not None
        assert finding.quote == text[slice(*finding.span)]
        assert finding.confidence is not None


def test_probabilities_are_shares_of_all_terms_and_nothing() -> None:
    windows = MODEL.windows(["zonk", "wibbl", "house"], [(0, 2), (1, 3)])
    rows, shares = MODEL.likely(windows, 0.3)
    assert rows.tolist() == [0]
    assert shares.shape == (1, len(MODEL.terms) + 1)
    assert shares.dtype == np.float32
    assert shares.sum() == pytest.approx(1.0, abs=1e-4)
    assert shares[0, 0] > 0.9
    rows, shares = MODEL.likely(windows, 0.0001)
    assert rows.tolist() == [0, 1] and shares[1, 0] < 0.9
