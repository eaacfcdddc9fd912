"""Each loader reads a sample in its published format, and refuses a damaged one in so many words."""

from __future__ import annotations

import importlib
import json
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import InputError, UsageError
from rarescale.evaluation import Opened, all_benchmarks, benchmark_named, open_benchmark
from rarescale.evaluation.benchmarks.loaders import choices, ddxplus_names
from rarescale.knowledge import Knowledge, find_sources
from rarescale.record import Case, Chat, Note, Role, Sex, Unreadable
from tests.evaluation.benchmarks import samples
from tests.evaluation.benchmarks.samples import SAMPLES, jsonl, put, sample, zipped


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a loader opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def opened(toy: Knowledge, tmp_path: Path) -> Any:
    def call(name: str, limit: int | None = None, **changed: str | bytes) -> Opened:
        folder = sample(name, tmp_path / name, **changed)
        return open_benchmark(benchmark_named(name), folder, toy, limit=limit)

    return call


def refused(name: str, toy: Knowledge, folder: Path) -> str:
    with pytest.raises(InputError) as error:
        open_benchmark(benchmark_named(name), folder, toy)
    return str(error.value)


def test_there_is_a_sample_of_every_benchmark() -> None:
    assert set(SAMPLES) == {b.name for b in all_benchmarks()}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_loader_reads_its_sample_and_says_where_each_record_stands(name: str, opened: Any) -> None:
    loaded = opened(name).loaded
    records = [*loaded.cases, *loaded.questions]
    assert records and all(r.origin for r in records)
    for list_ in (loaded.cases, loaded.questions):
        assert len({r.id for r in list_}) == len(list_)
    assert all(isinstance(c, Unreadable) or c.diagnosis for c in loaded.cases)
    assert all(q.answer in q.options for q in loaded.questions)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_missing_file_is_named_with_the_way_to_get_it(name: str, toy: Knowledge, tmp_path: Path) -> None:
    said = refused(name, toy, tmp_path)
    benchmark = benchmark_named(name)
    assert benchmark.get.strip() in said and benchmark.files[0].accept[0] in said


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_loader_refuses_each_of_its_files_cut_in_half(name: str, toy: Knowledge, tmp_path: Path) -> None:
    for file, content in SAMPLES[name]().items():
        data = content if isinstance(content, bytes) else content.encode()
        folder = put(tmp_path / file, {**SAMPLES[name](), file: data[: len(data) // 2]})
        said = refused(name, toy, folder)
        assert file in said and "expected" in said and "found" in said and "Fetch the file again" in said


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_loader_refuses_an_empty_file(name: str, toy: Knowledge, tmp_path: Path) -> None:
    for file in SAMPLES[name]():
        folder = put(tmp_path / file, {**SAMPLES[name](), file: b""})
        assert file in refused(name, toy, folder)


def test_rarebench_cases_have_terms_and_the_ids_that_we_speak(opened: Any) -> None:
    first, second, third = opened("rarebench-mme").loaded.cases
    assert isinstance(first, Case)
    assert (first.id, first.diagnosis) == ("MME_0", ("OMIM:100001", "ORPHA:11"))
    assert [f.text for f in first.findings] == [samples.TREMOR, samples.LIVER]
    assert second.extra == {"dataset": "rarebench_MME", "department": "Neurology"}
    assert third.diagnosis == ("UNMAPPED:ccrd-8",)


def test_rarebench_is_also_read_unpacked(toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path / "data", {"HMS.jsonl": samples.RAREBENCH})
    assert len(open_benchmark(benchmark_named("rarebench-hms"), tmp_path, toy).loaded.cases) == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"Phenotype": ["HP:0001250"]}, "line 2: found the keys Phenotype; expected a key 'RareDisease'"),
        ({"Phenotype": [], "RareDisease": ["OMIM:1"]}, "line 2, phenotypes: found list []"),
        ({"Phenotype": ["tremor"], "RareDisease": ["OMIM:1"]}, "found str 'tremor'; expected a list of HPO ids"),
        ({"Phenotype": ["HP:0001250"], "RareDisease": "OMIM:1"}, "line 2, diseases: found str 'OMIM:1'"),
        ([1], "line 2: found list [1]; expected one JSON object a line"),
    ],
)
def test_a_wrong_line_of_rarebench_is_refused_where_it_stands(
    line: Any, words: str, toy: Knowledge, tmp_path: Path
) -> None:
    good = {"Phenotype": ["HP:0001250"], "RareDisease": ["OMIM:100002"]}
    put(tmp_path, {"MME.jsonl": jsonl(good, line)})
    said = refused("rarebench-mme", toy, tmp_path)
    assert words in said and "MME.jsonl line 2" in said


