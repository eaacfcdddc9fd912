from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.errors import KnowledgeError
from rarescale.knowledge import Changed, DiseaseChange, Entry, KnowledgeDiff, Obsoleted, Renamed, diff_knowledge

TOY = Path(__file__).parent.parent / "toy"
HEAD = "#version: 2020-02-02\n"
ROWS = [r for r in (TOY / "phenotype.hpoa").read_text().splitlines() if r[0] != "#" and not r.startswith("database")]
TABLES = {
    "lay.tsv": (
        "term_id\tlabel\texpression\tvoice\treserved\n"
        "HP:0000618\tBlindness\tI can't see\tplain\t\n"
        "HP:0000618\tLoss of sight\tall is dark\tplain\t\n"
        "HP:0001337\tTremor\tI shake\tplain\t\n"
        "HP:0002240\tHepatomegaly\tmy liver is big\tdoctor\t\n"
    ),
    "prevalence.tsv": "id\tname\tband\tbasis\nORPHA:13\tBlind-spleen syndrome\t1-9/100,000\tassumed\n",
    "equivalents.tsv": "orpha\tomim\trelation\treason\nORPHA:11\tOMIM:100001\tsame\tnames\n",
}


def row(disease: str, name: str, term: str, frequency: str, qualifier: str = "") -> str:
    return f"{disease}\t{name}\t{qualifier}\t{term}\tPMID:9\tPCS\t\t{frequency}\t\t\tP\tTEST:toy[2021-01-01]"


@pytest.fixture
def newer(toy_copy: Path) -> Path:
    """The toy a year later: each kind of change once."""
    obo = (toy_copy / "hp.obo").read_text().replace("2020-02-02", "2021-01-01")
    obo = obo.replace("name: Blindness\n", "name: Loss of vision\n")
    obo = obo.replace("[Term]\nid: HP:0001337\n", "[Term]\nid: HP:0099999\nalt_id: HP:0001337\n")
    obo = obo.replace(
        "name: Hepatomegaly\n", "name: obsolete Hepatomegaly\nis_obsolete: true\nconsider: HP:0001392\n"
    ).replace("is_a: HP:0001392 ! Abnormality of the liver\n", "")
    (toy_copy / "hp.obo").write_text(obo + "\n[Term]\nid: HP:0088888\nname: Night sweats\nis_a: HP:0000118\n")
    hpoa = (
        (toy_copy / "phenotype.hpoa")
        .read_text()
        .replace("2020-02-02", "2021-01-01")
        .replace("HP:0001337", "HP:0099999")
    )
    lines = [r for r in hpoa.splitlines() if not r.startswith("ORPHA:13\t") and "HP:0002240" not in r]
    lines = [r.replace("\t20/20\t", "\t21/24\t") if r.startswith("OMIM:100002\t") else r for r in lines]
    lines = [r.replace("Fitful syndrome 1", "Fitful syndrome, first") for r in lines]
    lines += [
        row("OMIM:100003", "Fitful syndrome 2", "HP:0088888", "2/3"),
        row("OMIM:100009", "Sweat disease", "HP:0088888", "3/3"),
    ]
    (toy_copy / "phenotype.hpoa").write_text("\n".join(lines) + "\n")
    for name, text in TABLES.items():
        (toy_copy / "curated" / name).write_text(text)
    return toy_copy


@pytest.fixture
def found(newer: Path) -> KnowledgeDiff:
    return diff_knowledge(TOY, newer)


def test_both_releases_are_named(found: KnowledgeDiff) -> None:
    assert (found.old, found.new) == ("HPO 2020-02-02", "HPO 2021-01-01")


def test_terms_added_obsoleted_and_renamed(found: KnowledgeDiff) -> None:
    assert found.terms_added == (Entry("HP:0088888", "Night sweats"), Entry("HP:0099999", "Tremor"))
    assert found.terms_obsoleted == (
        Obsoleted("HP:0001337", "Tremor", "HP:0099999", ()),
        Obsoleted("HP:0002240", "Hepatomegaly", "", ("HP:0001392",)),
    )
    assert found.terms_renamed == (Renamed("HP:0000618", "Blindness", "Loss of vision"),)


def test_diseases_added_gone_and_renamed(found: KnowledgeDiff) -> None:
    assert found.diseases_added == (Entry("OMIM:100009", "Sweat disease"),)
    assert found.diseases_gone == (Entry("ORPHA:13", "Blind-spleen syndrome"),)
    assert found.diseases_renamed == (Renamed("OMIM:100002", "Fitful syndrome 1", "Fitful syndrome, first"),)


def test_annotations_added_removed_and_with_another_frequency(found: KnowledgeDiff) -> None:
    changes = {c.id: c for c in found.diseases_changed}
    assert changes == {
        "OMIM:100001": DiseaseChange(
            "OMIM:100001", "Copperfield disease", (), (Entry("HP:0002240", "Hepatomegaly"),), ()
        ),
        "OMIM:100002": DiseaseChange(
            "OMIM:100002", "Fitful syndrome, first", (), (), (Changed("HP:0001250", "Seizure", ("20/20",), ("21/24",)),)
        ),
        "OMIM:100003": DiseaseChange(
            "OMIM:100003", "Fitful syndrome 2", (Entry("HP:0088888", "Night sweats"),), (), ()
        ),
    }


def test_a_merged_term_is_no_change_of_the_diseases_that_have_it(found: KnowledgeDiff) -> None:
    assert "ORPHA:11" not in {c.id for c in found.diseases_changed}


