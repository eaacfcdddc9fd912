"""A run: any engine over a set, a folder that explains itself, nothing done twice, one bad case costs one case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import InputError, UsageError
from rarescale.evaluation import RunSettings, evaluate_run, measure, open_engine, read_run, register_engine, score_files
from rarescale.evaluation.runs.work import BATCH
from rarescale.formats import parse_input
from rarescale.jobs import file_hash
from rarescale.knowledge import Knowledge
from rarescale.record import Chat, Input, Unreadable
from tests.evaluation import engines

SAYING = "tests.evaluation.engines:saying"


def case(id: str, diagnosis: str = "OMIM:100002", present: str = "HP:0001250", **more: Any) -> dict[str, Any]:
    return {"id": id, "present": [present], "diagnosis": [diagnosis], **more}


def inputs(lines: Iterable[dict[str, Any]]) -> list[Input]:
    return [parse_input(line) for line in lines]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes import this file."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def test_a_run_ends_every_case_as_found_not_found_or_not_scored(toy: Knowledge, tmp_path: Path) -> None:
    lines = [case("first"), case("second", "OMIM:100003"), case("other", "ORPHA:13"), case("stumble"), case("last")]
    bad = Unreadable(id="bad", origin="x", kind="shape", message="broken")
    run = evaluate_run([*inputs(lines), bad], toy, tmp_path / "r", RunSettings(engine=SAYING))
    assert [(c["id"], c["outcome"], c["rank"], c["reason"]) for c in run.cases] == [
        ("first", "found", 1, None),
        ("second", "found", 2, None),
        ("other", "not found", None, None),
        ("stumble", "not scored", None, "failed, engine"),
        ("last", "found", 1, None),
        ("bad", "not scored", None, "failed, shape"),
    ]
    assert run.metrics["outcomes"]["cases"] == 6
    assert run.metrics["overall"]["plain"]["top1"] == pytest.approx(2 / 6, abs=1e-4)
    error = list(run.predictions())[3]["error"]
    assert error == {"kind": "engine", "message": "RuntimeError: over my own feet"}


def test_the_folder_says_what_was_asked_and_lists_the_hash_of_every_file(toy: Knowledge, tmp_path: Path) -> None:
    source = tmp_path / "cases.jsonl"
    source.write_text(json.dumps(case("a")) + "\n")
    run = evaluate_run(inputs([case("a")]), toy, tmp_path / "r", RunSettings(top=3), sources=[str(source)])
    assert run.config["asked"]["top"] == 3
    assert run.config["inputs"] == [{"path": str(source), "sha256": file_hash(source), "bytes": source.stat().st_size}]
    assert run.config["knowledge"] == toy.release.model_dump()
    assert {"rarescale", "python", "numpy"} <= set(run.config["versions"])
    for name in ("config.json", "cases.jsonl", "predictions.jsonl", "metrics.json"):
        assert run.manifest["files"][name]["sha256"] == file_hash(tmp_path / "r" / name)
    assert not (tmp_path / "r" / "work").exists()
    assert list(read_run(tmp_path / "r").cases) == json.loads(json.dumps(run.cases))


def test_the_engine_sees_neither_the_truth_nor_labels(toy: Knowledge, tmp_path: Path) -> None:
    chat = {
        "id": "c",
        "messages": [{"role": "patient", "content": "I shake.", "findings": [{"id": "HP:0001337", "present": True}]}],
        "diagnosis": ["OMIM:100001"],
        "diagnosis_name": "Copperfield disease",
        "class": "rare",
        "pmids": ["PMID:1"],
    }
    engines.made.clear()
    evaluate_run(inputs([chat, case("k", dataset="d")]), toy, tmp_path / "r", RunSettings(engine=SAYING))
    shown = engines.made[-1].seen
    assert [s.id for s in shown] == ["c", "k"]
    for source in shown:
        assert not isinstance(source, Unreadable)
        assert not source.diagnosis and source.diagnosis_name is None and not source.extra
    assert isinstance(shown[0], Chat) and not shown[0].messages[0].labels


def test_the_labels_engine_answers_by_the_labels_of_a_chat(toy: Knowledge, tmp_path: Path) -> None:
    chat = {
        "id": "c",
        "messages": [
            {"role": "patient", "content": "Hello.", "findings": [{"id": "HP:0000618", "present": True}]},
            {"role": "patient", "content": "Bye.", "findings": [{"id": "HP:0001744", "present": True}]},
        ],
        "diagnosis": ["ORPHA:13"],
    }
    by_labels = evaluate_run(inputs([chat]), toy, tmp_path / "a", RunSettings(engine="labels"))
    by_text = evaluate_run(inputs([chat]), toy, tmp_path / "b", RunSettings(engine="expert"))
    assert (by_labels.cases[0]["rank"], by_text.cases[0]["outcome"]) == (1, "not found")


@pytest.mark.parametrize("workers", [1, 2])
def test_any_number_of_workers_gives_the_same_results(toy: Knowledge, tmp_path: Path, workers: int) -> None:
    lines = [case(f"c{k}", present=("HP:0001250", "HP:0001337")[k % 2]) for k in range(2 * BATCH + 3)]
    run = evaluate_run(inputs(lines), toy, tmp_path / str(workers), RunSettings(top=2), workers=workers)
    reference = evaluate_run(inputs(lines), toy, tmp_path / "reference", RunSettings(top=2))
    assert run.metrics == reference.metrics
    assert list(run.predictions()) == list(reference.predictions())
    assert [c["id"] for c in run.cases] == [line["id"] for line in lines]


def test_a_stopped_run_goes_on_and_asks_nothing_twice(
    toy: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [case(f"c{k}") for k in range(3 * BATCH)]
    settings = RunSettings(engine=SAYING)

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    engines.made.clear()
    with pytest.raises(KeyboardInterrupt):
        evaluate_run(inputs(lines), toy, tmp_path / "r", settings, progress=stop)
    with pytest.raises(InputError, match="unfinished"):
        read_run(tmp_path / "r")
    run = evaluate_run(inputs(lines), toy, tmp_path / "r", settings)
    assert sorted(s.id for engine in engines.made for s in engine.seen) == sorted(line["id"] for line in lines)
    assert run.manifest["done_before"] == 2 * BATCH
    engines.made.clear()
    again = evaluate_run(inputs(lines), toy, tmp_path / "r", settings)
    assert not [s for engine in engines.made for s in engine.seen], "a finished run is read"
    assert again.metrics == json.loads(json.dumps(run.metrics))


def test_a_folder_holds_one_run(toy: Knowledge, tmp_path: Path) -> None:
    evaluate_run(inputs([case("a")]), toy, tmp_path, RunSettings())
    with pytest.raises(UsageError, match="another run, with other asked"):
        evaluate_run(inputs([case("a")]), toy, tmp_path, RunSettings(top=3))
    with pytest.raises(UsageError, match="cases"):
        evaluate_run(inputs([case("b")]), toy, tmp_path, RunSettings())


def test_inputs_without_a_diagnosis_are_counted_and_left_out(toy: Knowledge, tmp_path: Path) -> None:
    run = evaluate_run(inputs([case("a"), {"id": "b", "present": ["HP:0001250"]}]), toy, tmp_path, RunSettings())
    assert run.config["cases"] == {**run.config["cases"], "n": 1, "without_truth": 1}
    with pytest.raises(InputError, match="none of 1 inputs"):
        evaluate_run(inputs([{"id": "b", "present": ["HP:0001250"]}]), toy, tmp_path / "none", RunSettings())


def test_an_altered_run_is_refused(toy: Knowledge, tmp_path: Path) -> None:
    evaluate_run(inputs([case("a")]), toy, tmp_path, RunSettings())
    path = tmp_path / "cases.jsonl"
    path.write_text(path.read_text().replace('"rank": 1', '"rank": 2').replace('"rank": 3', '"rank": 1') + "\n")
    with pytest.raises(InputError, match="altered or lost"):
        read_run(tmp_path)


def test_an_engine_that_answers_too_little_is_asked_one_by_one(toy: Knowledge, tmp_path: Path) -> None:
    lines = [case("a"), case("b"), case("c")]
    run = evaluate_run(inputs(lines), toy, tmp_path, RunSettings(engine="tests.evaluation.engines:forgetful"))
    assert [c["outcome"] for c in run.cases] == ["found"] * 3


def test_what_an_engine_spent_is_added_up(toy: Knowledge, tmp_path: Path) -> None:
    lines = [case(f"c{k}") for k in range(BATCH + 4)]
    run = evaluate_run(inputs(lines), toy, tmp_path, RunSettings(engine="tests.evaluation.engines:metered"))
    assert run.manifest["usage"] == {"dollars": 0.5 * (BATCH + 4)}


def test_engines_are_found_by_name_or_place(toy: Knowledge) -> None:
    register_engine("said", SAYING)
    register_engine("said", SAYING)
    with pytest.raises(UsageError, match="said"):
        register_engine("said", "tests.evaluation.engines:metered")
    with pytest.raises(UsageError, match="expected one of"):
        evaluate_run([], toy, Path("nowhere"), RunSettings(engine="unheard"))
    with pytest.raises(UsageError, match="module:function"):
        open_engine("tests.evaluation.engines:unheard", toy, RunSettings().options())


def test_groups_come_from_the_input_and_else_from_the_knowledge(toy: Knowledge, tmp_path: Path) -> None:
    lines = [
        case("a", "OMIM:100001", pmids=["PMID:1"], dataset="x", category="metal", **{"class": "common"}),
        case("b", "OMIM:100001", pmids=["PMID:77"], dataset="y", writer="w"),
        case("c", "OMIM:100001", cited=True),
        case("d", "OMIM:999999", pmids=["PMID:1"]),
    ]
    run = evaluate_run(inputs(lines), toy, tmp_path, RunSettings(by=("writer",)))
    assert [(c["known"], c["cited"]) for c in run.cases] == [(True, True), (True, False), (True, True), (False, None)]
    assert [c["class"] for c in run.cases] == ["common", "rare", "rare", None]
    assert [c["diagnosis_name"] for c in run.cases] == ["Copperfield disease"] * 3 + [None]
    groups = {name: {g: m["plain"]["n"] for g, m in found.items()} for name, found in run.metrics["groups"].items()}
    assert groups["cited"] == {"disease not in the knowledge": 1, "own paper cited": 2, "own paper not cited": 1}
    assert groups["dataset"] == {"not told": 2, "x": 1, "y": 1}
    assert groups["category"] == {"metal": 1, "not told": 3}
    assert groups["writer"] == {"not told": 3, "w": 1}


def test_a_run_measures_what_the_scorer_of_answer_files_measures(toy: Knowledge, tmp_path: Path) -> None:
    found = [("OMIM:100002", "HP:0001250"), ("OMIM:100001", "HP:0001337"), ("ORPHA:13", "HP:0000618")]
    lines = [case(f"c{k}", *found[k * k % 3]) for k in range(20)] + [case("d", "DECIPHER:1"), case("e", "ORPHA:12")]
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps(line) + "\n" for line in lines))
    run = evaluate_run(inputs(lines), toy, tmp_path / "r", RunSettings())
    scores = score_files(truth, tmp_path / "r" / "predictions.jsonl")["groups"]
    assert run.metrics["overall"]["plain"] == scores["all | plain"]
    assert run.metrics["overall"]["capped"] == scores["all | <=5 per disease"]


def test_the_knowledge_itself_may_say_which_ids_are_one_disease(toy: Knowledge, tmp_path: Path) -> None:
    lines = [case("a", "OMIM:100001", "HP:0001337")]
    strict = evaluate_run(inputs(lines), toy, tmp_path / "a", RunSettings())
    lenient = evaluate_run(inputs(lines), toy, tmp_path / "b", RunSettings(mapping=("knowledge",)))
    assert (strict.cases[0]["rank"], lenient.cases[0]["rank"]) == (2, 1), "the entry OMIM:100001 + ORPHA:11"


def test_common_cases_with_a_rare_disease_on_top_are_false_alarms() -> None:
    def row(truth: str, *on_top: str) -> dict[str, Any]:
        top = {"id": "x", "name": "x", "probability": 0.5, "classes": list(on_top)}
        base = {"id": "i", "disease": truth, "known": True, "cited": None, "by": {}, "dataset": None, "category": None}
        return {**base, "band": None, "class": truth, "outcome": "not found", "rank": None, "reason": None, "top": top}

    balance = measure([row("common", "rare"), row("common", "common"), row("rare", "common"), row("rare", "rare")])[
        "balance"
    ]
    assert (balance["false_alarms"], balance["overlooked"]) == (0.5, 0.5)
    assert balance["false_alarms_ci95"] == [0.5, 0.5], "one disease, so nothing to resample"


def test_phenopackets_and_chats_are_cases_too(toy: Knowledge, tmp_path: Path) -> None:
    packet = {
        "id": "p",
        "subject": {"id": "s", "sex": "MALE"},
        "phenotypicFeatures": [{"type": {"id": "HP:0001250", "label": "Seizure"}}],
        "interpretations": [{"diagnosis": {"disease": {"id": "OMIM:100002", "label": "Fitful syndrome 1"}}}],
        "metaData": {"externalReferences": [{"id": "PMID:3"}], "phenopacketSchemaVersion": "2.0"},
    }
    chat = {
        "id": "c",
        "messages": [{"role": "patient", "content": "I have had a seizure."}],
        "diagnosis": ["OMIM:100002"],
    }
    run = evaluate_run(inputs([packet, chat]), toy, tmp_path, RunSettings())
    assert [(c["kind"], c["outcome"], c["cited"]) for c in run.cases] == [
        ("case", "found", True),
        ("chat", "found", None),
    ]
