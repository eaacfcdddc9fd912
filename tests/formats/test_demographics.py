from __future__ import annotations

import pytest

from rarescale.record import Sex


@pytest.mark.parametrize(
    ("written", "sex"),
    [
        ("FEMALE", Sex.FEMALE),
        ("female", Sex.FEMALE),
        ("F", Sex.FEMALE),
        ("f", Sex.FEMALE),
        (" Male ", Sex.MALE),
        ("m", Sex.MALE),
        ("OTHER_SEX", Sex.OTHER_SEX),
        ("unknown", Sex.UNKNOWN_SEX),
        (None, None),
        ("", None),
    ],
)
def test_plain_spellings_of_sex_are_understood(one, written, sex):
    case = one({"present": ["HP:1"], "sex": written})
    assert case.sex is sex and case.warnings == ()


@pytest.mark.parametrize(("written", "named"), [("girlish", "'girlish'"), (1, "the number 1"), ("W", "'W'")])
def test_other_spellings_of_sex_are_named_in_a_warning(one, written, named):
    case = one({"present": ["HP:1"], "sex": written})
    assert case.sex is None
    assert named in case.warnings[0] and "FEMALE, MALE" in case.warnings[0]


@pytest.mark.parametrize(
    ("written", "age"), [("P34Y", 34.0), ("P6M", 0.5), ("p1y6m", 1.5), ("P0D", 0.0), (None, None), ("", None)]
)
def test_durations_are_read_as_years(one, written, age):
    case = one({"present": ["HP:1"], "age": written})
    assert case.age == age and case.warnings == ()


@pytest.mark.parametrize(("written", "age"), [(34, 34.0), ("34", 34.0), (0.5, 0.5), ("2.5", 2.5), (0, 0.0)])
def test_bare_numbers_in_a_case_line_are_years_with_a_warning(one, written, age):
    case = one({"present": ["HP:1"], "age": written})
    assert case.age == age
    assert "taken as years" in case.warnings[0]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("P300Y", "'P300Y'"),
        ("abc", "'abc'"),
        (-5, "the number -5"),
        ("-5", "'-5'"),
        (126, "the number 126"),
        (10**400, "the number inf"),
        ("P", "'P'"),
        ("P1Y" * 1000, "P1YP1Y"),
        ("34 years", "'34 years'"),
    ],
)
def test_an_impossible_age_stays_empty_and_the_warning_names_value_and_expectation(one, written, named):
    case = one({"present": ["HP:1"], "age": written})
    assert case.age is None
    assert named in case.warnings[0] and "P34Y2M" in case.warnings[0]
    assert len(case.warnings[0]) < 200
