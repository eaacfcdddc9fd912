from __future__ import annotations

import json

import pytest

from rarescale.record import Case, Finding, Sex, State, Unreadable

META = {"phenopacketSchemaVersion": "2.0", "created": "2024-01-01T00:00:00Z"}


def packet(**keys):
    feature = {"type": {"id": "HP:0001250", "label": "Seizure"}}
    return {"id": "p1", "subject": {"id": "s1"}, "phenotypicFeatures": [feature], "metaData": META, **keys}


def feature(**keys):
    return packet(phenotypicFeatures=[{"type": {"id": "HP:0001250", "label": "Seizure"}, **keys}])


def seen_at(**keys):
    return packet(subject={"id": "s1", "timeAtLastEncounter": keys})


def test_a_packet_becomes_a_case(one):
    case = one(
        packet(
            subject={"id": "s1", "sex": "MALE", "timeAtLastEncounter": {"age": {"iso8601duration": "P3Y"}}},
            phenotypicFeatures=[
                {"type": {"id": "HP:0001250", "label": "Seizure"}, "severity": {"id": "HP:0012828"}},
                {"type": {"id": "HP:0001251", "label": "Ataxia"}, "excluded": True},
            ],
            diseases=[{"term": {"id": "OMIM:1", "label": "One"}}, {"term": {"id": "OMIM:2"}, "excluded": True}],
            interpretations=[
                {"progressStatus": "SOLVED", "diagnosis": {"disease": {"id": "ORPHA:1", "label": "Eins"}}},
                {"progressStatus": "UNSOLVED", "diagnosis": {"disease": {"id": "OMIM:3"}}},
            ],
            measurements=[{"assay": {"id": "LOINC:1"}}],
        )
    )
    assert isinstance(case, Case)
    assert (case.id, case.sex, case.age) == ("p1", Sex.MALE, 3.0)
    assert case.findings == (
        Finding(text="HP:0001250", label="Seizure"),
        Finding(text="HP:0001251", label="Ataxia", state=State.ABSENT),
    )
    assert case.diagnosis == ("OMIM:1", "ORPHA:1") and case.diagnosis_name == "One"
    assert case.extra == {"measurements": [{"assay": {"id": "LOINC:1"}}]}
    assert case.warnings == ()


def test_snake_case_spelling_is_read_alike(one):
    case = one(
        {
            "id": "p1",
            "subject": {"time_at_last_encounter": {"age_range": {"end": {"iso8601duration": "P5Y"}}}},
            "phenotypic_features": [{"type": {"id": "HP:1"}, "onset": {"ontology_class": {"id": "HP:0003577"}}}],
            "meta_data": {"phenopacket_schema_version": "2.0"},
        }
    )
    assert case.age == 5.0
    assert case.findings == (Finding(text="HP:1", onset="HP:0003577"),)


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ({"age": {"iso8601duration": "P3Y"}}, "P3Y"),
        ({"ageRange": {"start": {"iso8601duration": "P1Y"}, "end": {"iso8601duration": "P5Y"}}}, "P1Y"),
        ({"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}, "HP:0003577"),
        ({"timestamp": "2020-01-01T00:00:00Z"}, None),
        (None, None),
    ],
)
def test_onsets(one, onset, expected):
    assert one(feature(onset=onset)).findings[0].onset == expected


