"""What ships to try the page with works on the shipped knowledge."""

from __future__ import annotations

import pytest

from rarescale.diagnose import Diagnoser
from rarescale.errors import InputError
from rarescale.knowledge import Knowledge
from rarescale.web import open_desk
from rarescale.web.bench import bench_of, packed
from rarescale.web.patients import ask_freely, ask_patient, examples, open_example, open_patient, simulated
from rarescale.web.picture import picture_of


@pytest.fixture(scope="module")
def diagnoser(hpo: Knowledge) -> Diagnoser:
    return open_desk(Diagnoser(hpo)).diagnoser


@pytest.mark.parametrize("name", [e.name for e in examples()])
def test_every_example_has_findings_and_a_differential(diagnoser: Diagnoser, name: str) -> None:
    bench = open_example(name)
    assert bench is not None and bench_of(packed(bench)) == bench
    picture = picture_of(bench, diagnoser)
    assert len(picture.items) >= 4 and len(picture.answer.differential) >= 10
    assert bool(picture.answer.red_flags) == (name == "red-flag")


@pytest.mark.parametrize("patient", simulated(), ids=lambda p: p.name)
def test_every_simulated_patient_is_known_and_opens_with_a_finding(diagnoser: Diagnoser, patient) -> None:  # type: ignore[no-untyped-def]
    bench = open_patient(patient.name)
    assert bench is not None
    picture = picture_of(bench, diagnoser)
    assert any(i.counts for i in picture.items.values()) and patient.content["diagnosis_name"] not in packed(bench)
    for term in (*patient.content["present"], *patient.content["absent"], *patient.content["diagnosis"]):
        known = diagnoser.knowledge
        assert known.ontology.index(term) is not None or known.diseases.index(term) is not None, term
    for term in patient.content["present"]:
        bench = ask_patient(bench, term, "?", diagnoser)
    ranks = [
        c.rank
        for c in picture_of(bench, diagnoser).answer.differential
        if set(c.ids) & set(patient.content["diagnosis"])
    ]
    assert ranks and ranks[0] <= 3


def test_a_free_question_is_understood_or_refused(diagnoser: Diagnoser) -> None:
    bench = open_patient("evening-eyes")
    assert bench is not None
    asked = ask_freely(bench, "Do you have trouble swallowing?", diagnoser)
    assert picture_of(asked, diagnoser).items["HP:0002015"].mark == "present"
    asked = ask_freely(bench, "Any headache?", diagnoser)
    assert picture_of(asked, diagnoser).items["HP:0002315"].mark == "absent"
    with pytest.raises(InputError, match="no finding in it"):
        ask_freely(bench, "xyzzy?", diagnoser)
