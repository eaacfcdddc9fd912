"""The default candidate model: two log-linear towers of low rank, one over words, one over findings; numpy alone.

For a patient with word features W and finding features F of weights c, and a disease d:

    z_w = sum over W of v_w / sqrt(1 + |W|)          z_f = sum over F of c v_f / sqrt(1 + sum of c)
    score(d) = z_w . a_d + z_f . b_d + bias_d,        log probabilities by softmax over the diseases of the model

Each feature's share of a score is therefore exact: (v . a_d) / sqrt(1 + |W|). The file (``model.safetensors``) holds
`words` uint32 (k,) sorted keys, `findings` uint8 names as UTF-8 lines, `diseases` uint8 ids as UTF-8 lines, and for
each of word, finding, toward_word, toward_finding int8 vectors with float16 sizes per row; `bias` float16.
Made by `rarescale train`; see ``runs/candidate_model.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, load_file

from rarescale.candidates.contract import Talk
from rarescale.candidates.features import FindingSpace, word_features
from rarescale.errors import KnowledgeError
from rarescale.knowledge import Knowledge
from rarescale.record import Clue

Array = np.ndarray

_ROUNDED = 0.001
"""Shares are told to so many nats."""


class CompactModel:
    """A trained model bound to one knowledge; read-only, so one serves any number of threads."""

    name = "compact"

    def __init__(self, arrays: Mapping[str, Array], knowledge: Knowledge, version: str = "1") -> None:
        """`arrays` as the module's text lays out. Diseases and terms that `knowledge` lacks are left out."""
        self.version = version
        self.knowledge = knowledge
        self.space = FindingSpace(knowledge.ontology)
        self._keys = arrays["words"]
        self._word_row = {int(key): row for row, key in enumerate(self._keys.tolist())}
        self._finding_row = self._codes(lines(arrays["findings"]))
        self._row_of_code = np.full(len(self.space), -1, np.int64)
        self._row_of_code[list(self._finding_row)] = list(self._finding_row.values())
        self._words = _unpacked(arrays, "word")
        self._findings = _unpacked(arrays, "finding")
        index = [knowledge.diseases.index(i) for i in lines(arrays["diseases"])]
        kept = [k for k, d in enumerate(index) if d is not None]
        self.diseases = np.array([index[k] for k in kept], np.int64)
        self._toward_word = _unpacked(arrays, "toward_word")[kept]
        self._toward_finding = _unpacked(arrays, "toward_finding")[kept]
        self._bias = arrays["bias"].astype(np.float32)[kept]

    def _codes(self, names: Sequence[str]) -> dict[int, int]:
        coded = ((self.space.code(name), row) for row, name in enumerate(names))
        return {code: row for code, row in coded if code is not None}

    @cached_property
    def place(self) -> dict[int, int]:
        """Disease of the knowledge -> its place in the model."""
        return {int(d): k for k, d in enumerate(self.diseases)}

    def propose(self, talk: Talk) -> CompactProposal:
        """Scores of all diseases; see `CandidateModel`."""
        words = {self._word_row[k]: text for k, text in word_features(talk.messages).items() if k in self._word_row}
        coded = self.space.features(talk)
        findings = {self._finding_row[c]: (c, sure) for c, sure in coded.items() if c in self._finding_row}
        rows = np.fromiter(words, np.int64, len(words))
        finding_rows = np.fromiter(findings, np.int64, len(findings))
        sure = np.array([s for _, s in findings.values()], np.float32)
        one = np.zeros(len(rows), np.int64), np.zeros(len(finding_rows), np.int64)
        parts = self.summed_words(rows, one[0], 1), self.summed_findings(finding_rows, sure, one[1], 1)
        logits: Array = self.logits(*parts)[0].astype(np.float64)
        top = float(logits.max())
        logits -= top + np.log(np.exp(logits - top).sum())
        scores = np.full(len(self.knowledge.diseases), -np.inf)
        np.maximum.at(scores, self.diseases, logits)
        scales = 1.0 / np.sqrt(1.0 + len(words)), 1.0 / np.sqrt(1.0 + float(sure.sum()))
        return CompactProposal(scores, self, words, findings, *scales)

    def word_rows(self, keys: Array) -> Array:
        """Rows of word keys; -1 where the model has none."""
        return rows_of(self._keys, keys)

    def finding_rows(self, codes: Array) -> Array:
        """Rows of finding codes; -1 where the model has none."""
        rows: Array = self._row_of_code[codes]
        return rows

    def summed_words(self, rows: Array, owner: Array, count: int) -> Array:
        """z_w of `count` patients from word rows and whose each is, float32 (count, width); rows of -1 do not count."""
        kept = rows >= 0
        return _summed(self._words, rows[kept], np.ones(int(kept.sum()), np.float32), owner[kept], count)

    def summed_findings(self, rows: Array, sure: Array, owner: Array, count: int) -> Array:
        """z_f, as `summed_words`, with the weight of each finding."""
        kept = rows >= 0
        return _summed(self._findings, rows[kept], sure[kept], owner[kept], count)

    def logits(self, words: Array, findings: Array) -> Array:
        """Scores before the softmax, float32 (patients, diseases of the model)."""
        scores: Array = words @ self._toward_word.T + findings @ self._toward_finding.T + self._bias
        return scores

    @cached_property
    def _mean_toward(self) -> tuple[Array, Array]:
        """What the mean disease looks for in words and in findings."""
        return self._toward_word.mean(axis=0), self._toward_finding.mean(axis=0)

    def toward(self, disease: int) -> tuple[Array, Array]:
        """What a disease (place in the model) looks for in words and in findings, more than the mean disease does."""
        words, findings = self._mean_toward
        return self._toward_word[disease] - words, self._toward_finding[disease] - findings

    def vectors(self, words: list[int], findings: list[int]) -> tuple[Array, Array]:
        """The vectors of rows of words and of findings, float32 (rows, width)."""
        return self._words[words], self._findings[findings]


