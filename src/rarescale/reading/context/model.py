"""The trained model of the contextual stage: pieces of sentences in, the terms they tell out.

The file (``model.safetensors``; t terms, V pieces, vectors d wide in heads of 32, f inside) holds ``pieces`` uint8, the
word pieces as UTF-8 lines in the order of their numbers; ``word`` int8 (V, d) with ``word.scale`` (V,); ``position``
(P, d) with the token type added in, so a sequence has at most P pieces; ``norm.weight``, ``norm.bias`` (d,). For each
layer k from 0: ``k.qkv`` int8 (3 d, d), ``k.out`` int8 (d, d), ``k.up`` int8 (f, d), ``k.down`` int8 (d, f), each with
``.scale`` and ``.bias``, one number a row (rows are outputs), and ``k.norm1``, ``k.norm2`` with ``.weight`` and
``.bias``. ``terms`` uint8, ids as UTF-8 lines; ``towards`` int8 (t, d) with ``towards.scale`` (t,), rows of length one;
``bias`` (t,); ``sharpness`` float32 (1,); ``denied`` (d,), ``denied.bias`` float32 (1,). What has no type here is
float16. It is made by ``runs/context_reader.py``.

The logit of a term at a piece is sharpness times the cosine of the piece's state and the term's row, plus bias; in a
sentence it is the greatest of its pieces. The logit of what a piece tells being denied is its state's product with
``denied``, plus bias.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from rarescale.errors import UsageError
from rarescale.reading.context.encoder import HEAD_WIDTH, LINEARS, NORMS, Encoder, layers_in
from rarescale.reading.context.wordpiece import SPECIAL, WordPiece

BATCH = 512
"""About how many pieces go through the model at once: more is no faster, and memory stays small for a long text."""

AXES = 128
"""Directions in which all states and terms are compared, to leave out terms that cannot be heard; see `_Bounds`."""

_SLACK = 0.01
"""Rounding of a bound, by far."""

Array = np.ndarray


class Heard(NamedTuple):
    """What a sequence may tell: rows of terms (k,), at its n pieces without the marks their logits, float32 (n, k), and
    the logit of what is told there being denied, float32 (n,)."""

    terms: Array
    logits: Array
    denied: Array


class ContextModel:
    """Scores terms at pieces; read-only, so one model serves any number of threads."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """`arrays` as the module's docstring lays out. Raises ValueError that says where they differ from it."""
        _check(arrays)
        self.pieces = WordPiece(_lines(arrays["pieces"]))
        self.terms: list[str] = _lines(arrays["terms"])
        self._encoder = Encoder(arrays)
        slope = arrays["towards.scale"].astype(np.float32) * arrays["sharpness"]
        self._towards = arrays["towards"].astype(np.float32) * slope[:, None]
        self._bias = arrays["bias"].astype(np.float32)
        self._bounds = _Bounds(self._towards, self._bias)
        self._denied, self._denied_bias = arrays["denied"].astype(np.float32), arrays["denied.bias"]

    @property
    def longest(self) -> int:
        """Most pieces of a sequence, its two marks included."""
        return self._encoder.longest

    def hear(self, sequences: Sequence[Sequence[int]], least: float) -> list[Heard]:
        """For each of `sequences` (numbers of pieces without marks, none empty) the terms with a logit of `least`."""
        found: list[Heard] = []
        for batch in _batches(sequences):
            marked = [(self.pieces.start, *sequence, self.pieces.stop) for sequence in batch]
            tells = np.concatenate([np.arange(len(sequence)) % (len(sequence) - 1) > 0 for sequence in marked])
            states = self._encoder.states(marked, np.flatnonzero(tells))
            denied = states @ self._denied + self._denied_bias
            states /= np.linalg.norm(states, axis=1, keepdims=True)
            near = self._bounds.near(states, least)
            logits = states @ self._towards[near].T + self._bias[near]
            first = 0
            for sequence in batch:
                own = slice(first, first + len(sequence))
                heard = np.flatnonzero(logits[own].max(axis=0) >= least)
                found.append(Heard(near[heard], logits[own, heard], denied[own]))
                first += len(sequence)
        return found


