"""Two runs side by side: the same cases or none at all."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import UsageError
from rarescale.evaluation import Run, RunSettings, compare_runs, comparison_text, evaluate_run
from rarescale.formats import parse_input
from rarescale.knowledge import Knowledge

LINES: list[dict[str, Any]] = [
    {"id": f"{d}-{k}", "present": [t], "diagnosis": [d]}
    for d, t in (("OMIM:100001", "HP:0001337"), ("OMIM:100002", "HP:0001250"), ("ORPHA:13", "HP:0000618"))
    for k in range(7)
]


def run(toy: Knowledge, folder: Path, lines: list[dict[str, Any]] = LINES, **settings: Any) -> Run:
    return evaluate_run(map(parse_input, lines), toy, folder, RunSettings(**settings))


def test_a_run_equals_itself(toy: Knowledge, tmp_path: Path) -> None:
    own = run(toy, tmp_path / "a")
    found = compare_runs(own, own, random.Random(0))
    assert found["n"] == 21 and found["diseases"] == 3 and found["capped"]["n"] == 15
    assert not found["won"] and not found["lost"]
    for row in found["plain"]["measures"]:
        assert (row["difference"], row["differing"], row["p"], row["p_holm"]) == (0.0, 0, None, None)


def test_the_better_run_wins_the_cases_it_ranks_better(toy: Knowledge, tmp_path: Path) -> None:
    a = run(toy, tmp_path / "a", mapping=("knowledge",))
    b = run(toy, tmp_path / "b", engine="tests.evaluation.engines:saying", mapping=("knowledge",))
    found = compare_runs(a, b, random.Random(0))
    other = compare_runs(b, a, random.Random(0))
    assert {row["id"] for row in found["won"]} == {line["id"] for line in LINES if line["diagnosis"] != ["OMIM:100002"]}
    assert {row["id"] for row in found["won"]} == {row["id"] for row in other["lost"]}
    top1 = found["plain"]["measures"][0]
    assert top1["measure"] == "top1" and top1["test"] == "mcnemar" and top1["differing"] == 14
    assert top1["a"] - top1["b"] == pytest.approx(top1["difference"]) == pytest.approx(14 / 21)
    assert top1["p"] == pytest.approx(2 / 2**14)
    assert top1["p_holm"] == pytest.approx(6 * top1["p"]), "six tests, all as sure as each other"
    assert {row["test"] for row in found["plain"]["measures"]} == {"mcnemar", "wilcoxon", "sign"}
    text = comparison_text(found)
    assert "won by A: 14 cases" in text and "ORPHA:13-0: A 1, B not found" in text


def test_runs_over_other_cases_are_refused_with_their_number(toy: Knowledge, tmp_path: Path) -> None:
    a = run(toy, tmp_path / "a")
    fewer = run(toy, tmp_path / "b", LINES[:18])
    with pytest.raises(UsageError, match=r"3 missing in .*b \('ORPHA:13-4', 'ORPHA:13-5', 'ORPHA:13-6'\)"):
        compare_runs(a, fewer, random.Random(0))
    renamed = run(toy, tmp_path / "c", [{**LINES[0], "diagnosis": ["OMIM:1"]}, *LINES[1:]])
    with pytest.raises(UsageError, match=r"1 with another diagnosis"):
        compare_runs(a, renamed, random.Random(0))


def test_runs_scored_by_other_rules_are_refused(toy: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mapping"):
        compare_runs(run(toy, tmp_path / "a"), run(toy, tmp_path / "b", mapping=("knowledge",)), random.Random(0))


def test_the_order_of_the_inputs_does_not_matter(toy: Knowledge, tmp_path: Path) -> None:
    a, b = run(toy, tmp_path / "a"), run(toy, tmp_path / "b", LINES[::-1])
    assert not compare_runs(a, b, random.Random(0))["won"]
