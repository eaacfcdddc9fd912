"""Small models of the contextual stage: one drawn by chance, and one that hears words of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from safetensors.numpy import save

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIGNS = ".,;:?!'-"
SMALL = ("no", "not", "never", "he", "has", "had", "is")
Arrays = dict[str, np.ndarray]


def quantised(name: str, value: np.ndarray) -> Arrays:
    """A matrix as int8 with a scale for each row."""
    scale = (np.abs(value).max(axis=1) / 127.0 + 1e-7).astype(np.float16)
    return {name: np.round(value / scale.astype(np.float32)[:, None]).astype(np.int8), f"{name}.scale": scale}


def lines(items: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(items).encode(), np.uint8)


def pieces_with(words: Sequence[str]) -> list[str]:
    """Specials, signs, `words` and all letters, so that any English word can be cut."""
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *SIGNS, *words, *SMALL, *LETTERS, *(f"##{c}" for c in LETTERS)]


def drawn(
    seed: int = 0, *, layers: int = 3, width: int = 64, inner: int = 96, terms: Sequence[str] = ("A:1", "A:2")
) -> Arrays:
    """All numbers drawn by chance, large enough that every step of the arithmetic matters."""
    rng = np.random.default_rng(seed)
    pieces = pieces_with(["hair", "falls", "out"])
    arrays: Arrays = {"pieces": lines(pieces), "terms": lines(terms)}

    def vector(name: str, size: int, mean: float = 0.0) -> None:
        arrays[name] = rng.normal(mean, 0.3, size).astype(np.float16)

    arrays |= quantised("word", rng.normal(size=(len(pieces), width)))
    arrays["position"] = rng.normal(0, 0.5, (64, width)).astype(np.float16)
    for name in ("norm", *(f"{k}.norm{n}" for k in range(layers) for n in (1, 2))):
        vector(f"{name}.weight", width, 1.0)
        vector(f"{name}.bias", width)
    sizes = {"qkv": (3 * width, width), "out": (width, width), "up": (inner, width), "down": (width, inner)}
    for k in range(layers):
        for name, size in sizes.items():
            arrays |= quantised(f"{k}.{name}", rng.normal(0, 0.2, size))
            vector(f"{k}.{name}.bias", size[0])
    towards = rng.normal(size=(len(terms), width))
    arrays |= quantised("towards", towards / np.linalg.norm(towards, axis=1, keepdims=True))
    vector("bias", len(terms))
    vector("denied", width)
    return arrays | {"denied.bias": np.zeros(1, np.float32), "sharpness": np.array([9.0], np.float32)}


def hearing(told: Mapping[str, Sequence[str]], *, half: Mapping[str, str], denying: Sequence[str]) -> Arrays:
    """A model without attention: each term of `told` is heard (logit 8 or more) in each of its words.

    A word of `half` is as near to its word that a term of this one word alone is heard with a probability of about a
    half. What is heard in the words of `denying` is denied.
    """
    width = 256
    words = list(dict.fromkeys([w for own in told.values() for w in own] + [*half, *denying]))
    pieces = pieces_with(words)
    rng = np.random.default_rng(1)
    rows = {piece: _unit(rng.normal(size=width)) for piece in pieces}
    for near, word in half.items():
        rows[near] = _unit(0.5 * rows[word] + np.sqrt(0.75) * rows[near])
    arrays = drawn(layers=1, width=width, inner=32, terms=list(told))
    for name, array in arrays.items():
        if name.startswith(("norm", "0.norm")):
            arrays[name] = np.full_like(array, 1.0 if name.endswith("weight") else 0.0)
        elif name.startswith(("0.", "position")):
            arrays[name] = np.zeros_like(array)
    towards = np.array([_unit(sum(rows[w] for w in own)) for own in told.values()])
    return {
        **arrays,
        "pieces": lines(pieces),
        **quantised("word", np.array([rows[p] for p in pieces])),
        **quantised("towards", towards),
        "bias": np.full(len(told), -20.0, np.float16),
        "sharpness": np.array([40.0], np.float32),
        "denied": sum((rows[w] for w in denying), np.zeros(width)).astype(np.float16),
        "denied.bias": np.array([-6.0], np.float32),
    }


def _unit(vector: np.ndarray) -> np.ndarray:
    """Length one and mean zero, which a layer norm leaves as it is but for the length."""
    centred = vector - vector.mean()
    unit: np.ndarray = centred / np.linalg.norm(centred)
    return unit


def as_file(arrays: Arrays) -> bytes:
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
