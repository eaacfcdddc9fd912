"""Names in a model's words: one disease of the knowledge, or none."""

from __future__ import annotations

import pytest

from rarescale.differential import CandidateName, DiseaseNames
from rarescale.differential.llm_names import cleaned
from rarescale.knowledge import Knowledge
from rarescale.record import DiseaseId


@pytest.fixture(scope="module")
def real(hpo: Knowledge) -> DiseaseNames:
    return DiseaseNames(hpo)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Wilson disease", "OMIM:277900"),
        ("Wilson's disease", "OMIM:277900"),
        ("Wilson disease (hepatolenticular degeneration)", "OMIM:277900"),
        ("Probable Wilson disease", "OMIM:277900"),
        ("1. Wilson disease", "OMIM:277900"),
        ("Wilson disease [ORPHA:905]", "OMIM:277900"),
        ("Wilson disease - hepatic form", "OMIM:277900"),
        ("Fabry disease", "OMIM:301500"),
        ("Marfan syndrome", "OMIM:154700"),
    ],
)
def test_usual_spellings_are_found(real: DiseaseNames, text: str, id: str) -> None:
    found = real.resolve(text)
    assert found is not None and real.knowledge.diseases.index(found) == real.knowledge.diseases.index(id)


@pytest.mark.parametrize("text", ["Blorbitis", "OMIM:277900", "", "...", "syndrome", "a disease"])
def test_what_names_no_disease_gets_no_id(real: DiseaseNames, text: str) -> None:
    assert real.resolve(text) is None


def test_a_written_id_counts_for_nothing(real: DiseaseNames) -> None:
    assert real.resolve("Blorbitis (OMIM:277900)") is None
    assert real.resolve("Fabry disease (OMIM:277900)") == real.resolve("Fabry disease")
    assert cleaned("Fabry disease (OMIM:301500, ORPHA:324)") == "Fabry disease"


def test_a_candidate_that_was_shown_under_a_name_is_meant(real: DiseaseNames) -> None:
    shown = [CandidateName(DiseaseId("ORPHA:905"), "Blorbitis")]
    assert real.resolve("blorbitis", shown) == "ORPHA:905" and real.resolve("blorbitis") is None
