"""A tiny trained model over the toy knowledge, and the features it was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from rarescale.candidates import CompactModel, FindingSpace, NaiveBayes, counted
from rarescale.candidates.compact import packed, packed_lines
from rarescale.knowledge import Knowledge
from rarescale.reading import word_keys


@pytest.fixture(scope="session")
def arrays(toy: Knowledge) -> dict[str, np.ndarray]:
    """Two words, two findings, three diseases; vectors chosen by hand: "shaking" and tremor point to the first."""
    keys = np.array(sorted([*word_keys("shaking"), *word_keys("blind")]), np.uint32)
    shaking = list(keys).index(word_keys("shaking")[0])
    words = np.zeros((2, 2), np.float32)
    words[shaking], words[1 - shaking] = (2, 0), (0, 2)
    return {
        "words": keys,
        "findings": packed_lines(["HP:0001337", "-HP:0001250"]),
        "diseases": packed_lines(["OMIM:100001", "ORPHA:13", "OMIM:100002"]),
        "bias": np.zeros(3, np.float16),
        **packed("word", words),
        **packed("finding", np.array([[3, 0], [0, -1]], np.float32)),
        **packed("toward_word", np.array([[1, 0], [0, 1], [0, 0]], np.float32)),
        **packed("toward_finding", np.array([[1, 0], [0, 0], [0, 1]], np.float32)),
    }


@pytest.fixture(scope="session")
def compact(arrays: dict[str, np.ndarray], toy: Knowledge) -> CompactModel:
    return CompactModel(arrays, toy)


@pytest.fixture(scope="session")
def bayes(toy: Knowledge) -> NaiveBayes:
    space = FindingSpace(toy.ontology)
    tremor, blindness = (toy.ontology.index(t) for t in ("HP:0001337", "HP:0000618"))
    first, second = (toy.diseases.index(d) for d in ("OMIM:100001", "ORPHA:13"))
    assert tremor is not None and blindness is not None and first is not None and second is not None
    keys, diseases = np.array([tremor, tremor, blindness]), np.array([first, first, second])
    assert len(space) > max(keys)
    return NaiveBayes(counted(keys, np.ones(3), diseases, len(toy.diseases)), toy, "finding")
