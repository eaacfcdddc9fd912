"""A small BERT in numpy: sequences of pieces in, one vector for each piece out.

Sequences stand one behind the other without filling, since the products with the weights (nine tenths of the time)
need no borders; only attention keeps them apart, in packs of few sequences with a mask. Weights stay int8 and become
float32 at each use: measured no slower than keeping them as float32, and a quarter of the memory.
Devlin J et al. BERT. NAACL 2019. GELU in its tanh form: Hendrycks D, Gimpel K. arXiv 1606.08415.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

HEAD_WIDTH = 32
"""Width of one attention head."""

PACK = 64
"""Most pieces between which attention is computed at once; one sequence may be longer."""

EPSILON = 1e-12
"""Added to a variance before its root."""

_APART = np.float32(-1e9)
_GELU_CUBE, _GELU_SCALE = np.float32(0.044715), np.float32(np.sqrt(2.0 / np.pi))

Array = np.ndarray


class Linear:
    """Rows are outputs: y = x W^T + b with W int8 times a scale for each row."""

    def __init__(self, weight: Array, scale: Array, bias: Array) -> None:
        """`weight` int8 (out, in), `scale` and `bias` float16 (out,)."""
        self._weight, self._scale, self._bias = weight, scale.astype(np.float32), bias.astype(np.float32)

    def __call__(self, x: Array) -> Array:
        """float32 (n, in) to (n, out)."""
        y: Array = x @ self._weight.astype(np.float32).T
        y *= self._scale
        y += self._bias
        return y


class Norm:
    """Layer norm over the last axis."""

    def __init__(self, weight: Array, bias: Array) -> None:
        """Both float16 (d,)."""
        self._weight, self._bias = weight.astype(np.float32), bias.astype(np.float32)

    def __call__(self, x: Array) -> Array:
        """float32 (n, d), of the same shape."""
        y: Array = x - x.mean(axis=1, keepdims=True)
        y /= np.sqrt((y * y).mean(axis=1, keepdims=True) + EPSILON)
        y *= self._weight
        y += self._bias
        return y


class Layer(NamedTuple):
    """One layer: attention and two products, each added to what came in and then normalised."""

    qkv: Linear
    out: Linear
    norm1: Norm
    up: Linear
    down: Linear
    norm2: Norm

    def __call__(self, x: Array, packs: Sequence[tuple[slice, Array]]) -> Array:
        """float32 (n, d), of the same shape; `packs` as `packs_of` gives them."""
        x = self.norm1(x + self.out(attention(self.qkv(x), packs)))
        return self.norm2(x + self.down(gelu(self.up(x))))


class Encoder:
    """The whole model up to the states after its last layer; read-only, so one serves any number of threads."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        """`arrays` as the docstring of `model` lays out."""
        self._word, self._word_scale = arrays["word"], arrays["word.scale"].astype(np.float32)
        self._position = arrays["position"].astype(np.float32)
        self._norm = Norm(arrays["norm.weight"], arrays["norm.bias"])
        self._layers = [_layer(arrays, k) for k in range(layers_in(arrays))]

    @property
    def longest(self) -> int:
        """Most pieces of a sequence."""
        return len(self._position)

    def states(self, sequences: Sequence[Sequence[int]]) -> Array:
        """The vectors of all pieces of all `sequences` (numbers of pieces, marks included) in order, float32 (n, d)."""
        ids = np.array([number for sequence in sequences for number in sequence], np.int64)
        places = np.concatenate([np.arange(len(sequence)) for sequence in sequences] or [ids])
        packs = list(packs_of([len(sequence) for sequence in sequences]))
        x = self._norm(self._word[ids] * self._word_scale[ids, None] + self._position[places])
        for layer in self._layers:
            x = layer(x, packs)
        return x


def layers_in(arrays: Mapping[str, Array]) -> int:
    """Number of layers that `arrays` hold."""
    return sum(name.endswith(".qkv") for name in arrays)


def _layer(arrays: Mapping[str, Array], k: int) -> Layer:
    linear = {n: Linear(*(arrays[f"{k}.{n}{end}"] for end in ("", ".scale", ".bias"))) for n in LINEARS}
    norm = {n: Norm(arrays[f"{k}.{n}.weight"], arrays[f"{k}.{n}.bias"]) for n in NORMS}
    return Layer(linear["qkv"], linear["out"], norm["norm1"], linear["up"], linear["down"], norm["norm2"])


LINEARS, NORMS = ("qkv", "out", "up", "down"), ("norm1", "norm2")
"""The products and the norms of one layer."""


def packs_of(lengths: Sequence[int]) -> Iterator[tuple[slice, Array]]:
    """Neighbouring sequences up to `PACK` pieces together: their rows, and what keeps them apart, float32 (n, n)."""
    start = first = 0
    for k in range(len(lengths) + 1):
        rows = sum(lengths[first:k])
        if k > first and (k == len(lengths) or rows + lengths[k] > PACK):
            owner = np.repeat(np.arange(first, k), lengths[first:k])
            yield slice(start, start + rows), np.where(owner[:, None] == owner, np.float32(0.0), _APART)
            start, first = start + rows, k


def attention(qkv: Array, packs: Sequence[tuple[slice, Array]]) -> Array:
    """What each piece takes from those of its sequence: float32 (n, 3 d) to (n, d)."""
    width = qkv.shape[1] // 3
    found = np.empty((len(qkv), width), np.float32)
    for rows, apart in packs:
        query, key, value = qkv[rows].reshape(len(apart), 3, width // HEAD_WIDTH, HEAD_WIDTH).transpose(1, 2, 0, 3)
        shares: Array = query @ key.transpose(0, 2, 1)
        shares *= np.float32(HEAD_WIDTH**-0.5)
        shares += apart
        shares -= shares.max(axis=2, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=2, keepdims=True)
        found[rows] = (shares @ value).transpose(1, 0, 2).reshape(len(apart), width)
    return found


def gelu(x: Array) -> Array:
    """x times its (approximate) normal cumulative probability."""
    y: Array = x * x
    y *= _GELU_CUBE
    y += np.float32(1.0)
    y *= x
    y *= _GELU_SCALE
    np.tanh(y, out=y)
    y += np.float32(1.0)
    y *= x
    y *= np.float32(0.5)
    return y
