"""Features of many patients as ragged arrays in files, so that a corpus need not fit into memory as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

Array = np.ndarray


class Example(NamedTuple):
    """One patient: word keys, finding codes with weights, disease, the expert's differential (disease indices), and
    codes of writer and split."""

    words: Sequence[int]
    codes: Sequence[int]
    weights: Sequence[float]
    disease: int
    targets: Sequence[int]
    writer: int
    split: int


@dataclass(frozen=True)
class Block:
    """m patients. `words` uint32 and `codes` int32 are concatenated; `word_ends`, `code_ends` int64 (m,) end each one's
    part; `weights` float16 belong to `codes`; `disease` int32 (m,); `targets` int32 (m, 5), -1 = none; `writer` and
    `split` uint8 (m,)."""

    words: Array
    word_ends: Array
    codes: Array
    weights: Array
    code_ends: Array
    disease: Array
    targets: Array
    writer: Array
    split: Array

    def __len__(self) -> int:
        """Number of patients."""
        return len(self.disease)


def block_of(examples: Sequence[Example]) -> Block:
    """The examples as arrays."""
    targets = np.full((len(examples), 5), -1, np.int32)
    for row, example in enumerate(examples):
        targets[row, : len(example.targets[:5])] = example.targets[:5]
    return Block(
        np.array([w for e in examples for w in e.words], np.uint32),
        np.cumsum([len(e.words) for e in examples], dtype=np.int64),
        np.array([c for e in examples for c in e.codes], np.int32),
        np.array([w for e in examples for w in e.weights], np.float16),
        np.cumsum([len(e.codes) for e in examples], dtype=np.int64),
        np.array([e.disease for e in examples], np.int32),
        targets,
        np.array([e.writer for e in examples], np.uint8),
        np.array([e.split for e in examples], np.uint8),
    )


def write_block(path: Path, block: Block) -> None:
    """Write all or nothing."""
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        np.savez(stream, **vars(block))
    part.replace(path)


def read_block(path: Path) -> Block:
    """The block in a file."""
    with np.load(path) as arrays:
        return Block(**{name: arrays[name] for name in arrays.files})


def joined(blocks: Sequence[Block]) -> Block:
    """Several blocks as one."""

    def ends(parts: list[Array]) -> Array:
        starts = np.cumsum([0, *(int(p[-1]) if len(p) else 0 for p in parts[:-1])])
        return np.concatenate([p + s for p, s in zip(parts, starts, strict=True)])

    each = {name: [getattr(b, name) for b in blocks] for name in Block.__dataclass_fields__}
    return Block(**{n: ends(p) if n.endswith("_ends") else np.concatenate(p) for n, p in each.items()})


def owners(offsets: Array, total: int) -> Array:
    """Whose each of `total` positions is, from where the parts start."""
    return np.repeat(np.arange(len(offsets)), np.diff(np.append(offsets, total)))


def parts_of(ends: Array, rows: Array) -> tuple[Array, Array]:
    """Positions of the parts of `rows` in a concatenated array, and where each part starts among them."""
    starts = np.concatenate([[0], ends])[rows]
    lengths = ends[rows] - starts
    offsets = np.cumsum(lengths) - lengths
    positions = np.arange(int(lengths.sum())) + np.repeat(starts - offsets, lengths)
    return positions, offsets
