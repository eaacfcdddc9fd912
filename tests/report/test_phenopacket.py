from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.diagnose import Diagnoser
from rarescale.formats import parse_input, read_inputs
from rarescale.knowledge import Knowledge
from rarescale.record import Case, State, years
from rarescale.report import phenopacket
from rarescale.report.phenopacket import duration

from .answers import tremor, tremor_case

NOW = "2026-01-31T12:00:00Z"


def test_the_reference_implementation_accepts_the_packet(toy: Knowledge) -> None:
    v2 = pytest.importorskip("phenopackets")
    json_format = pytest.importorskip("google.protobuf.json_format")
    answer = tremor(toy)
    for deidentified in (False, True):
        text = json.dumps(phenopacket(answer, created=NOW, deidentified=deidentified))
        packet = json_format.Parse(text, v2.Phenopacket())
        assert packet.subject.sex == v2.Sex.FEMALE
        assert [f.excluded for f in packet.phenotypic_features] == [False, False, True]
        assert [i.diagnosis.disease.id for i in packet.interpretations] == [c.id for c in answer.differential]
        status = v2.Interpretation.ProgressStatus
        assert {i.progress_status for i in packet.interpretations} == {status.UNSOLVED}
        assert packet.meta_data.phenopacket_schema_version == "2.0"
        assert {r.namespace_prefix for r in packet.meta_data.resources} >= {"HP", "OMIM"}


def test_our_reader_gets_back_what_went_in(toy: Knowledge, tmp_path: Path) -> None:
    case, answer = tremor_case(), tremor(toy)
    path = tmp_path / "p.json"
    path.write_text(json.dumps(phenopacket(answer, created=NOW)))
    (back,) = read_inputs([str(path)])
    assert isinstance(back, Case)
    assert (back.id, back.sex, back.age) == (case.id, case.sex, case.age)
    assert [(f.text, f.state, f.onset) for f in back.findings] == [
        ("HP:0001337", State.PRESENT, "P2Y6M"),
        ("HP:0002240", State.PRESENT, "HP:0003577"),
        ("HP:0001250", State.ABSENT, None),
    ]
    assert back.warnings == ()
    again = Diagnoser(toy).diagnose(back)
    assert [(c.id, c.score) for c in again.differential] == [(c.id, c.score) for c in answer.differential]


def test_candidates_are_never_read_as_the_diagnosis(toy: Knowledge) -> None:
    packet = phenopacket(tremor(toy), created=NOW)
    assert packet["interpretations"]
    back = parse_input(packet)
    assert isinstance(back, Case)
    assert back.diagnosis == ()


def test_a_deidentified_packet_has_an_age_range_and_no_name(toy: Knowledge) -> None:
    packet = phenopacket(tremor(toy), created=NOW, deidentified=True, number=3)
    assert packet["id"] == packet["subject"]["id"] == "patient 3"
    assert packet["subject"]["timeAtLastEncounter"] == {
        "ageRange": {"start": {"iso8601duration": "P30Y"}, "end": {"iso8601duration": "P40Y"}}
    }
    assert "Ann" not in json.dumps(packet)


@given(st.floats(0, 125))
def test_an_age_is_written_so_that_it_reads_back(age: float) -> None:
    assert years(duration(age)) == pytest.approx(age, abs=1e-9)


@pytest.mark.parametrize(("age", "text"), [(34, "P34Y"), (12.25, "P12Y3M"), (0, "P0Y"), (10 / 365.25, "P0Y10D")])
def test_round_ages_are_written_plainly(age: float, text: str) -> None:
    assert duration(age) == text
