from __future__ import annotations

import re
from pathlib import Path

import pytest

from rarescale.knowledge import Knowledge, Resolver, check, disease_card, finding_card, open_knowledge, search


@pytest.mark.parametrize(
    ("text", "term", "how"),
    [
        ("HP:0001250", "HP:0001250", "id"),
        ("hp:0001250", "HP:0001250", "id"),
        ("HP_0001250", "HP:0001250", "id"),
        ("http://purl.obolibrary.org/obo/HP_0001250", "HP:0001250", "id"),
        ("HP:0001275", "HP:0001250", "moved"),
        ("HP:0000990", "HP:0001337", "moved"),
        ("tremor", "HP:0001337", "label"),
        ("  TREMOR ", "HP:0001337", "label"),
        ("shakes", "HP:0001337", "synonym"),
        ("enlarged  liver", "HP:0002240", "synonym"),
        ("HP:0000991", None, "none"),
        ("HP:9999999", None, "none"),
        ("recent travel to Ghana", None, "none"),
        ("", None, "none"),
        ("large organ", None, "none"),
    ],
)
def test_any_id_or_label_resolves_to_a_current_term(toy: Knowledge, text: str, term: str | None, how: str) -> None:
    resolution = Resolver(toy.ontology).resolve(text)
    assert (resolution.term, resolution.how) == (term, how)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("HP:0001275", "HP:0001250 .Seizure. is used"),
        ("HP:0000991", "obsolete.*HP:0001337, HP:0001250"),
        ("HP:9999999", "not a term"),
        ("large organ", "may mean HP:0001744 .*HP:0002240"),
        ("zzz", "neither"),
    ],
)
def test_what_had_to_be_done_is_told(toy: Knowledge, text: str, note: str) -> None:
    assert re.search(note, Resolver(toy.ontology).resolve(text).note)


def test_search_finds_findings_and_diseases_by_beginnings_of_words(toy: Knowledge) -> None:
    assert [h.id for h in search(toy, "fitf syn")] == ["ORPHA:12", "OMIM:100002", "OMIM:100003"]
    assert [(h.id, h.name) for h in search(toy, "shakes")] == [("HP:0001337", "Shakes")]
    assert search(toy, "tremor blindness") == []
    assert search(toy, "  ") == []


def test_an_exact_name_comes_first(toy: Knowledge) -> None:
    hits = search(toy, "seizure")
    assert hits[0].id == "HP:0001250"
    assert hits[0].score == 1.0
    assert {h.id for h in hits[1:]} == {"HP:0002373"}


def test_a_disease_card_has_findings_by_falling_frequency_and_exclusions_apart(toy: Knowledge) -> None:
    card = disease_card(toy, "ORPHA:11")
    assert card is not None
    assert card.ids == ("OMIM:100001", "ORPHA:11")
    assert [(f.label, f.frequency) for f in card.findings] == [
        ("Hepatomegaly", "7/10"),
        ("Tremor", "9/10; 3/10; Very frequent (80-99%)"),
        ("Febrile seizure", "Very rare (1-4%)"),
    ]
    assert card.findings[1].sources == ("PMID:1", "PMID:2", "ORPHA:11")
    assert [c.label for c in card.course] == ["Adult onset"]
    blind = disease_card(toy, "ORPHA:13")
    assert blind is not None
    assert {x.label for x in blind.excluded} == {"Hepatomegaly", "Seizure"}
    assert not {"Hepatomegaly", "Seizure"} & {f.label for f in blind.findings}


def test_no_card_for_an_unknown_id(toy: Knowledge) -> None:
    assert disease_card(toy, "OMIM:1") is None
    assert finding_card(toy, "HP:1") is None


def test_a_finding_card_counts_diseases_at_the_term_or_below_but_not_exclusions(toy: Knowledge) -> None:
    card = finding_card(toy, "HP:0001275")
    assert card is not None
    assert (card.id, card.label) == ("HP:0001250", "Seizure")
    assert card.diseases == 4
    assert ("Epilepsy", "related") in card.names


def test_the_toy_knowledge_is_clean(toy: Knowledge) -> None:
    assert check(toy) == []


def test_the_installed_release_has_no_errors(hpo: Knowledge) -> None:
    assert [i for i in check(hpo) if i.level == "error"] == []


def test_check_tells_of_rows_whose_term_the_ontology_lacks(toy_copy: Path) -> None:
    path = toy_copy / "phenotype.hpoa"
    path.write_text(path.read_text().replace("HP:0000103", "HP:0099999"))
    assert [i.code for i in check(open_knowledge(toy_copy))] == ["unknown-term"]


def test_check_tells_of_a_finding_both_listed_and_excluded(toy_copy: Path) -> None:
    with (toy_copy / "phenotype.hpoa").open("a") as stream:
        stream.write("ORPHA:12\tFitful syndrome\tNOT\tHP:0001250\tORPHA:12\tTAS\t\t\t\t\tP\tx\n")
    issues = check(open_knowledge(toy_copy))
    assert [(i.code, i.where) for i in issues] == [("listed-and-excluded", "ORPHA:12")]


def test_check_tells_of_two_releases_mixed(toy_copy: Path) -> None:
    path = toy_copy / "phenotype.hpoa"
    path.write_text(path.read_text().replace("#version: 2020-02-02", "#version: 2021-01-01"))
    assert "release-mismatch" in [i.code for i in check(open_knowledge(toy_copy))]
