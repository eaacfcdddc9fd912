"""`rarescale evaluate run`, `compare` and `report` from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Run

CASES = [
    {"id": "a", "present": ["HP:0001250"], "diagnosis": ["OMIM:100002"], "pmids": ["PMID:3"], "writer": "w"},
    {"id": "b", "present": ["HP:0000618", "HP:0001744"], "diagnosis": ["ORPHA:13"]},
]


def test_a_run_leaves_a_folder_with_a_page_and_prints_measures(
    run: Run, cases: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    found = run("evaluate", "run", cases(*CASES), "--out", out, "--by", "writer", "--mapping", "knowledge")
    assert found.code == 0
    assert "2 cases: 2 found" in found.out and "by writer" in found.out and str(out / "report.html") in found.out
    assert (out / "report.html").is_file() and (out / "manifest.json").is_file()
    as_json = run("evaluate", "run", cases(*CASES), "--out", out, "--by", "writer", "--mapping", "knowledge", "--json")
    assert json.loads(as_json.out)["outcomes"]["found"] == 2


def test_one_bad_case_gives_exit_code_1_and_the_rest_is_done(
    run: Run, cases: Callable[..., Path], tmp_path: Path
) -> None:
    file = cases(CASES[0], {"id": "bad", "present": 5, "diagnosis": ["OMIM:1"]}, CASES[1])
    found = run("evaluate", "run", file, "--out", tmp_path / "run")
    assert found.code == 1
    assert "3 cases: 2 found, 0 not found, 1 not scored" in found.out


def test_two_runs_are_compared_as_text_and_json(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    run("evaluate", "run", cases(*CASES), "--out", a)
    run("evaluate", "run", cases(*CASES), "--out", b, "--engine", "expert", "--leave-own-paper-out", "strict")
    assert "won by A: 1 cases" in run("evaluate", "compare", a, b).out
    found = json.loads(run("evaluate", "compare", a, b, "--json").out)
    assert [row["id"] for row in found["won"]] == ["a"]
    assert found["b"]["asked"]["leave_own_paper_out"] == "strict"


def test_the_page_is_written_again(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "run"
    run("evaluate", "run", cases(*CASES), "--out", out)
    before = (out / "report.html").read_text()
    (out / "report.html").unlink()
    assert run("evaluate", "report", out).out.strip() == str(out / "report.html")
    assert (out / "report.html").read_text() == before
