"""The paper's tables: its figures as printed, ours computed by the written rules from whatever places are given."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import InputError
from rarescale.evaluation import Judge, judgements_path, make_report, published, read_material, report_text, toy_runs
from rarescale.evaluation.judge import Level
from rarescale.evaluation.llm_judge import JudgedA, JudgedB, LlmJudged
from rarescale.evaluation.significance import mcnemar, wilcoxon
from rarescale.evaluation.tables_load import Graded, Material, System
from rarescale.evaluation.tables_records import Report, Row, Table
from rarescale.knowledge import Knowledge


def case(number: int, rank: int | None, **changes: Any) -> Graded:
    base = Graded(
        id=f"c{number}",
        disease=f"d{number // 2}",
        diagnosis=("OMIM:100001",),
        diagnosis_name="Copperfield disease",
        set="plain",
        split="test",
        category="toy",
        rank=rank,
        entries=("Copperfield disease",) if rank == 1 else ("Fitful syndrome",),
    )
    return replace(base, **changes)


def system(ranks: Sequence[int | None], arm: str = "", model: str = "", **changes: Any) -> System:
    return System("engine", arm, model, tuple(case(k, r, **changes) for k, r in enumerate(ranks)))


@pytest.fixture
def report(toy: Knowledge) -> Callable[..., Report]:
    def make(*systems: System) -> Report:
        return make_report(Material(systems, ()), lambda: Judge(toy))

    return make


def table(report: Report, number: str) -> Table:
    return next(t for t in report.tables if t.number == number)


def ours(found: Table) -> list[Row]:
    return [r for r in found.rows if r.origin == "ours"]


def test_the_published_figures_have_their_source_and_add_up() -> None:
    rows = published()
    assert {p.table for p in rows} == {"1", "2", "3", "4", "5", "7"}
    assert all(p.source.startswith("Schumacher") and f"Table {p.table}" in p.source for p in rows)
    for label in {p.row for p in rows if p.table == "2"}:
        assert math.isclose(sum(p.value for p in rows if p.table == "2" and p.row == label), 100, abs_tol=0.2)
    chats = {(p.row, p.set): p.value for p in rows if p.table == "5" and p.measure == "chats"}
    assert sum(v for (w, _), v in chats.items() if w == "gpt-4o") == 28_589
    assert sum(v for (w, _), v in chats.items() if w == "claude") == 14_573
    assert chats["gpt-4o", "test"] + chats["claude", "test"] == 6271
    for p in rows:
        assert 0 <= p.value <= (1 if p.measure == "mrr" else 100) or p.table == "5"


def test_the_papers_gains_are_in_its_table() -> None:
    top5 = {(p.row, p.set): p.value for p in published() if p.table == "1" and p.measure == "top5"}
    gain = top5["RareScale", "gpt-4o chats"] - top5["baseline", "gpt-4o chats"]
    assert gain == pytest.approx(17.58)


def test_ranks_beyond_the_fifth_are_misses(report: Callable[..., Report]) -> None:
    (row,) = ours(table(report(system([1, 2, 5, 6, None, None], "none", "m")), "1"))
    values = {measure: cell.value for (_, measure), cell in row.cells.items()}
    assert values["top5"] == pytest.approx(50) and values["top1"] == pytest.approx(100 / 6)
    assert values["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 5) / 6) and row.n == {"plain": 6}


def test_arms_are_compared_with_the_arm_without_candidates_on_the_same_cases(report: Callable[..., Report]) -> None:
    before, after = [1, None, None, None, 6, 2, None], [1, 1, 2, 3, 1, 2, None]
    found = table(
        report(system(after, "rarescale", "m"), system(before, "none", "m"), system(after, "expert", "n")), "1"
    )
    assert {t.label for t in found.tests} == {"m, candidates: rarescale"}, "model n has no arm without candidates"
    tests = {(t.measure, t.test.name): t for t in found.tests}
    hits = [float(r is not None and r <= 5) for r in after], [float(r is not None and r <= 5) for r in before]
    assert tests["top5", "wilcoxon"].test == wilcoxon(*hits)
    assert tests["top5", "mcnemar"].test == mcnemar([v > 0 for v in hits[0]], [v > 0 for v in hits[1]])
    assert set(tests) == {
        ("top5", "wilcoxon"),
        ("top5", "mcnemar"),
        ("top1", "wilcoxon"),
        ("top1", "mcnemar"),
        ("mrr", "wilcoxon"),
    }
    assert all(t.p_holm is not None and t.test.p is not None and t.p_holm >= t.test.p for t in found.tests)


def test_rows_stand_in_the_order_of_the_arms(report: Callable[..., Report]) -> None:
    found = report(*(system([1], arm, "m") for arm in ("expert", "rarescale", "none", "self")))
    assert [r.label.split(": ")[1] for r in ours(table(found, "1"))] == ["none", "self", "rarescale", "expert"]


def test_levels_are_those_of_the_best_entry(report: Callable[..., Report]) -> None:
    cases = [case(0, 1), case(1, None, entries=("Thirst deletion", "Copperfield disease")), case(2, None, entries=())]
    (row,) = ours(table(report(System("e", "none", "m", tuple(cases))), "2"))
    assert row.cells["", "exact"].value == pytest.approx(200 / 3) and row.cells["", "unrelated"].value is not None
    assert sum(c.value or 0 for c in row.cells.values()) == pytest.approx(100)


def test_systems_without_a_model_fill_tables_3_and_7_by_split(report: Callable[..., Report]) -> None:
    cases = (*system([1, 1, None, 3]).cases, *(case(k, None, split="val") for k in range(4, 6)))
    found = report(System("model both", "", "", cases))
    (test,), (val,) = ours(table(found, "3")), ours(table(found, "7"))
    assert (test.n, val.n) == ({"plain": 4}, {"plain": 2}) and test.cells["plain", "top1"].value == 50.0
    assert val.cells["plain", "top5"].value == 0.0 and ours(table(found, "1")) == []


def test_each_writer_has_its_own_columns_and_each_category_its_row(report: Callable[..., Report]) -> None:
    cases = [case(0, 1, set="a", category="x"), case(1, None, set="b", category="x"), case(2, 1, set="b", category="")]
    found = report(System("e", "rarescale", "m", tuple(cases)))
    assert ours(table(found, "1"))[0].n == {"a": 1, "b": 2}
    assert [r.label for r in ours(table(found, "4"))] == [
        "m, candidates: rarescale: no category told",
        "m, candidates: rarescale: x",
    ]


def test_failures_of_the_model_are_told(report: Callable[..., Report]) -> None:
    found = report(system([1, 1], "none", "m", fallback=True))
    assert any("2 cases answered without the model" in note for note in table(found, "1").notes)


def test_judges_that_ask_a_model_get_rows_and_their_agreement(report: Callable[..., Report]) -> None:
    judged = LlmJudged(
        "c0", "Copperfield disease", ("Copperfield disease",), JudgedA((True,), 1), JudgedB(Level.EXACT, 1), "j"
    )
    wrong = replace(judged, id="c1", entries=("Fitful syndrome",), a=JudgedA((True,), 1))
    cases = (case(0, 1, judged=judged), case(1, None, judged=wrong))
    found = report(System("e", "none", "m", cases))
    by_ids, by_a = ours(table(found, "1"))
    assert by_ids.cells["plain", "top1"].value == 50.0 and by_a.cells["plain", "top1"].value == 100.0
    assert "judge A: j" in by_a.label and len(ours(table(found, "2"))) == 2
    ((label, (a, b)),) = found.agreements
    assert (a.n, a.agreed, b.n) == (2, 0.5, 2) and label in report_text(found) and "kappa" in report_text(found)


def test_nothing_given_is_said_and_not_counted_as_zero(report: Callable[..., Report]) -> None:
    found = report()
    assert all(not ours(t) for t in found.tables) and all(t.notes for t in found.tables if t.number != "4")
    assert "n/a" not in report_text(found)


def test_the_bundled_runs_are_labelled_as_toys_and_fill_every_table(hpo: Knowledge) -> None:
    material = read_material([toy_runs()])
    found = make_report(material, lambda: Judge(hpo))
    assert all(ours(t) for t in found.tables) and table(found, "1").tests and found.agreements
    for folder in toy_runs().iterdir():
        text = (folder / "manifest.json").read_text()
        assert "toy data" in text and "/home" not in text
    data = json.loads(json.dumps(found.to_data()))
    assert [t["number"] for t in data["tables"]] == ["1", "2", "3", "4", "5", "7"]


def answers(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def test_files_of_answers_are_read_beside_their_truth(tmp_path: Path) -> None:
    truth = answers(
        tmp_path / "truth.jsonl",
        {
            "id": "a",
            "diagnosis": ["OMIM:100001"],
            "diagnosis_name": "Copperfield disease",
            "writer": "w",
            "split": "test",
        },
        {"id": "b", "diagnosis": ["OMIM:100002"]},
        {"id": "c"},
    )
    weighing = {"arm": "self", "model": "m", "fallback": False, "diagnoses": [{"name": "In its words"}]}
    entry = {"id": "OMIM:100001", "ids": ["OMIM:100001"], "name": "Copperfield disease", "score": 1.0}
    path = answers(tmp_path / "said.jsonl", {"id": "a", "differential": [entry], "weighing": weighing})
    (found,) = read_material([path], truth).systems
    assert (found.arm, found.model) == ("self", "m")
    assert [(c.id, c.rank, c.set, c.split) for c in found.cases] == [("a", 1, "w", "test"), ("b", None, "all", "")]
    assert found.cases[0].entries == ("In its words",)
    with pytest.raises(InputError, match="--truth"):
        read_material([path])


def test_judgements_of_another_list_or_of_two_versions_are_not_mixed_in(tmp_path: Path) -> None:
    truth = answers(tmp_path / "t.jsonl", {"id": "a", "diagnosis": ["OMIM:1"], "diagnosis_name": "X"})
    path = answers(tmp_path / "said.jsonl", {"id": "a", "differential": [{"id": "OMIM:1", "name": "X", "score": 1.0}]})
    one = LlmJudged("a", "X", ("X",), JudgedA((True,), 1), JudgedB(Level.EXACT, 1), "j")
    answers(judgements_path(path), one.to_data())
    assert read_material([path], truth).systems[0].cases[0].judged == one
    answers(judgements_path(path), replace(one, entries=("Y",)).to_data())
    assert read_material([path], truth).systems[0].cases[0].judged is None
    answers(
        judgements_path(path),
        one.to_data(),
        replace(one, id="b", prompts=("judge-correct@2", "judge-level@1")).to_data(),
    )
    with pytest.raises(InputError, match="share no table"):
        read_material([path], truth)


def test_a_place_that_is_nothing_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a run folder"):
        read_material([tmp_path])
    (tmp_path / "chats.jsonl").write_text("nonsense\n")
    with pytest.raises(InputError, match="line 1"):
        read_material([tmp_path])


def test_answers_of_two_arms_in_one_file_are_refused(tmp_path: Path) -> None:
    truth = answers(tmp_path / "t.jsonl", {"id": "a", "diagnosis": ["OMIM:1"]}, {"id": "b", "diagnosis": ["OMIM:1"]})
    rows = [{"id": i, "weighing": {"arm": a, "model": "m", "diagnoses": []}} for i, a in (("a", "none"), ("b", "self"))]
    with pytest.raises(InputError, match="one arm and one model"):
        read_material([answers(tmp_path / "said.jsonl", *rows)], truth)


def test_a_corpus_is_counted_by_writer_and_split(tmp_path: Path, toy: Knowledge) -> None:
    def chat(split: str, *counts: int) -> dict[str, Any]:
        return {"writer": "w", "split": split, "messages": [{"findings": [{}] * n} for n in counts]}

    answers(tmp_path / "chats.jsonl", chat("test", 1, 2), chat("test", 5), chat("val", 0, 0, 0))
    rows = {r.label: r for r in ours(table(make_report(read_material([tmp_path]), lambda: Judge(toy)), "5"))}
    cells = {m: c.value for (_, m), c in rows["w test"].cells.items()}
    assert (cells["chats"], cells["findings mean"], cells["messages mean"]) == (2, 4, 1.5)
    assert cells["findings sd"] == pytest.approx(math.sqrt(2)) and rows["w val"].cells["", "messages sd"].value is None