def test_the_lines_of_our_tables_that_are_touched(found: KnowledgeDiff) -> None:
    assert [(t.table, t.id, t.change, t.now, t.lines) for t in found.touched] == [
        ("lay.tsv", "HP:0000618", "renamed", "Loss of vision", (2,)),
        ("lay.tsv", "HP:0001337", "replaced", "HP:0099999", (4,)),
        ("lay.tsv", "HP:0002240", "obsolete", "HP:0001392", (5,)),
        ("prevalence.tsv", "ORPHA:13", "gone", "", (2,)),
    ]


def test_a_denial_counts_as_a_change_of_frequency(toy_copy: Path) -> None:
    path = toy_copy / "phenotype.hpoa"
    path.write_text(
        path.read_text().replace("Blind-spleen syndrome\tNOT\tHP:0001250", "Blind-spleen syndrome\t\tHP:0001250")
    )
    (change,) = diff_knowledge(TOY, toy_copy).diseases_changed
    assert change.changed == (Changed("HP:0001250", "Seizure", ("NOT not stated",), ("not stated",)),)


def test_a_second_paper_on_one_finding_changes_its_frequencies(toy_copy: Path) -> None:
    with (toy_copy / "phenotype.hpoa").open("a") as out:
        out.write(row("OMIM:100002", "Fitful syndrome 1", "HP:0001250", "3/5") + "\n")
    (change,) = diff_knowledge(TOY, toy_copy).diseases_changed
    assert change.changed == (Changed("HP:0001250", "Seizure", ("20/20",), ("20/20", "3/5")),)


def test_the_installed_tables_are_looked_at_where_the_new_folder_has_none(newer: Path) -> None:
    shutil.rmtree(newer / "curated")
    touched = diff_knowledge(TOY, newer).touched
    assert {t.id for t in touched} >= {"HP:0001337", "HP:0002240"}
    assert "annotations.tsv" in {t.table for t in touched}


@pytest.mark.parametrize("name", ["hp.obo", "phenotype.hpoa"])
def test_a_missing_file_is_named(toy_copy: Path, name: str) -> None:
    (toy_copy / name).unlink()
    with pytest.raises(KnowledgeError, match=name):
        diff_knowledge(TOY, toy_copy)


def write(folder: Path, rows: list[str]) -> Path:
    (folder / "curated").mkdir(parents=True)
    shutil.copy(TOY / "hp.obo", folder)
    (folder / "phenotype.hpoa").write_text(HEAD + "\n".join(rows) + "\n")
    return folder


def pairs(rows: list[str]) -> set[tuple[str, str, str]]:
    """Disease, term and aspect of each row: the definition, restated."""
    return {(f[0], f[3], f[10]) for f in (r.split("\t") for r in rows)}


some_rows = st.lists(st.sampled_from(ROWS), min_size=1, unique=True)


@given(some_rows, some_rows)
@settings(max_examples=25, deadline=None)
def test_the_old_rows_with_the_changes_are_the_new_rows_and_the_way_back_mirrors_it(
    old: list[str], new: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        a, b = write(Path(scratch) / "a", old), write(Path(scratch) / "b", new)
        there, back = diff_knowledge(a, b), diff_knowledge(b, a)
    gone, added = {d.id for d in there.diseases_gone}, {d.id for d in there.diseases_added}
    assert {p[0] for p in pairs(old)} - gone | added == {p[0] for p in pairs(new)}
    plus = {(d.id, e.id) for d in there.diseases_changed for e in d.added}
    minus = {(d.id, e.id) for d in there.diseases_changed for e in d.removed}
    both = {p[:2] for p in pairs(old) if p[0] not in gone}
    assert both - minus | plus == {p[:2] for p in pairs(new) if p[0] not in added}
    assert (there.diseases_gone, there.diseases_added) == (back.diseases_added, back.diseases_gone)
    assert minus == {(d.id, e.id) for d in back.diseases_changed for e in d.added}
    assert [(c.old, c.new) for d in there.diseases_changed for c in d.changed] == [
        (c.new, c.old) for d in back.diseases_changed for c in d.changed
    ]


def test_a_release_does_not_differ_from_itself() -> None:
    found = diff_knowledge(TOY, TOY)
    assert not any(value for value in vars_of(found).values())


def vars_of(found: KnowledgeDiff) -> dict[str, object]:
    return {name: getattr(found, name) for name in KnowledgeDiff.__dataclass_fields__ if name not in ("old", "new")}


def test_the_command_tells_people_and_programs_the_same(newer: Path) -> None:
    text = CliRunner().invoke(app, ["knowledge", "diff", str(TOY), str(newer), "--limit", "1"])
    data = CliRunner().invoke(app, ["knowledge", "diff", str(TOY), str(newer), "--json"])
    assert text.exit_code == data.exit_code == 0
    assert "HPO 2020-02-02 -> HPO 2021-01-01" in text.stdout
    assert "terms obsoleted: 2\n  HP:0001337  Tremor -> HP:0099999\n  and 1 more" in text.stdout
    assert "diseases with other annotations, most changed first: 3" in text.stdout
    assert "ids in our own tables that this touches: 4" in text.stdout
    (line,) = data.stdout.splitlines()
    found = json.loads(line)
    assert len(found["terms_obsoleted"]) == 2
    assert found["touched"][0]["lines"] == [2]
    assert found["diseases_changed"][1]["changed"][0]["new"] == ["21/24"]
