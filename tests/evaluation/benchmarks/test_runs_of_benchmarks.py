"""Runs over benchmarks: a folder as of any run, with the field's measures and the published figures in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import UsageError
from rarescale.evaluation import (
    EngineOptions,
    Opened,
    Run,
    RunSettings,
    benchmark_named,
    benchmark_text,
    check_questions,
    choose_by_list,
    choosing,
    open_benchmark,
    read_run,
    run_ranking,
    write_questions,
)
from rarescale.evaluation.benchmarks import ClosedList, Question, ranking_measures
from rarescale.evaluation.benchmarks.choosing import NO_DISEASE
from rarescale.evaluation.benchmarks.questions import question_measures
from rarescale.knowledge import Knowledge
from rarescale.llm import ModelError, Request, Scripted, run_live
from tests.evaluation.benchmarks.samples import SAMPLES, sample

RANKING = sorted(n for n in SAMPLES if "ranking" in benchmark_named(n).tasks)


def opening(name: str, toy: Knowledge, tmp_path: Path) -> Opened:
    return open_benchmark(benchmark_named(name), sample(name, tmp_path / "files"), toy)


@pytest.mark.parametrize("name", RANKING)
def test_every_set_of_patients_runs_into_a_folder_that_reads_back(name: str, toy: Knowledge, tmp_path: Path) -> None:
    opened = opening(name, toy, tmp_path)
    run = run_ranking(opened, toy, tmp_path / "run", RunSettings(top=benchmark_named(name).top))
    again = read_run(tmp_path / "run")
    own = again.metrics["benchmark"]
    assert (
        own == run.metrics["benchmark"]
        and own["n"] == len(opened.loaded.cases) == again.metrics["overall"]["plain"]["n"]
    )
    assert own["GTPA@1"] == pytest.approx(again.metrics["overall"]["plain"]["top1"], abs=1e-4)
    assert [f["system"] for f in own["published"]] == [f.system for f in benchmark_named(name).figures]
    assert again.config["asked"]["benchmark"] == name and again.config["inputs"][0]["sha256"]
    assert own["title"] in benchmark_text(own)


def test_a_finished_run_is_read_and_not_made_again(toy: Knowledge, tmp_path: Path) -> None:
    opened = opening("rarebench-mme", toy, tmp_path)
    run_ranking(opened, toy, tmp_path / "run", RunSettings())
    before = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    run_ranking(opened, toy, tmp_path / "run", RunSettings())
    assert {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()} == before


def test_a_disease_nobody_knows_stays_a_miss_in_the_denominator(toy: Knowledge, tmp_path: Path) -> None:
    run = run_ranking(opening("rarebench-mme", toy, tmp_path), toy, tmp_path / "run", RunSettings())
    last = run.cases[-1]
    assert (last["diagnosis"], last["known"], last["rank"]) == (("UNMAPPED:ccrd-8",), False, None)
    assert run.metrics["benchmark"]["n"] == 3


def test_notes_are_also_measured_by_whether_they_say_their_diagnosis(toy: Knowledge, tmp_path: Path) -> None:
    run = run_ranking(opening("casereportbench", toy, tmp_path), toy, tmp_path / "run", RunSettings())
    assert set(run.metrics["groups"]["diagnosis_in_text"]) == {"no", "yes"}


def answer(*entries: tuple[str, float]) -> dict[str, Any]:
    return {"differential": [{"id": i, "ids": [i], "score": s} for i, s in entries]}


def run_of(tmp_path: Path, *answers: dict[str, Any]) -> Run:
    (tmp_path / "predictions.jsonl").write_text("".join(json.dumps(a) + "\n" for a in answers))
    rows = [{"id": f"c{k}", "rank": None, "listed": len(a.get("differential", ()))} for k, a in enumerate(answers)]
    return Run(tmp_path, {}, rows, {}, {})


def test_the_closed_list_is_scored_by_hand(tmp_path: Path) -> None:
    closed = ClosedList(
        options={"flu": ("F:1", "F:2"), "cold": ("C:1",), "gout": ("G:1",), "odd": ("UNMAPPED:odd",)},
        truth={"c0": "cold", "c1": "odd", "c2": "flu", "c3": "gout"},
        gold={"c0": ("cold", "flu"), "c1": ("odd", "gout"), "c2": ("flu",), "c3": ("gout", "cold", "flu", "odd")},
    )
    run = run_of(
        tmp_path,
        answer(("X:9", 9.0), ("F:1", 8.0), ("Y:9", 7.0), ("F:2", 6.0), ("C:1", 5.0)),  # flu, cold: truth second
        answer(("G:1", 3.0), ("C:1", 2.0)),  # gout, cold: the truth cannot be listed
        answer(("F:2", 4.0), ("C:1", 4.0)),  # a tie counts against the truth
        {"error": {"kind": "x", "message": "y"}},  # failed: a miss, an empty list
    )
    own = ranking_measures(run, closed)["closed"]
    assert (own["GTPA@1"], own["GTPA@3"]) == (0.0, 0.5)
    assert own["average_rank"] == (2 + 11 + 2 + 11) / 4
    assert own["DDR"] == (1.0 + 0.5 + 1.0 + 0.0) / 4
    assert own["DDP"] == (1.0 + 0.5 + 0.5 + 0.0) / 4
    assert own["DDF1"] == pytest.approx((1.0 + 0.5 + 2 / 3 + 0.0) / 4)


def scripted(letters: dict[str, str]) -> Scripted:
    """Answers by a word of the question."""

    def reply(request: Request) -> Any:
        said = request.messages[-1].content
        letter = next((a for word, a in letters.items() if word in said), None)
        if letter is None:
            return ModelError("No.", kind="refused", raws=(), attempts=1)
        return json.dumps({"answer": letter})

    return Scripted(reply)


def test_a_model_answers_questions_and_its_failures_count_as_wrong(toy: Knowledge, tmp_path: Path) -> None:
    opened = opening("redis-qa", toy, tmp_path)
    questions = check_questions(opened, tmp_path / "run")
    model = scripted({"Copperfield": "a."})
    found = run_live({q.id: (lambda q=q: choosing(q, "toy")) for q in questions}, model, workers=1)  # type: ignore[misc]
    chosen = [o.value for o in found.values()]
    run = write_questions(opened, chosen, toy, tmp_path / "run", engine={"name": "toy", "version": "1"})  # type: ignore[arg-type]
    own = read_run(tmp_path / "run").metrics["benchmark"]
    assert own == run.metrics["benchmark"]
    assert (own["n"], own["right"], own["wrong"], own["not_answered"]) == (2, 1, 0, 1)
    assert (own["accuracy"], own["chance"], own["reasons"]) == (0.5, 0.25, {"refused": 1})
    assert "accuracy 50.0" in benchmark_text(own) and "1 not answered" in benchmark_text(own)


def test_questions_of_one_topic_hang_together_in_the_interval() -> None:
    questions = [Question(f"q{k}", "here", "Which?", {"A": "this", "B": "that"}, "A", f"t{k // 4}") for k in range(160)]
    alike = [{"id": q.id, "topic": q.topic, "outcome": "right", "reason": None} for q in questions]
    for k, line in enumerate(alike):
        line["outcome"] = "right" if (k // 4) % 2 else "wrong"
    apart = [{**line, "topic": None} for line in alike]
    low, high = question_measures(questions, alike)["ci95"]
    assert high - low > 1.5 * (lambda ends: ends[1] - ends[0])(question_measures(questions, apart)["ci95"])
    few = [{**line, "topic": f"step{k % 3}"} for k, line in enumerate(alike)]
    assert question_measures(questions, few)["ci95"] == question_measures(questions, apart)["ci95"]


def test_the_question_reaches_the_model_without_its_answer(toy: Knowledge, tmp_path: Path) -> None:
    question = Question("q", "here", "Which?", {"A": "this", "B": "that"}, "B", "topic-of-the-file")
    model = scripted({"Which?": "A"})
    run_live({"q": lambda: choosing(question, "toy")}, model, workers=1)
    said = "\n".join(m.content for m in model.history[0].messages)
    assert '"A": "this"' in said and "topic-of-the-file" not in said and model.history[0].tag == "multiple-choice@1"


@pytest.mark.parametrize("letter", ["Z", "", "the second one"])
def test_a_letter_that_is_no_option_is_no_answer(letter: str) -> None:
    question = Question("q", "here", "Which?", {"A": "this", "B": "that"}, "B")
    found = run_live({"q": lambda: choosing(question, "toy")}, scripted({"Which?": letter}), workers=1)["q"]
    assert found.value is not None and (found.value.letter, found.value.reason) == (None, "no such option")


def test_without_a_model_the_option_listed_first_is_chosen(toy: Knowledge, tmp_path: Path) -> None:
    opened = opening("medqa", toy, tmp_path)
    first, second = choose_by_list(opened.loaded.questions, "expert", toy, EngineOptions(top=6))
    assert (first.letter, opened.loaded.questions[0].answer) == ("B", "B")
    assert (second.letter, second.reason) == (None, NO_DISEASE)


def test_questions_about_no_disease_need_a_model(toy: Knowledge, tmp_path: Path) -> None:
    opened = opening("redis-qa", toy, tmp_path)
    with pytest.raises(UsageError, match="they need a language model: give --model"):
        choose_by_list(opened.loaded.questions, "expert", toy, EngineOptions())


def test_a_folder_with_another_run_is_not_written_over(toy: Knowledge, tmp_path: Path) -> None:
    opened = opening("medqa", toy, tmp_path)
    chosen = choose_by_list(opened.loaded.questions, "expert", toy, EngineOptions(top=6))
    write_questions(opened, chosen, toy, tmp_path / "run", engine={"name": "x", "version": "1"})
    check_questions(opened, tmp_path / "run")
    with pytest.raises(UsageError, match="holds another run"):
        check_questions(
            open_benchmark(benchmark_named("redis-qa"), sample("redis-qa", tmp_path / "r"), toy), tmp_path / "run"
        )


@pytest.mark.parametrize(("name", "words"), [("medqa", "--task questions"), ("redis-qa", "--task questions")])
def test_questions_are_no_patients(name: str, words: str, toy: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        run_ranking(opening(name, toy, tmp_path), toy, tmp_path / "run", RunSettings())