def test_a_data_zip_without_the_set_is_refused(toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path, {"data.zip": zipped({"data/RAMEDIS.jsonl": samples.RAREBENCH})})
    assert "found 0 members ending in 'MME.jsonl', of data/RAMEDIS.jsonl" in refused("rarebench-mme", toy, tmp_path)


def test_mygene2_takes_both_catalogues_and_counts_who_has_none(opened: Any) -> None:
    loaded = opened("mygene2").loaded
    (case,) = loaded.cases
    assert case.diagnosis == ("OMIM:100004", "ORPHA:13") and case.diagnosis_name == "Blind-spleen syndrome"
    assert "1 patients name neither" in loaded.remarks[0]


def test_mygene2_refuses_a_disease_that_is_no_number(toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path, {"mygene2.jsonl": jsonl({"id": "a", "positive_phenotypes": ["HP:0001250"], "omim": "none"})})
    assert "line 1, key 'omim': found str 'none'" in refused("mygene2", toy, tmp_path)


@pytest.mark.parametrize(
    "value", [{}, [], [[["HP:0001250"]]], [[["HP:0001250"], ["Gout"]]], [["HP:0001250", "OMIM:1"]]]
)
def test_phenobrain_refuses_what_is_no_list_of_pairs(value: Any, toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path, {"Public_Test_set.json": json.dumps(value)})
    assert "Public_Test_set.json" in refused("phenobrain-public", toy, tmp_path)


def test_phenopackets_keep_their_papers_and_the_release_is_told(opened: Any) -> None:
    loaded = opened("phenopacket-store").loaded
    assert [(c.id, c.diagnosis) for c in loaded.cases] == [("one", ("OMIM:100001",)), ("two", ("OMIM:100002",))]
    assert loaded.cases[0].extra["pmids"] == ["PMID:999999"] and loaded.cases[0].sex is Sex.FEMALE
    assert loaded.remarks[:2] == ("release 0.1.99", "1 packets name no disease and are left out")


def test_an_unreadable_packet_stays_in_the_denominator(opened: Any) -> None:
    members = {**samples.STORE, "0.1.99/CUP1/zz.json": '{"id": 3, "phenotypicFeatures": 7}'}
    loaded = opened("phenopacket-store", all_phenopackets__zip=zipped(members)).loaded
    assert isinstance(loaded.cases[-1], Unreadable) and "1 packets cannot be read" in loaded.remarks[2]


def test_a_member_that_was_altered_spoils_the_archive(toy: Knowledge, tmp_path: Path) -> None:
    folder = sample("phenopacket-store", tmp_path)
    path = folder / "all_phenopackets.zip"
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("0.1.99/CUP1/one.json").header_offset + 60
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    assert "one.json" in refused("phenopacket-store", toy, folder)


def test_an_archive_of_another_shape_is_refused(toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path, {"all_phenopackets.zip": zipped({"one.json": json.dumps(samples.packet("one"))})})
    assert "expected members named TAG/COHORT/NAME.json" in refused("phenopacket-store", toy, tmp_path)


def test_a_ddxplus_patient_becomes_a_chat_of_the_catalogues_questions(opened: Any) -> None:
    first, second = opened("ddxplus").loaded.cases
    assert isinstance(first, Chat)
    assert [(m.role, m.content) for m in first.messages] == [
        (Role.SYSTEM, "34 years old, female."),
        (Role.CLINICIAN, "Do you have a tremor?"),
        (Role.PATIENT, "Yes."),
        (Role.CLINICIAN, "Where is your pain?"),
        (Role.PATIENT, "temple, forehead."),
        (Role.CLINICIAN, "How bad is it?"),
        (Role.PATIENT, "2."),
    ]
    assert len(second.messages) == 3, "a default value is as if it had not been said"


