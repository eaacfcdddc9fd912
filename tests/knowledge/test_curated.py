"""The overlay: our own tables join the release, never hide in it, and are checked at the door."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rarescale.errors import KnowledgeError
from rarescale.knowledge import ANSWERABLE, BANDS, EVIDENCE, RARITIES, Knowledge, check, open_knowledge

DISEASES = (
    "id\tname\tsynonyms\ticd10cm\tclass\tcategory\tlinks\tsex\tage\tcourse\turgency\tseverity\ttreatable"
    "\tflags\n"
    "RSC:0001\tcommon shiver\tthe shakes cold\tJ00\tcommon\tInfections\t\tany\tchild|adult\tacute\troutine\t1\t2\t\n"
    "RSC:0002\tcopperfield's\t\tE83\trare\tMetabolic disorders\tORPHA:11\tmostly male\tadult\tchronic\tsoon\t4\t5"
    "\tfalls over\n"
)
ANNOTATIONS = (
    "#description: toy\n"
    "RSC:0001\tcommon shiver\t\tHP:0001337\tassumed\tASM\t\tHP:0040281\t\t\tP\tme\n"
    "RSC:0001\tcommon shiver\t\tRSF:0002\tassumed\tASM\t\tHP:0040282\t\t\tP\tme\n"
    "RSC:0001\tcommon shiver\t\tHP:0001250\tassumed\tASM\t\tHP:0040285\t\t\tP\tme\n"
    "RSC:0002\tcopperfield's\t\tHP:0000505\tassumed\tASM\t\tHP:0040283\t\t\tP\tme\n"
)
FACTORS = (
    "id\tname\tparents\tdefinition\tsynonyms\tlay\texcludes\tanswerable\timport\n"
    "RSF:0001\tExposure\t\tContact with something.\t\t\t\tpatient\t1\n"
    "RSF:0002\tCold wind\tRSF:0001\tWas out in cold wind.\tdraught\tstood in a draught|out in the wind\t\tpatient\t1\n"
)
LAY = (
    "term_id\tlabel\texpression\tvoice\treserved\n"
    "HP:0001337\tTremor\thands won't keep still\tdenial\t\n"
    "HP:0001337\tTremor\tteacup rattles\tplain\treserved\n"
)
ANSWERS = "term_id\tlabel\tanswerable\nHP:0001337\tTremor\tsymptom\nHP:0002240\tHepatomegaly\ttold\n"
PREVALENCE = (
    "id\tname\tband\tbasis\n"
    "ORPHA:13\tBlind-spleen syndrome\t1-9/1,000,000\tfew families\n"
    "RSC:0001\tcommon shiver\t>1/100\tassumed\n"
)


@pytest.fixture
def folder(toy_copy: Path) -> Path:
    tables = {
        "diseases.tsv": DISEASES,
        "annotations.tsv": ANNOTATIONS,
        "factors.tsv": FACTORS,
        "lay.tsv": LAY,
        "patient_answerable.tsv": ANSWERS,
        "prevalence.tsv": PREVALENCE,
    }
    for name, text in tables.items():
        (toy_copy / "curated" / name).write_text(text)
    return toy_copy


@pytest.fixture
def base(folder: Path) -> Knowledge:
    return open_knowledge(folder)


def place(base: Knowledge, disease: str) -> int:
    index = base.diseases.index(disease)
    assert index is not None
    return index


def test_our_diseases_join_those_of_the_release(base: Knowledge) -> None:
    assert len(base.diseases) == 7
    assert base.diseases.ids(place(base, "RSC:0001")) == ("RSC:0001",)
    assert base.diseases.name(place(base, "RSC:0001")) == "common shiver"


def test_a_linked_disease_is_one_disease_with_all_its_ids_and_findings(base: Knowledge) -> None:
    linked = place(base, "RSC:0002")
    assert base.diseases.ids(linked) == ("OMIM:100001", "ORPHA:11", "RSC:0002")
    assert base.diseases.name(linked) == "Copperfield disease"
    findings = {base.ontology.labels[a.term] for a in base.diseases.annotations(linked)}
    assert {"Tremor", "Visual impairment"} <= findings


def test_assumed_rows_say_so(base: Knowledge) -> None:
    rows = list(base.diseases.annotations(place(base, "RSC:0001")))
    assert {(a.reference, a.evidence) for a in rows} == {("assumed", "ASM")}
    assert "ASM" in EVIDENCE
    assert [base.ontology.labels[a.term] for a in rows if a.negative] == ["Seizure"]


def test_factors_are_findings_of_their_own_and_no_phenotype_of_hpo(base: Knowledge) -> None:
    wind = base.ontology.index("RSF:0002")
    assert wind is not None
    assert base.ontology.is_finding[wind]
    assert {base.ontology.labels[int(a)] for a in base.ontology.ancestors[wind]} == {"Cold wind", "Exposure"}
    assert ("RSF:0002", "draught") in {(n.term, n.text) for n in base.ontology.names(findings_only=True)}


def test_reserved_expressions_are_left_out_unless_asked_for(base: Knowledge) -> None:
    assert {e.text for e in base.ontology.lay()} == {"hands won't keep still", "stood in a draught", "out in the wind"}
    assert "teacup rattles" in {e.text for e in base.ontology.lay(reserved=True)}


def test_what_a_patient_can_know_is_told(base: Knowledge) -> None:
    answers = {}
    for term in ("HP:0001337", "HP:0002240", "HP:0001250"):
        index = base.ontology.index(term)
        assert index is not None
        answers[term] = base.ontology.answerable(index)
    assert answers == {"HP:0001337": "symptom", "HP:0002240": "told", "HP:0001250": "unknown"}
    assert set(answers.values()) <= set(ANSWERABLE)


@pytest.mark.parametrize(
    ("disease", "rarity"),
    [("RSC:0001", "common"), ("ORPHA:11", "rare"), ("ORPHA:13", "rare"), ("OMIM:100003", "unknown")],
)
def test_rarity_is_told_or_follows_from_the_band_or_the_source(base: Knowledge, disease: str, rarity: str) -> None:
    assert base.diseases.rarity(place(base, disease)) == rarity
    assert rarity in RARITIES


def test_prevalence_severity_and_category_are_told(base: Knowledge) -> None:
    shiver, copper = place(base, "RSC:0001"), place(base, "RSC:0002")
    assert BANDS[base.diseases.bands[shiver]] == ">1/100"
    assert base.diseases.told("severity")[[shiver, copper]].tolist() == [1, 4]
    assert base.diseases.told("treatable")[copper] == 5
    assert base.diseases.categories[copper] == "Metabolic disorders"
    assert np.count_nonzero(base.diseases.told("severity")) == 2


@pytest.mark.parametrize(
    ("table", "damage", "message"),
    [
        ("diseases.tsv", lambda t: t.replace("\tcommon\t", "\tfrequent\t"), "class of RSC:0001 is 'frequent'"),
        ("diseases.tsv", lambda t: t.replace("\tlinks\t", "\tlnks\t"), "no column links"),
        ("diseases.tsv", lambda t: t[: t.rindex("\tsoon")], "line 3"),
        ("prevalence.tsv", lambda t: t.replace(">1/100", "often"), "band of RSC:0001 is 'often'"),
        ("annotations.tsv", lambda t: t.replace("HP:0040282", "11/10"), "line 3.*11/10"),
        ("lay.tsv", lambda t: t.replace("\tdenial\t", "\tshouted\t"), "voice of HP:0001337"),
    ],
)
def test_a_broken_table_is_named_with_the_place(folder: Path, table: str, damage: object, message: str) -> None:
    path = folder / "curated" / table
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    with pytest.raises(KnowledgeError, match=message):
        open_knowledge(folder)


def test_another_table_is_another_release(folder: Path, base: Knowledge) -> None:
    path = folder / "curated" / "lay.tsv"
    path.write_text(LAY.replace("keep still", "stay still"))
    assert open_knowledge(folder).release.hash != base.release.hash


def test_the_shipped_tables_speak_of_terms_the_release_has(hpo: Knowledge) -> None:
    assert [i for i in check(hpo) if i.level == "error"] == []
    assert int(hpo.arrays["rows.unknown_terms"][0]) == 0
    assert sum(1 for _ in hpo.ontology.lay()) > 30_000
