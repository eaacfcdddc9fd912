"""Solved cases that resemble a patient: never the patient, never the patient's paper."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from rarescale.differential import CaseBank, DiseaseNames, Patient, Settings, SolvedCase, papers_of, weigh
from rarescale.knowledge import Knowledge
from rarescale.llm import Scripted, drive
from rarescale.record import Case, DiseaseId, Finding, State

from .models import chat, offline, one_pass

TREMOR, SEIZURE, FEBRILE, BLIND = "HP:0001337", "HP:0001250", "HP:0002373", "HP:0000618"


def case(id: str, *present: str, absent: tuple[str, ...] = (), papers: tuple[str, ...] = ()) -> Case:
    findings = [Finding(text=t) for t in present] + [Finding(text=t, state=State.ABSENT) for t in absent]
    return Case(id=id, findings=tuple(findings), diagnosis=(DiseaseId("OMIM:100002"),), extra={"pmids": list(papers)})


@pytest.fixture
def information(toy: Knowledge) -> np.ndarray:
    """1 nat for each phenotype, 0 for others, so that overlap is a share of terms."""
    return toy.ontology.is_finding.astype(float)


def found(bank: CaseBank, *present: str, **limits: object) -> list[str]:
    findings = [Finding(text=t) for t in present]
    return [s.id for s in bank.nearest(findings, **({"id": "me"} | limits))]  # type: ignore[arg-type]


def test_the_most_alike_case_comes_first_and_strangers_not_at_all(toy: Knowledge, information: np.ndarray) -> None:
    bank = CaseBank(toy, [case("far", BLIND), case("near", FEBRILE), case("same", SEIZURE)], information)
    assert found(bank, SEIZURE) == ["same", "near"]


def test_the_overlap_is_that_of_the_written_formula(toy: Knowledge) -> None:
    """A: seizure and above; B: febrile seizure and above. A rare shared term outweighs a common one."""
    weights = np.zeros(len(toy.ontology))
    for term, value in ((SEIZURE, 2.0), (FEBRILE, 6.0), (TREMOR, 1.0)):
        index = toy.ontology.index(term)
        assert index is not None
        weights[index] = value
    bank = CaseBank(toy, [case("b", FEBRILE), case("c", SEIZURE, TREMOR)], weights)
    # sim to A = {seizure: 2}: b = 2 / 8, c = 2 / 3.
    assert found(bank, SEIZURE) == ["c", "b"] and math.isclose(2 / 8, 0.25)
    assert found(bank, FEBRILE)[0] == "b"


def test_the_case_itself_and_cases_of_its_paper_are_left_out(toy: Knowledge, information: np.ndarray) -> None:
    cases = [
        case("me", SEIZURE),
        case("sibling", SEIZURE, papers=("PMID:1",)),
        case("other", SEIZURE, papers=("PMID:2",)),
    ]
    bank = CaseBank(toy, cases, information)
    assert found(bank, SEIZURE, papers=papers_of({"pmids": ["1"]})) == ["other"]


def test_absent_findings_and_unknown_words_make_nobody_alike(toy: Knowledge, information: np.ndarray) -> None:
    bank = CaseBank(toy, [case("absent", TREMOR, absent=(SEIZURE,)), case("empty", "xyzzy")], information)
    assert len(bank) == 1 and found(bank, SEIZURE) == ["absent"], "both are of the nervous system"
    assert found(bank, "xyzzy") == []


def test_ties_are_settled_by_id_and_the_count_is_kept(toy: Knowledge, information: np.ndarray) -> None:
    bank = CaseBank(toy, [case(id, SEIZURE) for id in "dbca"], information)
    assert found(bank, SEIZURE, count=3) == ["a", "b", "c"]


def test_examples_stand_in_the_prompt_without_ids(names: DiseaseNames, toy: Knowledge, information: np.ndarray) -> None:
    bank = CaseBank(toy, [case("secret-id", SEIZURE, absent=(TREMOR,))], information)
    shots: tuple[SolvedCase, ...] = bank.nearest([Finding(text=SEIZURE)], id="t1")
    model = Scripted([one_pass("Thirst deletion")])
    drive(weigh(Patient(chat(), offline(), shots=shots), names, Settings("toy")), model)
    said = model.history[0].messages[1].content
    row = json.loads(next(line for line in said.splitlines() if line.startswith('{"findings"')))
    assert row == {"findings": ["Seizure"], "absent": ["Tremor"], "diagnosis": "Fitful syndrome 1"}
    assert "secret-id" not in said and said.index(row["diagnosis"]) < said.index("<patient>")