@pytest.mark.parametrize(
    ("keys", "age", "warning"),
    [
        ({"age": {"iso8601duration": "P34Y6M"}}, 34.5, None),
        (
            {"ageRange": {"start": {"iso8601duration": "P30Y"}, "end": {"iso8601duration": "P34Y"}}},
            34.0,
            "its end is used",
        ),
        ({"ageRange": {"start": {"iso8601duration": "P30Y"}}}, 30.0, "its start is used"),
        ({"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}, None, "HP:0003577 (Congenital onset)"),
        ({"timestamp": "2020-01-01T00:00:00Z"}, None, "no dateOfBirth"),
        ({"gestationalAge": {"weeks": 30}}, None, "gestational"),
        ({"age": {"iso8601duration": "P300Y"}}, None, "'P300Y'"),
        ({"age": {"iso8601duration": "34"}}, None, "'34'"),
        ({}, None, None),
    ],
)
def test_ages_at_the_last_encounter(one, keys, age, warning):
    case = one(seen_at(**keys))
    assert case.age == age
    assert (warning is None and case.warnings == ()) or warning in case.warnings[0]


@pytest.mark.parametrize(
    ("born", "seen", "age", "warning"),
    [
        ("1990-05-17T00:00:00Z", "2020-05-17T00:00:00Z", 30.0, None),
        ("1990-05-17", "2020-05-17T12:00:00.123456789Z", 30.0, None),
        ("2020-05-17T00:00:00Z", "1990-05-17T00:00:00Z", None, "before the birth"),
        ("1790-05-17T00:00:00Z", "2020-05-17T00:00:00Z", None, "age left unknown"),
        ("last May", "2020-05-17T00:00:00Z", None, "'last May'"),
    ],
)
def test_ages_from_the_date_of_birth(one, born, seen, age, warning):
    case = one(packet(subject={"dateOfBirth": born, "timeAtLastEncounter": {"timestamp": seen}}))
    assert case.age == (None if age is None else pytest.approx(age, abs=0.01))
    assert (warning is None and case.warnings == ()) or warning in case.warnings[0]


def test_a_packet_without_subject_goes_on_with_a_warning(one):
    case = one(packet(subject=None))
    assert (case.sex, case.age, len(case.findings)) == (None, None, 1)
    assert "no subject" in case.warnings[0]


@pytest.mark.parametrize(("written", "sex"), [(1, Sex.FEMALE), (2, Sex.MALE), ("FEMALE", Sex.FEMALE), (None, None)])
def test_sex_may_be_the_number_of_the_enumeration(one, written, sex):
    assert one(packet(subject={"sex": written})).sex is sex


def test_a_feature_without_type_is_left_out_with_a_warning(one):
    case = one(packet(phenotypicFeatures=[{"excluded": True}, {"type": {"label": "odd smell"}}]))
    assert [f.text for f in case.findings] == ["odd smell"]
    assert "phenotypicFeatures[0] has no type" in case.warnings[0]


def test_papers_are_kept_for_evaluation(one):
    meta = {**META, "externalReferences": [{"id": "PMID:1"}, {"id": "DOI:2"}]}
    assert one(packet(metaData=meta)).extra == {"pmids": ["PMID:1"]}


@pytest.mark.parametrize(
    "old",
    [
        {"metaData": {"phenopacketSchemaVersion": "1.0.0"}},
        {"metaData": {}, "genes": [{"id": "HGNC:1"}]},
        {"metaData": {}, "variants": []},
        {"metaData": {}, "phenotypicFeatures": [{"type": {"id": "HP:1"}, "negated": True}]},
        {"metaData": {}, "subject": {"ageAtCollection": {"age": "P3Y"}}},
    ],
)
def test_version_1_is_refused_with_the_way_to_convert(one, old):
    bad = one(packet(**old))
    assert isinstance(bad, Unreadable) and bad.kind == "phenopacket-v1" and bad.id == "p1"
    assert "phenopacket-tools" in bad.message and "convert" in bad.message


def test_a_packet_that_states_no_version_and_has_nothing_old_is_read_with_a_warning(one):
    case = one(packet(metaData=None))
    assert isinstance(case, Case) and "read as version 2" in case.warnings[0]


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"phenotypicFeatures": {"type": {}}}, "phenotypicFeatures"),
        ({"phenotypicFeatures": [{"type": "HP:1"}]}, "phenotypicFeatures[0].type"),
        ({"phenotypicFeatures": [{"type": {"id": 1250}}]}, "phenotypicFeatures[0].type.id"),
        ({"subject": "Ann"}, "subject"),
    ],
)
def test_a_packet_of_the_wrong_shape_is_refused_naming_the_key(one, keys, key):
    bad = one(packet(**keys))
    assert bad.kind == "shape" and f"key `{key}`: found" in bad.message


def test_a_wrong_key_is_named_as_it_is_written(one):
    bad = one({"phenotypic_features": [{"type": {"id": 5}}], "meta_data": META})
    assert "key `phenotypic_features[0].type.id`: found the number 5" in bad.message


def test_of_a_family_the_proband_is_used(one):
    case = one({"id": "fam", "proband": packet(), "relatives": [packet(), packet()], "pedigree": {}, "metaData": META})
    assert case.id == "p1"
    assert "family fam" in case.warnings[0] and "not used: 2" in case.warnings[0]


def test_each_member_of_a_cohort_is_a_case_and_a_bad_one_stops_nobody(read):
    members = [packet(), packet(id="p2", phenotypicFeatures=5), 7, packet(id="p3")]
    found = read({"id": "co", "members": members, "metaData": META})
    assert [f.id for f in found] == ["p1", "p2", "in:3", "p3"]
    assert [isinstance(f, Case) for f in found] == [True, False, False, True]
    assert "member 1 of cohort co" in found[0].warnings[0]


def test_fhir_is_refused_with_what_to_do(one):
    bad = one({"resourceType": "Bundle", "id": "b1", "entry": []})
    assert bad.kind == "fhir" and bad.id == "b1"
    assert "comes in a later version" in bad.message and "phenopacket or case line" in bad.message


def test_a_folder_of_pretty_printed_packets_is_read_in_order(tmp_path):
    from rarescale.formats import read_inputs

    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(json.dumps(packet(id=name), indent=2))
    assert [case.id for case in read_inputs([str(tmp_path)])] == ["a", "b"]