class CompactProposal:
    """Scores with what is needed to explain them; see `Proposal`."""

    def __init__(
        self,
        scores: Array,
        model: CompactModel,
        words: Mapping[int, str],
        findings: Mapping[int, tuple[int, float]],
        word_scale: float,
        finding_scale: float,
    ) -> None:
        """`words` row -> text, `findings` row -> (code, weight)."""
        self.scores = scores
        self._model, self._words, self._findings = model, words, findings
        self._scales = word_scale, finding_scale

    @cached_property
    def _texts(self) -> list[str]:
        return [*self._words.values(), *(self._model.space.label(code) for code, _ in self._findings.values())]

    @cached_property
    def _scaled(self) -> tuple[Array, Array]:
        """The vectors of words and of findings with the weights that they have in the score."""
        words, findings = self._model.vectors(list(self._words), list(self._findings))
        sure: Array = np.array([sure for _, sure in self._findings.values()], np.float32)
        return words * np.float32(self._scales[0]), findings * (sure * np.float32(self._scales[1]))[:, None]

    def clues(self, disease: int, count: int = 8) -> list[Clue]:
        """The strongest shares of the score, compared with the mean over diseases."""
        place = self._model.place.get(disease)
        if place is None:
            return []
        (words, findings), (word, finding) = self._scaled, self._model.toward(place)
        shares: Array = np.concatenate([words @ word, findings @ finding])
        if not len(shares):
            return []
        size = np.abs(shares)
        least = np.partition(size, -min(count, len(size)))[-min(count, len(size))]
        near = np.flatnonzero(size >= least - _ROUNDED).tolist()
        found = sorted((-abs(round(float(shares[k]), 3)), self._texts[k], k) for k in near)[:count]
        return [self._clue(k, float(shares[k])) for _, _, k in found]

    def _clue(self, at: int, share: float) -> Clue:
        kind = "words" if at < len(self._words) else "finding"
        return Clue.model_validate({"text": self._texts[at], "kind": kind, "weight": round(share, 3)})


def rows_of(known: Array, keys: Array) -> Array:
    """Where each of `keys` stands in sorted `known`; -1 where it does not."""
    if not len(known):
        return np.full(len(keys), -1)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    rows: Array = np.where(known[place] == keys, place, -1)
    return rows


def _summed(vectors: Array, rows: Array, weights: Array, owner: Array, count: int) -> Array:
    """Weighted sums of vectors by owner, divided by sqrt(1 + sum of weights)."""
    total = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(total, owner, vectors[rows] * weights[:, None])
    scaled: Array = total / np.sqrt(1.0 + np.bincount(owner, weights, count)).astype(np.float32)[:, None]
    return scaled


def lines(packed: Array) -> list[str]:
    """The texts of a uint8 array of UTF-8 lines."""
    return packed.tobytes().decode().split("\n")


def packed_lines(texts: Sequence[str]) -> Array:
    """The reverse of `lines`."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8).copy()


def packed(name: str, vectors: Array) -> dict[str, Array]:
    """Vectors float (n, d) as int8 with a float16 size per row, under `name` and ``name.size``."""
    size = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0) / 127.0 + 1e-8
    return {name: np.round(vectors / size).astype(np.int8), f"{name}.size": size[:, 0].astype(np.float16)}


def _unpacked(arrays: Mapping[str, Array], name: str) -> Array:
    vectors: Array = arrays[name].astype(np.float32) * arrays[f"{name}.size"].astype(np.float32)[:, None]
    return vectors


def load_compact(path: Path, knowledge: Knowledge, version: str = "1") -> CompactModel:
    """The model in a file. Raises KnowledgeError where the file is missing or no such model."""
    try:
        arrays = load_file(path)
        return CompactModel(arrays, knowledge, version)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise KnowledgeError(
            f"{path}: {error}; expected a model written by `rarescale train`; train one, or leave the option out"
        ) from error


def shipped_model(knowledge: Knowledge) -> CompactModel | None:
    """The model that comes with the package, bound to `knowledge`; None where the package has none."""
    file = resources.files("rarescale.candidates").joinpath("model.safetensors")
    if not file.is_file():
        return None
    return CompactModel(load(file.read_bytes()), knowledge)
