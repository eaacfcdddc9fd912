"""The contextual stage's model: its arithmetic against a literal restatement and BERT itself, its pieces, its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.reading.context import ContextModel, WordPiece, open_model
from rarescale.reading.context import model as model_file
from rarescale.reading.context.encoder import Encoder
from rarescale.reading.context.listening import listen, parts_of
from rarescale.reading.finder import Said
from rarescale.reading.tokens import sentences, tokenize
from tests.reading.tiny_context import Arrays, as_file, drawn, pieces_with

ARRAYS = drawn()
MODEL = ContextModel(ARRAYS)
SEQUENCES = st.lists(st.lists(st.integers(0, len(MODEL.pieces) - 1), min_size=1, max_size=64), min_size=1, max_size=12)


def whole(arrays: Arrays, name: str) -> np.ndarray:
    return arrays[name].astype(np.float64) * arrays[f"{name}.scale"].astype(np.float64)[:, None]


def literal_states(arrays: Arrays, sequence: list[int], layers: int = 3) -> np.ndarray:
    """BERT for one sequence, a piece and a head at a time, in float64."""

    def linear(name: str, x: np.ndarray) -> np.ndarray:
        return x @ whole(arrays, name).T + arrays[f"{name}.bias"]

    def norm(name: str, x: np.ndarray) -> np.ndarray:
        mean, variance = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-12) * arrays[f"{name}.weight"] + arrays[f"{name}.bias"]

    x = norm("norm", whole(arrays, "word")[sequence] + arrays["position"][: len(sequence)])
    width = x.shape[1]
    for k in range(layers):
        qkv = linear(f"{k}.qkv", x)
        taken = np.zeros_like(x)
        for head in range(width // 32):
            q, key, v = (qkv[:, part * width + head * 32 : part * width + head * 32 + 32] for part in range(3))
            for i in range(len(x)):
                share = np.exp(key @ q[i] / np.sqrt(32.0))
                taken[i, head * 32 : head * 32 + 32] = share @ v / share.sum()
        x = norm(f"{k}.norm1", x + linear(f"{k}.out", taken))
        u = linear(f"{k}.up", x)
        u = 0.5 * u * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (u + 0.044715 * u**3)))
        x = norm(f"{k}.norm2", x + linear(f"{k}.down", u))
    return x


@settings(deadline=None, max_examples=20)
@given(SEQUENCES)
def test_states_are_those_of_each_sequence_alone(sequences: list[list[int]]) -> None:
    states = Encoder(ARRAYS).states(sequences)
    expected = np.concatenate([literal_states(ARRAYS, sequence) for sequence in sequences])
    assert states.dtype == np.float32
    assert np.abs(states - expected).max() < 2e-4


def test_states_are_those_of_bert() -> None:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        vocab_size=len(MODEL.pieces),
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=96,
        max_position_embeddings=64,
        hidden_act="gelu_pytorch_tanh",
    )
    bert = transformers.BertModel(config, add_pooling_layer=False).eval()
    state: dict[str, np.ndarray] = {
        "embeddings.word_embeddings.weight": whole(ARRAYS, "word"),
        "embeddings.position_embeddings.weight": ARRAYS["position"],
        "embeddings.token_type_embeddings.weight": np.zeros((2, 64)),
        "embeddings.LayerNorm.weight": ARRAYS["norm.weight"],
        "embeddings.LayerNorm.bias": ARRAYS["norm.bias"],
    }
    places = {"out": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense"}
    norms = {"norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}
    for k in range(3):
        layer = f"encoder.layer.{k}."
        for part, name in enumerate(("query", "key", "value")):
            rows = slice(64 * part, 64 * part + 64)
            state[f"{layer}attention.self.{name}.weight"] = whole(ARRAYS, f"{k}.qkv")[rows]
            state[f"{layer}attention.self.{name}.bias"] = ARRAYS[f"{k}.qkv.bias"][rows]
        for ours, theirs in places.items():
            state[f"{layer}{theirs}.weight"] = whole(ARRAYS, f"{k}.{ours}")
            state[f"{layer}{theirs}.bias"] = ARRAYS[f"{k}.{ours}.bias"]
        for ours, theirs in norms.items():
            state[f"{layer}{theirs}.weight"] = ARRAYS[f"{k}.{ours}.weight"]
            state[f"{layer}{theirs}.bias"] = ARRAYS[f"{k}.{ours}.bias"]
    bert.load_state_dict({name: torch.from_numpy(value.astype(np.float32)) for name, value in state.items()})
    sequences = [[2, 12, 13, 14, 3], [2, *range(4, 60), 3], [2, 20, 3]]
    states = Encoder(ARRAYS).states(sequences)
    first = 0
    for sequence in sequences:
        with torch.no_grad():
            theirs = bert(input_ids=torch.tensor([sequence])).last_hidden_state[0].numpy()
        assert np.abs(states[first : first + len(sequence)] - theirs).max() < 2e-4
        first += len(sequence)


def test_logits_are_cosines_times_sharpness_and_marks_tell_nothing() -> None:
    sequence = [12, 13, 14]
    (heard,) = MODEL.hear([sequence], -100.0)
    states = literal_states(ARRAYS, [2, *sequence, 3])[1:-1]
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    assert heard.terms.tolist() == [0, 1]
    assert heard.logits == pytest.approx(9.0 * unit @ whole(ARRAYS, "towards").T + ARRAYS["bias"], abs=1e-3)
    assert heard.denied == pytest.approx(states @ ARRAYS["denied"].astype(np.float64), abs=2e-3)
    highest = heard.logits.max(axis=0)
    (fewer,) = MODEL.hear([sequence], float(highest.max()) - 1e-4)
    assert fewer.terms.tolist() == [int(highest.argmax())]


@pytest.mark.parametrize("least", [-4.0, 0.0, 3.0, 6.0])
def test_no_term_is_missed_that_reaches_the_least_logit(least: float) -> None:
    model = ContextModel(drawn(seed=3, width=256, terms=[f"A:{k}" for k in range(600)]))
    sequences = [[n % 20 + 4, n % 7 + 20, n % 11 + 30] for n in range(12)]
    for heard, whole in zip(model.hear(sequences, least), model.hear(sequences, -100.0), strict=True):
        assert heard.terms.tolist() == np.flatnonzero(whole.logits.max(axis=0) >= least).tolist()
        assert heard.logits == pytest.approx(whole.logits[:, heard.terms], abs=1e-4)


def test_many_sequences_are_heard_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = [[n % 20 + 4] * (n % 9 + 1) for n in range(40)]
    at_once = MODEL.hear(sequences, -100.0)
    monkeypatch.setattr(model_file, "BATCH", 20)
    for one, other in zip(at_once, MODEL.hear(sequences, -100.0), strict=True):
        assert one.logits == pytest.approx(other.logits, abs=1e-4)
    assert MODEL.hear([], 0.0) == []


TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(["hair", "falls", ",", "it", "is", "don't", "na\u00efve", "-"]), max_size=80).map(
        " ".join
    ),
)


@settings(deadline=None)
@given(TEXTS)
def test_parts_hold_every_piece_of_a_sentence_in_order(text: str) -> None:
    for tokens in sentences(tokenize(text)):
        parts = list(parts_of(Said(tokens, text), MODEL.pieces, MODEL.longest))
        assert all(0 < len(part.pieces) == len(part.places) <= MODEL.longest - 2 for part in parts)
        places = [place for part in parts for place in part.places]
        assert places == sorted(places)
        cut = [n for t in tokens for n in MODEL.pieces.cut(text[t.start : t.end].replace("\u2019", "'"))[:62]]
        assert [n for part in parts for n in part.pieces] == cut


def test_a_long_sentence_is_cut_after_a_comma() -> None:
    text = " ".join(["hair"] * 30 + [","] + ["falls"] * 45)
    parts = list(parts_of(Said(tokenize(text), text), MODEL.pieces, MODEL.longest))
    assert [len(part.places) for part in parts] == [31, 45]
    (told,) = listen(MODEL, [Said(tokenize(text), text)], -100.0)
    assert told.logits.shape == (76, 2)
    assert np.isfinite(told.logits).all()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hair", ["hair"]),
        ("n't", ["n", "'", "t"]),
        ("na\u00efve", ["n", "##a", "##i", "##v", "##e"]),
        ("hairfallsout", ["hair", "##f", "##a", "##l", "##l", "##s", "##o", "##u", "##t"]),
        ("37", ["[UNK]"]),
        ("\u0301", []),
    ],
)
def test_words_are_cut_as_in_bert(text: str, pieces: list[str]) -> None:
    known = pieces_with(["hair", "falls", "out"])
    assert [known[n] for n in WordPiece(known).cut(text)] == pieces


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("terms"), "it has no array terms"),
        (lambda a: a.pop("1.up.bias"), r"it has no array 1\.up\.bias"),
        (lambda a: a.update(pieces=a["pieces"][6:]), r"its pieces lack \[PAD\]|word has the shape"),
        (lambda a: a.update(bias=a["bias"][1:]), r"bias has the shape \(1,\); expected \(2,\)"),
        (lambda a: a.update(word=a["word"][:, :50]), "its vectors are 50 wide; expected a multiple of 32"),
    ],
)
def test_a_file_of_another_layout_is_refused(tmp_path: Path, change: Callable[[Arrays], object], message: str) -> None:
    arrays = drawn()
    change(arrays)
    path = tmp_path / "model.safetensors"
    path.write_bytes(as_file(arrays))
    with pytest.raises(UsageError, match=message) as error:
        open_model(path)
    assert "--context-model FILE" in str(error.value)


def test_no_file_and_a_broken_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file .*none\.safetensors; expected .* --context-model FILE"):
        open_model(tmp_path / "none.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"no model")
    with pytest.raises(UsageError, match=r"broken\.safetensors is no model"):
        open_model(tmp_path / "broken.safetensors")
