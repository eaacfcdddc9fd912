from __future__ import annotations

import json

import pytest

from rarescale.formats import read_inputs
from rarescale.record import Case, Finding, Sex, State, Unreadable

WILSON = {
    "id": "c1",
    "sex": "FEMALE",
    "age": "P34Y6M",
    "present": ["HP:0000737", "recent travel to Ghana"],
    "absent": ["HP:0001250"],
    "diagnosis": ["OMIM:277900", "ORPHA:905"],
    "diagnosis_name": "Wilson disease",
    "dataset": "made up",
}


def test_a_case_line_becomes_a_case_with_every_field(one):
    case = one(WILSON)
    assert isinstance(case, Case)
    assert (case.id, case.sex, case.age) == ("c1", Sex.FEMALE, 34.5)
    assert case.findings == (
        Finding(text="HP:0000737"),
        Finding(text="recent travel to Ghana"),
        Finding(text="HP:0001250", state=State.ABSENT),
    )
    assert case.diagnosis == ("OMIM:277900", "ORPHA:905")
    assert case.diagnosis_name == "Wilson disease"
    assert case.extra == {"dataset": "made up"}
    assert case.warnings == ()
    assert case.origin.endswith("in.jsonl line 1")


def test_items_may_be_objects_with_id_label_and_onset(one):
    items = [{"id": "HP:0001250", "label": "Seizure", "onset": "P3Y"}, {"label": "odd smell"}, {"id": "HP:0001251"}]
    assert one({"present": items}).findings == (
        Finding(text="HP:0001250", label="Seizure", onset="P3Y"),
        Finding(text="odd smell", label="odd smell"),
        Finding(text="HP:0001251"),
    )


def test_an_onset_that_makes_no_sense_is_left_out_with_a_warning(one):
    case = one({"present": [{"id": "HP:0001250", "onset": "long ago"}]})
    assert case.findings[0].onset is None
    assert "present[0]" in case.warnings[0] and "'long ago'" in case.warnings[0]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(7, "7"), ("seven", "seven"), (None, "in:2"), ("", "in:2"), (1.5, "1.5")],
)
def test_the_id_is_text_and_a_missing_one_comes_from_file_and_line(read, stated, expected):
    assert read([WILSON, {"id": stated, "present": ["HP:1"]}])[1].id == expected


def test_a_repeated_id_is_kept_and_warned_of_at_the_second_case(read):
    first, second = read([WILSON, WILSON])
    assert first.id == second.id == "c1"
    assert first.warnings == ()
    assert "used before" in second.warnings[0] and "line 1" in second.warnings[0]


def test_an_id_is_also_known_from_an_earlier_file(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.json").write_text(json.dumps(WILSON))
    _, second = read_inputs([str(tmp_path)])
    assert "a.json line 1" in second.warnings[0]


def test_null_lists_count_as_empty_and_a_case_without_findings_is_warned_of(one):
    case = one({"present": ["HP:1"], "absent": None, "diagnosis": None})
    assert len(case.findings) == 1 and case.diagnosis == ()
    assert "no findings" in one({"present": []}).warnings[0]


def test_a_blank_item_is_left_out_with_a_warning(one):
    case = one({"present": ["HP:1", " "]})
    assert [f.text for f in case.findings] == ["HP:1"]
    assert "present[1] is blank" in case.warnings[0]


def test_ten_thousand_findings_are_read(one):
    assert len(one({"present": [f"HP:{k:07}" for k in range(10_000)]}).findings) == 10_000


def test_of_a_repeated_key_the_last_counts(one):
    assert one('{"present": ["HP:1"], "present": ["HP:2"]}').findings[0].text == "HP:2"


@pytest.mark.parametrize(
    ("line", "key", "found"),
    [
        ({"present": 5}, "present", "the number 5"),
        ({"present": "HP:1"}, "present", "the text 'HP:1'"),
        ({"present": ["HP:1", 7]}, "present[1]", "the number 7"),
        ({"present": ["HP:1"], "absent": [["HP:2"]]}, "absent[0]", "a list of 1"),
        ({"present": [{"id": 5}]}, "present[0].id", "the number 5"),
        ({"present": [], "id": ["x"]}, "id", "a list of 1"),
        ({"present": [], "id": True}, "id", "true"),
        ({"present": [], "age": {"years": 3}}, "age", "an object"),
        ({"present": [], "sex": ["F"]}, "sex", "a list of 1"),
        ({"present": [], "diagnosis": [277900]}, "diagnosis[0]", "the number 277900"),
    ],
)
def test_a_wrong_type_is_refused_naming_key_and_value_and_the_rest_goes_on(read, line, key, found):
    bad, good = read([line, WILSON])
    assert isinstance(bad, Unreadable) and bad.kind == "shape"
    assert f"line 1, key `{key}`: found {found}; expected " in bad.message
    assert isinstance(good, Case)


def test_the_expectation_comes_from_the_published_schema(one):
    message = one({"present": 5}).message
    assert "expected a list (list of term ids, plain words" in message


def test_a_refused_case_keeps_its_id(one):
    assert one({"id": "keep me", "present": 5}).id == "keep me"


@pytest.mark.parametrize("line", ["{}", '{"id": "c1", "sex": "MALE"}', '{"hello": 1}', "5", '"text"', "[]", "null"])
def test_json_that_is_no_known_kind_is_refused_with_what_was_expected(one, line):
    bad = one(line, "in.jsonl")
    assert bad.kind in ("shape", "no-cases", "json")
    assert "expected" in bad.message


def test_the_format_option_reads_a_case_line_without_findings(one):
    assert isinstance(one({"id": "c1", "sex": "MALE"}, format="case"), Case)
