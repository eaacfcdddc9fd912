from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from rarescale.errors import KnowledgeError
from rarescale.knowledge import EVIDENCE, Knowledge, Origin, cache_folder, find_sources, open_knowledge


def labels(toy: Knowledge, indices: object) -> set[str]:
    return {toy.ontology.labels[int(i)] for i in indices}  # type: ignore[attr-defined]


def test_ancestors_and_descendants_include_the_term_itself(toy: Knowledge) -> None:
    ontology = toy.ontology
    blindness = ontology.index("HP:0000618")
    assert blindness is not None
    assert labels(toy, ontology.ancestors[blindness]) == {
        "Blindness",
        "Visual impairment",
        "Abnormality of the eye",
        "Phenotypic abnormality",
        "All",
    }
    seizure = ontology.index("HP:0001250")
    assert seizure is not None
    assert labels(toy, ontology.descendants[seizure]) == {"Seizure", "Febrile seizure"}


def test_descendants_are_the_transpose_of_ancestors(hpo: Knowledge) -> None:
    ontology = hpo.ontology
    for term in range(0, len(ontology), 997):
        for ancestor in ontology.ancestors[term]:
            assert term in ontology.descendants[int(ancestor)]


def test_old_ids_are_understood(toy: Knowledge) -> None:
    ontology = toy.ontology
    assert ontology.label("HP:0001275") == "Seizure"
    assert ontology.label("HP:0000990") == "Tremor"
    assert ontology.index("HP:0000991") is None
    assert ontology.gone["HP:0000991"] == ("obsolete Vague complaint", ["HP:0001337", "HP:0001250"])
    assert not ontology.is_current("HP:0001275")


def test_names_keep_their_kind(toy: Knowledge) -> None:
    names = {(n.text, n.kind) for n in toy.ontology.names()}
    assert {
        ("Seizure", "label"),
        ("Seizures", "plural"),
        ("Epilepsy", "related"),
        ("Enlarged liver", "layperson"),
        ("FS", "abbreviation"),
        ("Large organ", "broad"),
    } <= names


def test_inheritance_and_course_are_no_phenotypes(toy: Knowledge) -> None:
    names = {n.text for n in toy.ontology.names(findings_only=True)}
    assert "Tremor" in names
    assert not names & {"Autosomal dominant inheritance", "Adult onset", "Phenotypic abnormality", "All"}


def rows(toy: Knowledge, disease: str) -> dict[tuple[str, str], list[tuple[float, Origin, bool]]]:
    found: dict[tuple[str, str], list[tuple[float, Origin, bool]]] = {}
    index = toy.diseases.index(disease)
    assert index is not None
    for a in toy.diseases.annotations(index):
        found.setdefault((a.aspect, toy.ontology.labels[a.term]), []).append(
            (round(a.probability, 3), a.origin, a.negative)
        )
    return found


def test_all_rows_of_a_merged_disease_are_kept(toy: Knowledge) -> None:
    found = rows(toy, "ORPHA:11")
    assert sorted(found["P", "Tremor"]) == [
        (0.3, Origin.COUNT, False),
        (0.895, Origin.CLASS, False),
        (0.9, Origin.COUNT, False),
    ]
    assert ("C", "Adult onset") in found


@pytest.mark.parametrize(
    ("disease", "finding"), [("OMIM:100002", "Blindness"), ("ORPHA:13", "Seizure"), ("ORPHA:13", "Hepatomegaly")]
)
def test_zero_of_n_not_and_excluded_are_negative(toy: Knowledge, disease: str, finding: str) -> None:
    assert all(negative for _, _, negative in rows(toy, disease)["P", finding])


def test_sex_of_a_row_is_kept(toy: Knowledge) -> None:
    index = toy.diseases.index("DECIPHER:1")
    assert index is not None
    assert {toy.ontology.labels[a.term]: a.sex for a in toy.diseases.annotations(index)} == {
        "Polyuria": "MALE",
        "Visual impairment": "",
    }


