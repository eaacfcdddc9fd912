"""`rarescale evaluate tables` and `rarescale evaluate judge`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rarescale.evaluation import toy_runs
from rarescale.llm import Request, Scripted, answer_batch

from .conftest import Run


@pytest.fixture
def a_run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(toy_runs() / "toy_model_b_none", folder)
    return folder


def said(request: Request) -> str:
    data = json.loads(request.messages[1].content.split("\n")[0])
    if "entry" in data:
        return json.dumps({"verdict": "no"})
    return json.dumps({"level": "unrelated", "position": None, "entry": None, "why": "Other."})


def test_without_runs_the_toys_are_shown_and_called_so(run: Run) -> None:
    outcome = run("evaluate", "tables")
    assert outcome.code == 0 and "say nothing about quality" in outcome.err
    assert all(f"Table {n}." in outcome.out for n in (1, 2, 3, 4, 5, 7)) and "74.4" in outcome.out


def test_tables_are_also_data(run: Run, a_run: Path, tmp_path: Path) -> None:
    outcome = run("evaluate", "tables", a_run, "--json", "--out", tmp_path / "t.json")
    data = json.loads(outcome.out)
    assert data == json.loads((tmp_path / "t.json").read_text()) and data["tables"][0]["number"] == "1"


def test_a_judge_is_asked_in_rounds_and_its_judgements_enter_the_tables(run: Run, a_run: Path, tmp_path: Path) -> None:
    arguments = ("evaluate", "judge", a_run, "--model", "j", "--llm-batch", tmp_path / "b")
    number = 0
    while not (tmp_path / "b" / "done").exists():
        outcome = run(*arguments)
        number += 1
        if not (tmp_path / "b" / "done").exists():
            assert outcome.code == 0 and f"requests.r{number}.jsonl" in outcome.err
            files = (tmp_path / "b" / f"{kind}.r{number}.jsonl" for kind in ("requests", "replies"))
            answer_batch(*files, Scripted(said))
    assert outcome.code == 0 and "16 lists judged by j, 0 with a failure" in outcome.out
    text = run("evaluate", "tables", a_run).out
    assert "judge A: j" in text and "judge B: j" in text and "kappa" in text


def test_a_place_that_does_not_exist_is_told(run: Run, tmp_path: Path) -> None:
    from rarescale.errors import InputError

    with pytest.raises(InputError, match="expected a run folder"):
        run("evaluate", "tables", tmp_path / "nowhere")
