"""The compact model's arithmetic, by hand; its file; what it does with another knowledge."""

from __future__ import annotations

from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

from rarescale.candidates import CompactModel, FindingSpace, Talk, load_compact
from rarescale.candidates.compact import packed
from rarescale.errors import KnowledgeError
from rarescale.knowledge import Knowledge
from rarescale.record import Sex


def test_the_score_is_the_formula(compact: CompactModel, toy: Knowledge) -> None:
    tremor = toy.ontology.index("HP:0001337")
    assert tremor is not None
    scores = compact.propose(Talk(("shaking",), {tremor: 0.5})).scores
    # z_w = (2, 0) / sqrt(2); tremor is the only known finding feature: z_f = 0.5 (3, 0) / sqrt(1.5)
    logits = [2 / sqrt(2) + 1.5 / sqrt(1.5), 0.0, 0.0]
    total = log(sum(exp(x) for x in logits))
    found = [scores[toy.diseases.index(d)] for d in ("OMIM:100001", "ORPHA:13", "OMIM:100002")]  # type: ignore[index]
    assert found == pytest.approx([x - total for x in logits], abs=2e-2)


def test_a_denied_finding_counts_as_denied(compact: CompactModel, toy: Knowledge) -> None:
    seizure = toy.ontology.index("HP:0001250")
    assert seizure is not None
    fitful = toy.diseases.index("OMIM:100002")
    assert fitful is not None
    denied = compact.propose(Talk((), {}, {seizure: 1.0})).scores[fitful]
    assert denied < compact.propose(Talk()).scores[fitful]


def test_clues_add_up_to_the_difference_from_the_mean_disease(compact: CompactModel, toy: Knowledge) -> None:
    tremor = toy.ontology.index("HP:0001337")
    first = toy.diseases.index("OMIM:100001")
    assert tremor is not None and first is not None
    proposal = compact.propose(Talk(("shaking and blind",), {tremor: 1.0}))
    known = proposal.scores[np.isfinite(proposal.scores)]
    total = sum(c.weight for c in proposal.clues(first, 99))
    assert total == pytest.approx(proposal.scores[first] - known.mean(), abs=2e-2)


def test_diseases_and_terms_that_a_knowledge_lacks_are_left_out(arrays: dict[str, np.ndarray], toy: Knowledge) -> None:
    text = arrays["diseases"].tobytes().decode().replace("ORPHA:13", "OMIM:999")
    other = arrays | {"diseases": np.frombuffer(text.encode(), np.uint8)}
    model = CompactModel(other, toy)
    assert len(model.diseases) == 2
    assert model.propose(Talk(("blind",))).scores[toy.diseases.index("ORPHA:13")] == -np.inf  # type: ignore[index]


def test_a_saved_model_answers_the_same(
    arrays: dict[str, np.ndarray], compact: CompactModel, toy: Knowledge, tmp_path: Path
) -> None:
    save_file(arrays, tmp_path / "model.safetensors")
    loaded = load_compact(tmp_path / "model.safetensors", toy)
    talk = Talk(("shaking",))
    assert np.array_equal(loaded.propose(talk).scores, compact.propose(talk).scores)


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x00\x00\x00\x00\x00\x00\x00{}"])
def test_what_is_no_model_is_refused_by_name(content: bytes, toy: Knowledge, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(KnowledgeError, match=r"model\.safetensors.*expected a model written by `rarescale train`"):
        load_compact(path, toy)


@given(st.lists(st.lists(st.floats(-5, 5, width=32), min_size=4, max_size=4), min_size=1, max_size=5))
def test_packing_keeps_vectors_to_within_a_hundredth_of_the_largest(rows: list[list[float]]) -> None:
    vectors = np.array(rows, np.float32)
    made = packed("x", vectors)
    back = made["x"].astype(np.float32) * made["x.size"].astype(np.float32)[:, None]
    assert np.all(np.abs(back - vectors) <= 0.01 * np.abs(vectors).max(axis=1, keepdims=True) + 1e-4)


def test_codes_and_names_of_findings_are_each_other_s_reverse(toy: Knowledge) -> None:
    space = FindingSpace(toy.ontology)
    assert all(space.code(space.name(c)) == c for c in range(len(space)))
    talk = Talk((), {}, {}, Sex.MALE, 30.0)
    assert [space.label(c) for c in space.features(talk)] == ["male", "aged from 18 years on"]