def test_ddxplus_maps_its_pathologies_and_reports_the_rest(opened: Any) -> None:
    found = opened("ddxplus")
    closed = found.loaded.closed
    assert closed.options == {
        "Copperfield disease": ("OMIM:100001", "ORPHA:11"),
        "Fitful syndrome 1": ("OMIM:100002",),
        "Nothing we know": ("UNMAPPED:nothing-we-know",),
    }
    assert found.unmapped == ("Nothing we know",)
    assert closed.gold["DDXPLUS_0"] == ("Copperfield disease", "Fitful syndrome 1"), "below 0.01 does not count"
    assert found.loaded.cases[1].diagnosis == ("UNMAPPED:nothing-we-know",)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("F,Cuprite", "X,Cuprite", "record 1, key 'SEX': found str 'X'; expected M or F"),
        ("34,", "340,", "key 'AGE': found int 340"),
        ("F,Cuprite", "F,Gout", "key 'PATHOLOGY': found str 'Gout'; expected a pathology of release_conditions.json"),
        ("['E_1', 'E_2_@_V_1'", "['E_9', 'E_2_@_V_1'", "key 'EVIDENCES': found str 'E_9'"),
        ("['E_1', 'E_2_@_V_0']", "__import__('os')", "key 'EVIDENCES'"),
        ("0.6", "'much'", "pairs of a pathology and its probability"),
        ("AGE,", "YEARS,", "expected a key 'AGE'"),
        (",E_1\n5", "\n5", "fields than the header"),
    ],
)
def test_a_wrong_patient_of_ddxplus_is_refused_where_it_stands(
    old: str, new: str, words: str, toy: Knowledge, tmp_path: Path
) -> None:
    assert old in samples.PATIENTS
    folder = sample("ddxplus", tmp_path)
    changed = zipped({"release_test_patients.csv": samples.PATIENTS.replace(old, new, 1)})
    put(folder, {"release_test_patients.zip": changed})
    assert words in refused("ddxplus", toy, folder)


def test_ddxplus_is_also_read_from_the_csv_itself(toy: Knowledge, tmp_path: Path) -> None:
    folder = sample("ddxplus", tmp_path)
    (folder / "release_test_patients.zip").unlink()
    put(folder, {"release_test_patients.csv": samples.PATIENTS})
    assert len(open_benchmark(benchmark_named("ddxplus"), folder, toy).loaded.cases) == 2


def test_every_name_of_the_ddxplus_table_is_a_disease_of_the_installed_knowledge() -> None:
    sources = find_sources()
    names = {line.split("\t")[1] for line in sources.annotations.read_text().splitlines() if line.count("\t") > 5}
    for table in sources.curated.glob("*.tsv"):
        names |= {cell for line in table.read_text().splitlines() for cell in line.split("\t")[:3]}
    known = {name.casefold() for name in names}
    assert [n for found in ddxplus_names.ddxplus_names().values() for n in found if n not in known] == []


def test_icraft_is_read_as_notes_and_as_questions(opened: Any) -> None:
    loaded = opened("icraft-md").loaded
    first, second = loaded.cases
    assert isinstance(first, Note)
    assert first.text == "Age: 40 years. Sex: female. A 40-year-old woman has a tremor. Her liver is enlarged."
    assert first.diagnosis == ("OMIM:100001", "ORPHA:11") and second.diagnosis == ("UNMAPPED:melancholy",)
    assert [c.extra["diagnosis_in_text"] for c in loaded.cases] == ["no", "yes"]
    assert loaded.questions[0].answer == "B" and loaded.questions[0].stem.endswith("for the patient?")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"answer_idx": "E"}, "key 'answer_idx': found str 'E'; expected one of the letters A, B, C, D"),
        ({"answer": "Gout"}, "key 'answer': found str 'Gout'; expected the option of its letter"),
        ({"options": ["a", "b"]}, "key 'options'"),
        ({"context": []}, "key 'context': found list []"),
        ({"patient": None}, "key 'patient'"),
        ({"id": "one"}, "key 'id': found str 'one'; expected a whole number"),
    ],
)
def test_icraft_refuses_a_wrong_record(change: dict[str, Any], words: str, toy: Knowledge, tmp_path: Path) -> None:
    first = json.loads(samples.ICRAFT.splitlines()[0])
    put(tmp_path, {"all_craft_md.jsonl": jsonl({**first, **change})})
    assert words in refused("icraft-md", toy, tmp_path)


def test_redis_counts_its_answers_from_zero(opened: Any) -> None:
    first, second = opened("redis-qa").loaded.questions
    assert (first.answer, first.options["A"], first.topic) == ("A", "Tremor", "Copperfield disease")
    assert (second.answer, second.options["C"]) == ("C", "It is dominant")


