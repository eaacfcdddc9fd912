from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.knowledge import parse_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Usher syndrome, type IIA", "usher syndrome type 2A"),
        ("Glycogen storage disease II", "Glycogen storage disease type 2"),
        ("Wilson disease", "Wilson's disease"),
        ("Wilson disease", "Wilson’s Disease"),
        ("Lesch-Nyhan syndrome", "Lesch–Nyhan syndrome"),
        ("Behcet syndrome", "Behçet disease"),
        ("Hemophilia A", "Haemophilia A"),
        ("Ehlers-Danlos syndrome, vascular type", "Vascular Ehlers-Danlos syndrome"),
        ("Tuberous sclerosis-2", "Tuberous sclerosis 2"),
        ("Porphyria, acute intermittent", "acute intermittent porphyria"),
        ("Noonan syndrome 4", "Noonan syndrome type IV"),
        ("Ellis-van Creveld syndrome", "ellis van creveld"),
    ],
)
def test_spellings_of_one_name_are_the_same(one: str, other: str) -> None:
    assert parse_name(one).same_as(parse_name(other))
    assert parse_name(other).same_as(parse_name(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Usher syndrome, type IIA", "Usher syndrome, type IIIA"),
        ("Usher syndrome, type II", "Usher syndrome"),
        ("Goldberg-Shprintzen syndrome", "Shprintzen-Goldberg syndrome"),
        ("Spastic paraplegia, autosomal dominant", "Spastic paraplegia, autosomal recessive"),
        ("Niemann-Pick disease type A", "Niemann-Pick disease type B"),
        ("Fanconi anemia", "Fanconi syndrome"),
    ],
)
def test_names_of_different_diseases_are_not_the_same(one: str, other: str) -> None:
    assert not parse_name(one).same_as(parse_name(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Usher syndrome, type IIA", "Usher syndrome type 1"),
        ("Noonan syndrome 1", "Noonan syndrome"),
        ("Deafness, autosomal recessive 1A", "Deafness, autosomal dominant 5"),
        ("Muscular dystrophy, limb-girdle, type 2A", "limb-girdle muscular dystrophy R1"),
        ("Mucopolysaccharidosis IVA", "Mucopolysaccharidosis type IVB"),
    ],
)
def test_number_letter_and_inheritance_do_not_part_a_series(one: str, other: str) -> None:
    assert parse_name(one).one_series(parse_name(other))


@pytest.mark.parametrize(
    ("family", "member", "covered"),
    [
        ("Ehlers-Danlos syndrome", "Ehlers-Danlos syndrome, vascular type", True),
        ("Charcot-Marie-Tooth disease", "Charcot-Marie-Tooth disease, demyelinating, type 1A", True),
        ("Ehlers-Danlos syndrome, vascular type", "Ehlers-Danlos syndrome", False),
        ("Wilson disease", "Wilson-Turner syndrome", False),
        ("Noonan syndrome", "Neurofibromatosis-Noonan syndrome", False),
        ("", "Noonan syndrome", False),
    ],
)
def test_a_family_covers_its_members_but_half_an_eponym_covers_nothing(family: str, member: str, covered: bool) -> None:
    assert parse_name(family).covers(parse_name(member)) is covered


@pytest.mark.parametrize(
    ("name", "letter"), [("Ataxia with isolated vitamin E deficiency", "e"), ("Factor V deficiency", "v")]
)
def test_letters_within_a_name_do_not_number_it(name: str, letter: str) -> None:
    assert letter in parse_name(name).family


@given(st.text(max_size=30))
def test_any_text_can_be_taken_apart_and_is_its_own_name(text: str) -> None:
    name = parse_name(text)
    assert name.same_as(name)
    assert not name.covers(name)