def test_the_release_names_its_date_and_its_content(toy: Knowledge, toy_copy: Path) -> None:
    assert "2020-02-02" in toy.release.release
    assert toy.release.hash == open_knowledge(toy_copy).release.hash, "the same files elsewhere are the same knowledge"
    with (toy_copy / "phenotype.hpoa").open("a") as stream:
        stream.write("ORPHA:12\tFitful syndrome\t\tHP:0001337\tORPHA:12\tTAS\t\t\t\t\tP\tx\n")
    changed = open_knowledge(toy_copy)
    assert changed.release.hash != toy.release.hash
    assert ("P", "Tremor") in rows(changed, "ORPHA:12")


def test_the_installed_release_holds_all_of_omim_and_orphanet(hpo: Knowledge) -> None:
    # the header of the file says 4283 ORPHANET entries; its rows hold 4281
    sources = [i.partition(":")[0] for i in hpo.diseases.source_ids]
    assert (sources.count("OMIM"), sources.count("ORPHA"), sources.count("DECIPHER")) == (8359, 4281, 47)
    assumed = hpo.diseases.rows["evidence"] == EVIDENCE.index("ASM")
    assert int((~assumed).sum()) == 271_702, "every row of phenotype.hpoa counts"


def test_no_cross_reference_to_licensed_vocabularies_is_kept(hpo: Knowledge) -> None:
    (path,) = [p for p in cache_folder().glob("knowledge-*") if hpo.key in p.name]
    raw = path.read_bytes()
    assert b"SNOMEDCT_US:" not in raw
    assert b"UMLS:C" not in raw


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("hp.obo", lambda t: "", "no \\[Term\\]"),
        ("hp.obo", lambda t: t[: t.index("id: HP:0000707")], "parent|OBO"),
        ("hp.obo", lambda t: "<html>not found</html>", "OBO"),
        ("phenotype.hpoa", lambda t: "", "no annotation rows"),
        ("phenotype.hpoa", lambda t: t.replace("9/10", "10/9"), "line 5.*10/9"),
        ("phenotype.hpoa", lambda t: t.replace("\t7/10\t", "\t"), "line 6.*11"),
        ("phenotype.hpoa", lambda t: t[:-10], "truncated"),
        ("phenotype.hpoa", lambda t: t.replace("\tP\t", "\tQ\t", 1), "line 5.*aspect"),
    ],
)
def test_a_broken_source_file_is_named_with_the_place(toy_copy: Path, file: str, damage: object, message: str) -> None:
    path = toy_copy / file
    path.write_text(damage(path.read_text()))  # type: ignore[operator]
    with pytest.raises(KnowledgeError, match=message):
        open_knowledge(toy_copy)


@pytest.mark.parametrize("missing", ["hp.obo", "phenotype.hpoa"])
def test_a_missing_file_is_named_with_the_next_step(toy_copy: Path, missing: str) -> None:
    (toy_copy / missing).unlink()
    with pytest.raises(KnowledgeError, match=missing):
        find_sources(toy_copy)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="does not exist"):
        find_sources(tmp_path / "nowhere")


def test_the_environment_variable_names_the_folder(toy_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RARESCALE_KNOWLEDGE", str(toy_copy))
    assert find_sources().folder == toy_copy


def _first_run(folder: Path, cache: Path, results: multiprocessing.Queue[str]) -> None:
    import os

    os.environ["RARESCALE_CACHE"] = str(cache)
    base = open_knowledge(folder)
    results.put(f"{len(base.diseases)} {base.diseases.name(0)}")


def test_concurrent_first_runs_all_give_the_right_answer(toy_copy: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[str] = context.Queue()
    runs = [context.Process(target=_first_run, args=(toy_copy, tmp_path / "c", results)) for _ in range(3)]
    for run in runs:
        run.start()
    answers = [results.get(timeout=60) for _ in runs]
    for run in runs:
        run.join(60)
    assert answers == ["6 Copperfield disease"] * 3
    assert not list((tmp_path / "c").glob("*.part"))


def test_a_damaged_cache_is_rebuilt_not_believed(
    toy_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RARESCALE_CACHE", str(tmp_path / "c"))
    open_knowledge(toy_copy)
    (path,) = (tmp_path / "c").glob("knowledge-*.arrays")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)
    assert len(open_knowledge(toy_copy).diseases) == 6
    assert bytes(raw) != path.read_bytes()
