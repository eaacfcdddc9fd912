"""One short first-contact vignette per acquired or common disease, written without sight of its profile.

Both were written by the same hand's general knowledge, so these tests guard against breakage; they prove no accuracy.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rarescale.diagnose import Diagnoser
from rarescale.formats import read_inputs
from rarescale.knowledge import Knowledge
from rarescale.record import Case, Differential

VIGNETTES = Path(__file__).parent / "vignettes.jsonl"
Answered = list[tuple[Case, Differential]]


@pytest.fixture(scope="module")
def answered(hpo: Knowledge) -> Answered:
    diagnoser = Diagnoser(hpo)
    cases = [c for c in read_inputs([str(VIGNETTES)]) if isinstance(c, Case)]
    return [(c, diagnoser.diagnose(c, top=5)) for c in cases]


def test_every_curated_disease_has_a_vignette(hpo: Knowledge, answered: Answered) -> None:
    ours = {i for i in hpo.diseases.source_ids if i.startswith("RSC:")}
    assert {i for c, _ in answered for i in c.diagnosis if i.startswith("RSC:")} == ours
    assert len(answered) == 722


def test_every_finding_of_a_vignette_is_understood(answered: Answered) -> None:
    assert [(c.id, a.unresolved) for c, a in answered if a.unresolved] == []


def test_the_true_disease_is_among_the_first_five(answered: Answered) -> None:
    hits = [any(set(c.diagnosis) & set(d.ids) for d in a.differential) for c, a in answered]
    assert sum(hits) / len(hits) >= 0.95


def test_the_rare_does_not_cry_wolf_in_common_vignettes(answered: Answered) -> None:
    tops = [a.differential[0].rarity for c, a in answered if c.extra["class"] == "common"]
    assert sum(t in ("common", "uncommon") for t in tops) / len(tops) >= 0.95


def test_grave_and_treatable_diseases_are_marked(answered: Answered) -> None:
    marked = {d.name for _, a in answered for d in a.differential if d.not_to_be_missed}
    assert marked
    assert "common cold" not in marked
