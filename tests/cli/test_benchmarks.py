"""`rarescale benchmarks list`, `show` and `run`."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import UsageError
from tests.cli.conftest import Run
from tests.evaluation.benchmarks.samples import SAMPLES, sample


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


def test_list_names_every_benchmark_for_people_and_programs(run: Run) -> None:
    lines = run("benchmarks", "list").out.splitlines()
    objects = run("benchmarks", "list", "--json").objects
    assert [x.split()[0] for x in lines] == [o["name"] for o in objects] == sorted(SAMPLES)


def test_show_tells_licence_and_figures_with_their_sources(run: Run) -> None:
    said = run("benchmarks", "show", "phenobrain-public")
    assert said.code == 0
    for words in (
        "Apache-2.0",
        "PhenoBrain: Recall@1 30.4",
        "Table 2; read there",
        "--download",
        "Public_Test_set.json",
    ):
        assert words in said.out
    assert run("benchmarks", "show", "phenobrain-public", "--json").objects[0]["figures"][0]["value"] == 30.4


def test_run_writes_a_folder_with_the_fields_measures(run: Run, tmp_path: Path) -> None:
    files = sample("ddxplus", tmp_path / "files")
    said = run("benchmarks", "run", "ddxplus", "--files", files, "--out", tmp_path / "run")
    assert said.code == 0 and "GTPA@1" in said.out and "DDF1" in said.out and "Nothing we know" in said.out
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["benchmark"]["closed"]["options"] == 3
    assert (tmp_path / "run" / "report.html").is_file()
    again = run("benchmarks", "run", "ddxplus", "--files", files, "--out", tmp_path / "run", "--json")
    assert json.loads(again.out) == metrics
    assert run("evaluate", "report", tmp_path / "run").code == 0


def test_run_takes_any_engine(run: Run, tmp_path: Path) -> None:
    files = sample("rarebench-mme", tmp_path / "files")
    out = tmp_path / "run"
    assert run("benchmarks", "run", "rarebench-mme", "--files", files, "--out", out, "--engine", "qmr").code == 0
    assert "qmr" in json.loads((out / "config.json").read_text())["engine"]["name"]


def rules(path: Path, *pairs: tuple[str, str]) -> Path:
    path.write_text("".join(json.dumps({"when": w, "reply": json.dumps({"answer": a})}) + "\n" for w, a in pairs))
    return path


def test_questions_go_to_a_scripted_model(run: Run, tmp_path: Path) -> None:
    files = sample("redis-qa", tmp_path / "files")
    script = rules(tmp_path / "rules.jsonl", ("Copperfield", "A"), ("Fitful", "B"))
    arguments: list[Any] = ["benchmarks", "run", "redis-qa", "--files", files, "--out", tmp_path / "run"]
    said = run(*arguments, "--model", "toy", "--service", f"scripted:{script}")
    assert said.code == 0 and "accuracy 50.0" in said.out and "1 right, 1 wrong, 0 not answered" in said.out
    cases = [json.loads(x) for x in (tmp_path / "run" / "cases.jsonl").read_text().splitlines()]
    assert [(c["chosen"], c["outcome"]) for c in cases] == [("A", "right"), ("B", "wrong")]


def test_questions_go_out_in_rounds_and_nothing_is_written_before_the_replies(run: Run, tmp_path: Path) -> None:
    files = sample("redis-qa", tmp_path / "files")
    arguments = ["benchmarks", "run", "redis-qa", "--files", files, "--out", tmp_path / "run"]
    said = run(*arguments, "--model", "toy", "--llm-batch", tmp_path / "batch")
    assert said.code == 0 and (tmp_path / "batch" / "requests.r1.jsonl").is_file()
    assert not (tmp_path / "run").exists()


def test_the_second_task_of_a_benchmark_is_asked_for(run: Run, tmp_path: Path) -> None:
    files = sample("icraft-md", tmp_path / "files")
    arguments = ["benchmarks", "run", "icraft-md", "--files", files, "--task", "questions", "--out", tmp_path / "run"]
    assert "accuracy" in run(*arguments).out


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("redis-qa", [], "they need a language model"),
        ("redis-qa", ["--task", "ranking"], "redis-qa has no ranking; expected --task questions"),
        ("rarebench-mme", ["--model", "toy"], "--model answers questions"),
        ("ddxplus", ["--download"], "ddxplus cannot be downloaded from here"),
        ("nowhere", [], "benchmark 'nowhere' is not known"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    name: str, more: list[str], words: str, run: Run, tmp_path: Path
) -> None:
    files = sample(name, tmp_path / "files") if name in SAMPLES else tmp_path
    with pytest.raises(UsageError, match=words):
        run("benchmarks", "run", name, "--files", files, "--out", tmp_path / "run", *more)
    assert not (tmp_path / "run").exists()


def test_missing_files_are_named_and_never_fetched_without_being_asked(process: Any, tmp_path: Path) -> None:
    with process("benchmarks", "run", "rarebench-mme", "--files", tmp_path, "--out", tmp_path / "run") as started:
        _, err = started.communicate(timeout=60)
    assert started.returncode == 2 and "give --download" in err.decode() and "Traceback" not in err.decode()
    assert list(tmp_path.iterdir()) == []