@pytest.mark.parametrize("change", [{"cop": 4}, {"cop": None}, {"opc": ""}, {"question": 7}])
def test_redis_refuses_a_wrong_record(change: dict[str, Any], toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path, {"redis-qa.jsonl": jsonl(samples.REDIS_ROWS[0], {**samples.REDIS_ROWS[0], **change})})
    assert f"redis-qa.jsonl line 2, key {next(iter(change))!r}" in refused("redis-qa", toy, tmp_path)


def test_cupcase_options_stand_in_an_order_that_gives_nothing_away(opened: Any) -> None:
    loaded = opened("cupcase").loaded
    first = loaded.questions[0]
    assert first.options[first.answer] == "Copperfield disease."
    assert loaded == opened("cupcase").loaded, "the order is the same for everybody"
    assert loaded.cases[0].diagnosis == ("OMIM:100001", "ORPHA:11")
    assert [c.extra["diagnosis_in_text"] for c in loaded.cases] == ["no", "yes"]
    letters = [choices.shuffled("right", ["a", "b", "c"], str(k))[1] for k in range(400)]
    # Each letter is right in a quarter of them: 100 +- 6 standard deviations of 8.7.
    assert all(48 < letters.count(letter) < 152 for letter in "ABCD")


def test_cupcase_refuses_a_distractor_that_is_the_diagnosis(toy: Knowledge, tmp_path: Path) -> None:
    put(tmp_path, {"cupcase.jsonl": jsonl({**samples.CUPCASE_ROWS[0], "distractor2": "Copperfield disease."})})
    assert "expected options that all differ" in refused("cupcase", toy, tmp_path)


def test_casereportbench_reads_cells_of_both_kinds(opened: Any) -> None:
    loaded = opened("casereportbench").loaded
    assert [(n.id, n.diagnosis_name) for n in loaded.cases] == [
        ("PMC1", "Copperfield disease"),
        ("PMC2", "Fitful syndrome 1"),
    ]
    assert [n.extra["diagnosis_in_text"] for n in loaded.cases] == ["no", "yes"]
    assert loaded.published == 3 and "1 reports name no confirmed diagnosis" in loaded.remarks[0]


def test_casereportbench_refuses_a_table_without_a_column(toy: Knowledge, tmp_path: Path) -> None:
    row = {k: v for k, v in samples.CASEREPORT_ROWS[0].items() if k != "GI"}
    put(tmp_path, {"casereportbench.jsonl": jsonl(row)})
    assert "line 1: found no column GI" in refused("casereportbench", toy, tmp_path)


def test_medqa_takes_any_number_of_options(opened: Any) -> None:
    first, second = opened("medqa").loaded.questions
    assert (len(first.options), len(second.options), second.topic) == (4, 2, "step2&3")


def test_records_are_drawn_in_their_order_and_alike_for_everybody(opened: Any) -> None:
    drawn = opened("rarebench-ramedis", limit=2)
    assert [c.id for c in drawn.loaded.cases] == [c.id for c in opened("rarebench-ramedis", limit=2).loaded.cases]
    assert [c.id for c in drawn.loaded.cases] == sorted(c.id for c in drawn.loaded.cases)
    assert any("2 of 3 records are used" in r for r in drawn.loaded.remarks)
    assert len(opened("rarebench-ramedis", limit=0).loaded.cases) == 3


def test_a_file_of_another_length_than_published_is_remarked_on(opened: Any) -> None:
    assert any("the file holds 3 records; 40 were published" in r for r in opened("rarebench-mme").loaded.remarks)


def test_parquet_without_pyarrow_says_what_to_do(
    toy: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.import_module

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    put(tmp_path, {"redis-qa.parquet": b"PAR1"})
    with pytest.raises(UsageError, match=r"pip install pyarrow, or export the table as \.jsonl"):
        open_benchmark(benchmark_named("redis-qa"), tmp_path, toy)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("redis-qa", samples.REDIS_ROWS),
        ("cupcase", samples.CUPCASE_ROWS),
        ("casereportbench", [samples.CASEREPORT_ROWS[1], samples.CASEREPORT_ROWS[2]]),
    ],
)
def test_parquet_tables_are_read_as_published_and_refused_when_cut(
    name: str, rows: list[Any], toy: Knowledge, tmp_path: Path
) -> None:
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / f"{name}.parquet"
    importlib.import_module("pyarrow.parquet").write_table(arrow.Table.from_pylist(rows), path)
    loaded = open_benchmark(benchmark_named(name), tmp_path, toy).loaded
    assert loaded.published == 2
    path.write_bytes(path.read_bytes()[:-9])
    assert "expected a whole parquet file" in refused(name, toy, tmp_path)
