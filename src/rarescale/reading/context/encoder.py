"""A small BERT in numpy: sequences of pieces in, one vector for each piece out.

Sequences stand one behind the other without filling, since the products with the weights (nine tenths of the time)
need no borders; only attention keeps them apart, those of one length together. Weights stay int8 and become
float32 at each use: measured no slower than keeping them as float32, and a quarter of the memory.
Devlin J et al. BERT. NAACL 2019. GELU in its tanh form: Hendrycks D, Gimpel K. arXiv 1606.08415.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

HEAD_WIDTH = 32
"""Width of one attention head."""

EPSILON = 1e-12
"""Added to a variance before its root."""

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

    def __call__(self, x: Array, groups: Sequence[Array], kept: Array | slice) -> Array:
        """float32 (n, d) to (k, d), the rows `kept`; `groups` as `groups_of` gives them."""
        taken = attention(self.qkv(x), groups)
        x = self.norm1(x[kept] + self.out(taken[kept]))
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

    def states(self, sequences: Sequence[Sequence[int]], kept: Array | slice = slice(None)) -> Array:
        """The vectors of all pieces of all `sequences` (numbers of pieces, marks included) in order, float32 (n, d).

        Of `kept` rows only, where some are named: what nobody asks for needs no more than half of the last layer.
        """
        ids = np.array([number for sequence in sequences for number in sequence], np.int64)
        places = np.concatenate([np.arange(len(sequence)) for sequence in sequences] or [ids])
        groups = groups_of([len(sequence) for sequence in sequences])
        x = self._norm(self._word[ids] * self._word_scale[ids, None] + self._position[places])
        for layer in self._layers:
            x = layer(x, groups, kept if layer is self._layers[-1] else slice(None))
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


def groups_of(lengths: Sequence[int]) -> list[Array]:
    """The rows of sequences that stand one behind the other, int (g, n) for the g sequences of each length n."""
    starts: dict[int, list[int]] = {}
    for length, end in zip(lengths, np.cumsum(lengths).tolist(), strict=True):
        starts.setdefault(length, []).append(end - length)
    return [np.array(first)[:, None] + np.arange(length) for length, first in starts.items()]


def attention(qkv: Array, groups: Sequence[Array]) -> Array:
    """What each piece takes from those of its sequence: float32 (n, 3 d) to (n, d)."""
    width = qkv.shape[1] // 3
    found = np.empty((len(qkv), width), np.float32)
    for rows in groups:
        heads = qkv[rows].reshape(*rows.shape, 3, width // HEAD_WIDTH, HEAD_WIDTH)
        query, key, value = heads.transpose(2, 0, 3, 1, 4)
        shares: Array = query @ key.swapaxes(2, 3)
        shares *= np.float32(HEAD_WIDTH**-0.5)
        shares -= shares.max(axis=3, keepdims=True)
        np.exp(shares, out=shares)
        shares /= shares.sum(axis=3, keepdims=True)
        found[rows] = (shares @ value).swapaxes(1, 2).reshape(*rows.shape, width)
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
