"""Packets built with the reference implementation of the format, written by it, and read by ours."""

from __future__ import annotations

import pytest

from rarescale.record import State

phenopackets = pytest.importorskip("phenopackets", reason="the package phenopackets is not installed")
json_format = pytest.importorskip("google.protobuf.json_format", reason="protobuf is not installed")


def built():
    v2 = phenopackets
    term = v2.OntologyClass
    return v2.Phenopacket(
        id="pb1",
        subject=v2.Individual(
            id="s1", sex=v2.Sex.FEMALE, time_at_last_encounter=v2.TimeElement(age=v2.Age(iso8601duration="P12Y3M"))
        ),
        phenotypic_features=[
            v2.PhenotypicFeature(
                type=term(id="HP:0001250", label="Seizure"),
                onset=v2.TimeElement(age=v2.Age(iso8601duration="P2Y")),
                modifiers=[term(id="HP:0025303", label="Episodic")],
            ),
            v2.PhenotypicFeature(type=term(id="HP:0001251", label="Ataxia"), excluded=True),
            v2.PhenotypicFeature(
                type=term(id="HP:0001263", label="Delay"),
                onset=v2.TimeElement(ontology_class=term(id="HP:0003593", label="Infantile onset")),
            ),
        ],
        measurements=[v2.Measurement(assay=term(id="LOINC:2064-4", label="Ceruloplasmin"))],
        diseases=[v2.Disease(term=term(id="OMIM:277900", label="Wilson disease"))],
        interpretations=[
            v2.Interpretation(
                id="i1",
                progress_status=v2.Interpretation.ProgressStatus.SOLVED,
                diagnosis=v2.Diagnosis(disease=term(id="ORPHA:905", label="Wilson disease")),
            )
        ],
        meta_data=v2.MetaData(phenopacket_schema_version="2.0", created_by="test"),
    )


@pytest.mark.parametrize("snake_case", [False, True])
@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_every_spelling_of_protobuf_json_reads_as_the_packet_that_was_built(one, snake_case, numbers, indent):
    packet = built()
    text = json_format.MessageToJson(
        packet, preserving_proto_field_name=snake_case, use_integers_for_enums=numbers, indent=indent
    )
    case = one(text, "p.json")
    assert case.id == packet.id
    assert case.sex == phenopackets.Sex.Name(packet.subject.sex)
    assert case.age == 12.25
    features = packet.phenotypic_features
    assert [(f.text, f.label) for f in case.findings] == [(f.type.id, f.type.label) for f in features]
    assert [f.state is State.ABSENT for f in case.findings] == [f.excluded for f in features]
    assert [f.onset for f in case.findings] == ["P2Y", None, "HP:0003593"]
    assert case.diagnosis == ("OMIM:277900", "ORPHA:905")
    assert case.extra["measurements"][0]["assay"]["id"] == "LOINC:2064-4"
    assert case.warnings == ()


def test_dates_written_by_protobuf_give_the_age(one):
    packet = built()
    packet.subject.date_of_birth.FromJsonString("1990-01-01T00:00:00Z")
    packet.subject.time_at_last_encounter.timestamp.FromJsonString("2000-01-01T10:20:30.5Z")
    assert one(json_format.MessageToJson(packet), "p.json").age == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize("snake_case", [False, True])
def test_families_and_cohorts_written_by_protobuf(read, snake_case):
    family = phenopackets.Family(id="f", proband=built(), relatives=[built()], meta_data=built().meta_data)
    cohort = phenopackets.Cohort(id="c", members=[built(), built()], meta_data=built().meta_data)
    texts = [
        json_format.MessageToJson(m, preserving_proto_field_name=snake_case, indent=None) for m in (family, cohort)
    ]
    found = read("\n".join(texts))
    assert [f.id for f in found] == ["pb1"] * 3
    assert all(len(f.findings) == 3 for f in found)