class _Bounds:
    """Upper bounds of logits, three times cheaper than the logits and seldom reached by more than a few terms.

    A product of two vectors is at most that of their parts along some axes, plus the product of the lengths of what is
    left of each (Cauchy and Schwarz). Good axes are those along which the terms differ most, here after one step of
    subspace iteration from some of the terms (Halko N et al. SIAM Review 2011;53:217).
    """

    def __init__(self, towards: Array, bias: Array) -> None:
        """`towards` float32 (t, d), `bias` float32 (t,)."""
        some = towards[::4]
        start = some[:: -(-len(some) // AXES)].T
        self._axes: Array = np.linalg.qr(some.T @ (some @ start))[0]
        along = towards @ self._axes
        self._terms = np.concatenate([along.T, [_rest(towards, along), bias]])

    def near(self, states: Array, least: float) -> Array:
        """The rows of all terms that may have a logit of `least` at one of `states`, float32 (n, d) of length one."""
        along = states @ self._axes
        rest = _rest(states, along)
        bounds = np.column_stack([along, rest, np.ones_like(rest)]) @ self._terms
        return np.flatnonzero(bounds.max(axis=0) >= least - _SLACK)


def _rest(vectors: Array, along: Array) -> Array:
    """The length of what the axes leave of each vector."""
    rest: Array = np.sqrt(np.maximum((vectors * vectors).sum(axis=1) - (along * along).sum(axis=1), np.float32(0.0)))
    return rest


def _batches(sequences: Sequence[Sequence[int]]) -> Iterator[Sequence[Sequence[int]]]:
    first = size = 0
    for k, sequence in enumerate(sequences):
        if size >= BATCH:
            yield sequences[first:k]
            first, size = k, 0
        size += len(sequence) + 2
    if sequences:
        yield sequences[first:]


def _lines(array: Array) -> list[str]:
    return array.tobytes().decode().split("\n")


def _check(arrays: Mapping[str, Array]) -> None:
    if missing := sorted({"pieces", "terms", "word", "position", "0.qkv", "0.up"} - set(arrays)):
        raise ValueError(f"it has no array {', '.join(missing)}")
    pieces, terms = _lines(arrays["pieces"]), _lines(arrays["terms"])
    if not set(SPECIAL) <= set(pieces):
        raise ValueError(f"its pieces lack {', '.join(sorted(set(SPECIAL) - set(pieces)))}")
    width, inner = arrays["word"].shape[-1], len(arrays["0.up"])
    if width % HEAD_WIDTH:
        raise ValueError(f"its vectors are {width} wide; expected a multiple of {HEAD_WIDTH}")
    for name, shape in _shapes(len(pieces), width, inner, len(arrays["position"]), len(terms), layers_in(arrays)):
        if name not in arrays:
            raise ValueError(f"it has no array {name}")
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has the shape {arrays[name].shape}; expected {shape}")


def _shapes(
    pieces: int, width: int, inner: int, places: int, terms: int, layers: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of each array of numbers."""
    yield from (("word", (pieces, width)), ("word.scale", (pieces,)), ("position", (places, width)))
    yield from (("norm.weight", (width,)), ("norm.bias", (width,)))
    sizes = {"qkv": (3 * width, width), "out": (width, width), "up": (inner, width), "down": (width, inner)}
    for k in range(layers):
        for name in LINEARS:
            yield from ((f"{k}.{name}", sizes[name]), (f"{k}.{name}.scale", sizes[name][:1]))
            yield f"{k}.{name}.bias", sizes[name][:1]
        for name in NORMS:
            yield from ((f"{k}.{name}.weight", (width,)), (f"{k}.{name}.bias", (width,)))
    yield from (("towards", (terms, width)), ("towards.scale", (terms,)), ("bias", (terms,)))
    yield from (("sharpness", (1,)), ("denied", (width,)), ("denied.bias", (1,)))


def open_model(path: Path | None = None) -> ContextModel:
    """The model in `path`, or the one that comes with the package, loaded once.

    Raises UsageError where there is none or the file is no such model.
    """
    return _shipped() if path is None else _load(path)


@cache
def _shipped() -> ContextModel:
    with resources.as_file(resources.files("rarescale.reading.context").joinpath("model.safetensors")) as path:
        return _load(path)


def _load(path: Path) -> ContextModel:
    if not path.is_file():
        raise UsageError(
            f"the contextual stage of reading has no model: there is no file {path}; expected a model.safetensors "
            "made by runs/context_reader.py: give one with --context-model FILE, or read with --no-context"
        )
    try:
        return ContextModel(load_file(path))
    except (SafetensorError, ValueError) as error:
        raise UsageError(
            f"{path} is no model of the contextual stage of reading: {error}; expected a model.safetensors "
            "made by runs/context_reader.py: give another with --context-model FILE, or read with --no-context"
        ) from error
