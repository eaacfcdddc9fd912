from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.errors import KnowledgeError
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.knowledge.merge import clusters, merge_by_name, name_key, normal_name, preferred_order, read_mondo


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wilson disease", "WILSON DISEASE"),
        ("Aymé-Gripp syndrome", "Ayme-Gripp syndrome"),
        ("Usher syndrome, type IIA", "Usher syndrome type IIA"),
        ("Narcolepsy 1", "Narcolepsy type 1"),
        ("Noonan syndrome, type IV", "Noonan syndrome 4"),
        ("Crohn's disease", "Crohn disease"),
        ("Fanconi anaemia", "Fanconi anemia"),
    ],
)
def test_the_same_name_in_two_spellings_is_equal(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Noonan syndrome 1", "Noonan syndrome 2"),
        ("Usher syndrome type 1", "Usher syndrome"),
        ("Hemophilia A", "Hemophilia B"),
        ("Wilson disease", "Wilson-Turner syndrome"),
    ],
)
def test_subtypes_and_neighbours_stay_different(one: str, other: str) -> None:
    assert normal_name(one) != normal_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bladder exstrophy", "Exstrophy of bladder"),
        ("Albinism, oculocutaneous, type VI", "Oculocutaneous albinism type 6"),
        ("Fabry disease", "Fabry syndrome"),
    ],
)
def test_word_order_and_empty_words_do_not_matter(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Goldberg-Shprintzen syndrome", "Shprintzen-Goldberg syndrome"),
        ("Noonan syndrome 1", "Noonan syndrome 2"),
        ("Spastic paraplegia 70", "Spastic paraplegia"),
    ],
)
def test_the_order_within_an_eponym_and_numbers_matter(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_equal_names_of_two_sources_are_one_disease() -> None:
    assert merge_by_name({"OMIM:1": "Rare disease", "ORPHA:2": "rare disease", "ORPHA:3": "Other"}) == [
        ("OMIM:1", "ORPHA:2")
    ]


def test_a_name_that_fits_two_entries_of_one_source_joins_nothing() -> None:
    assert merge_by_name({"OMIM:1": "Deafness", "OMIM:2": "Deafness", "ORPHA:3": "Deafness"}) == []


def test_the_bare_name_of_a_numbered_series_joins_nothing() -> None:
    names = {"OMIM:1": "Sotos syndrome", "OMIM:2": "Sotos syndrome 2", "ORPHA:3": "Sotos syndrome"}
    assert merge_by_name(names) == []


ids = st.lists(st.sampled_from([f"{s}:{n}" for s in ("OMIM", "ORPHA") for n in range(12)]), unique=True)


@given(ids, st.data())
def test_clusters_are_a_partition_that_joins_every_pair(members: list[str], data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(members), st.sampled_from(members)))) if members else []
    groups = clusters(members, pairs)
    assert sorted(i for g in groups for i in g) == sorted(members)
    where = {i: k for k, g in enumerate(groups) for i in g}
    assert all(where[a] == where[b] for a, b in pairs)


@given(ids, st.data())
def test_clusters_join_nothing_that_no_chain_of_pairs_joins(members: list[str], data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(members), st.sampled_from(members)))) if members else []
    reach = {i: {i} for i in members}
    for _ in members:  # a slow closure by repeated relaxation
        for a, b in pairs:
            both = reach[a] | reach[b]
            for i in both:
                reach[i] = reach[i] | both
    assert {frozenset(g) for g in clusters(members, pairs)} == {frozenset(r) for r in reach.values()}


def test_the_preferred_id_is_omim_then_orpha_by_number() -> None:
    assert preferred_order(["ORPHA:9", "DECIPHER:1", "OMIM:200", "ORPHA:10", "OMIM:99"]) == [
        "OMIM:99",
        "OMIM:200",
        "ORPHA:9",
        "ORPHA:10",
        "DECIPHER:1",
    ]


def test_the_toy_diseases_are_merged_by_the_rule(toy: Knowledge) -> None:
    assert [toy.diseases.ids(d) for d in range(len(toy.diseases))] == [
        ("OMIM:100001", "ORPHA:11"),
        ("OMIM:100002",),
        ("OMIM:100003",),
        ("ORPHA:12",),
        ("ORPHA:13",),
        ("DECIPHER:1",),
    ]


def test_mondo_decides_where_it_is_given(toy_copy: Path) -> None:
    (toy_copy / "mondo.sssom.tsv").write_text(
        "# mapping_set_id: toy\nsubject_id\tpredicate_id\tobject_id\n"
        "MONDO:1\tskos:exactMatch\tOMIM:100002\n"
        "MONDO:1\tskos:exactMatch\tOrphanet:12\n"
        "MONDO:2\tskos:broadMatch\tOMIM:100003\n"
        "MONDO:2\tskos:exactMatch\tOrphanet:13\n"
    )
    diseases = open_knowledge(toy_copy).diseases
    assert diseases.ids(diseases.index("ORPHA:12") or 0) == ("OMIM:100002", "ORPHA:12")
    assert diseases.index("OMIM:100003") != diseases.index("ORPHA:13")
    assert diseases.index("OMIM:100001") != diseases.index("ORPHA:11"), "names no longer decide"


def test_a_file_that_is_not_sssom_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(KnowledgeError, match="subject_id"):
        read_mondo(tmp_path / "m.tsv")
