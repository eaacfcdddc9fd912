"""`rarescale weigh` with scripted models and batch files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rarescale.llm import Request, Scripted, answer_batch

from .conftest import Run

CHAT = {
    "id": "t1",
    "messages": [{"role": "patient", "content": "I have a tremor, doctor."}],
    "diagnosis": ["OMIM:100001"],
}
CASE = {"id": "c1", "present": ["HP:0001250"], "diagnosis": ["OMIM:100002"], "diagnosis_name": "Fitful syndrome 1"}


def reply(name: str, *, candidates: bool = False) -> str:
    thought = {"name": name, "why": "It fits."}
    passes: dict[str, Any] = {"first_pass": [thought]}
    if candidates:
        passes["candidate_pass"] = [thought | {"keep": True}]
    return json.dumps(passes | {"diagnoses": [{"name": name, "likelihood": "high", "reasons": [], "quotes": []}]})


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    def write(*rules: dict[str, str]) -> str:
        path = tmp_path / "script.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in rules))
        return f"scripted:{path}"

    return write


def test_the_answer_is_one_object_a_line_with_the_models_order(
    run: Run, cases: Callable[..., Path], script: Callable[..., str]
) -> None:
    service = script({"when": "candidate_pass", "reply": reply("Copperfield disease", candidates=True)})
    outcome = run("weigh", cases(CHAT, CASE), "--model", "toy", "--service", service, "--arm", "expert", "--json")
    assert outcome.code == 0 and [o["id"] for o in outcome.objects] == ["t1", "c1"]
    first = outcome.objects[0]
    assert first["differential"][0]["ids"] == ["OMIM:100001", "ORPHA:11"] and first["weighing"]["arm"] == "expert"
    assert first["engine"]["name"] == "rarescale llm expert toy"


def test_people_see_likelihood_and_reasons(run: Run, cases: Callable[..., Path], script: Callable[..., str]) -> None:
    service = script({"reply": reply("Purple disease")})
    outcome = run("weigh", cases(CHAT), "--model", "toy", "--service", service, "--arm", "none")
    assert outcome.code == 0 and "Purple disease (not in the knowledge), likelihood high" in outcome.out


def test_a_model_that_fails_leaves_the_offline_differential_and_exit_code_one(
    run: Run, cases: Callable[..., Path], script: Callable[..., str]
) -> None:
    outcome = run(
        "weigh", cases(CHAT), "--model", "toy", "--service", script({"reply": "no"}), "--arm", "none", "--json"
    )
    (answer,) = outcome.objects
    assert outcome.code == 1 and answer["weighing"]["outcome"] == "invalid-reply" and answer["differential"]
    assert "computed without it" in outcome.err


def test_rounds_write_requests_wait_and_end_with_the_same_answers_as_live(
    run: Run, cases: Callable[..., Path], script: Callable[..., str], tmp_path: Path
) -> None:
    text = reply("Copperfield disease", candidates=True)
    arguments = ("weigh", cases(CHAT, CASE), "--model", "toy", "--arm", "expert", "--json")
    folder = tmp_path / "batch"
    waiting = run(*arguments, "--llm-batch", folder)
    assert (waiting.code, waiting.out) == (0, "") and "waiting for replies.r1.jsonl" in waiting.err
    assert not (folder / "done").exists()
    answer_batch(folder / "requests.r1.jsonl", folder / "replies.r1.jsonl", Scripted(lambda _: text))
    done = run(*arguments, "--llm-batch", folder)
    assert (folder / "done").exists() and done.out == run(*arguments, "--service", script({"reply": text})).out


def test_the_truth_of_an_input_is_never_asked_about(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    run("weigh", cases(CHAT, CASE), "--model", "toy", "--arm", "none", "--llm-batch", tmp_path / "b")
    asked = (tmp_path / "b" / "requests.r1.jsonl").read_text()
    assert "100001" not in asked and "100002" not in asked and "Fitful syndrome 1" not in asked


def test_candidates_come_from_a_file(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    path = tmp_path / "candidates.jsonl"
    path.write_text(json.dumps({"id": "t1", "differential": [{"id": "ORPHA:12", "name": "Fitful syndrome"}]}) + "\n")
    run(
        "weigh",
        cases(CHAT),
        "--model",
        "toy",
        "--arm",
        "rarescale",
        "--candidates",
        path,
        "--llm-batch",
        tmp_path / "b",
    )
    assert '- \\"Fitful syndrome\\"' in (tmp_path / "b" / "requests.r1.jsonl").read_text()


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"id": "t1"}', '{"id": "t1", "candidates": [{"id": "X:1"}]}'])
def test_a_damaged_file_of_candidates_is_named_with_its_line(
    run: Run, cases: Callable[..., Path], tmp_path: Path, line: str
) -> None:
    from rarescale.errors import InputError

    path = tmp_path / "candidates.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(InputError, match="line 1"):
        run(
            "weigh",
            cases(CHAT),
            "--model",
            "m",
            "--arm",
            "rarescale",
            "--candidates",
            path,
            "--llm-batch",
            tmp_path / "b",
        )


def test_the_arm_rarescale_needs_nothing_but_the_program(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    run("weigh", cases(CHAT), "--model", "toy", "--arm", "rarescale", "--llm-batch", tmp_path / "b")
    assert '- \\"Copperfield disease\\"' in (tmp_path / "b" / "requests.r1.jsonl").read_text()


def test_an_unreadable_input_keeps_its_place(run: Run, cases: Callable[..., Path], script: Callable[..., str]) -> None:
    service = script({"reply": reply("Copperfield disease")})
    outcome = run("weigh", cases("{broken", CHAT), "--model", "m", "--service", service, "--arm", "none", "--json")
    assert outcome.code == 1 and "error" in outcome.objects[0] and outcome.objects[1]["id"] == "t1"


def test_reading_and_weighing_by_the_model_are_one_run(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    said = json.dumps({"findings": [{"term": "Seizure", "state": "present", "quote": "strange turns"}]})

    def model(request: Request) -> str:
        return said if request.messages[1].content.count("`findings`") else reply("Fitful syndrome")

    chat = {"id": "t2", "messages": [{"role": "patient", "content": "I get strange turns."}]}
    arguments = (
        "weigh",
        cases(chat),
        "--model",
        "toy",
        "--arm",
        "none",
        "--read",
        "--json",
        "--llm-batch",
        tmp_path / "b",
    )
    for number in (1, 2):
        run(*arguments)
        files = (tmp_path / "b" / f"{kind}.r{number}.jsonl" for kind in ("requests", "replies"))
        answer_batch(*files, Scripted(model))
    (answer,) = run(*arguments).objects
    assert [(f["id"], f["source"]) for f in answer["findings"]] == [("HP:0001250", "llm")]
    assert answer["differential"][0]["id"] == "ORPHA:12" and answer["differential"][0]["reasons"]


def test_examples_go_into_the_prompt_but_never_the_case_itself(
    run: Run, cases: Callable[..., Path], tmp_path: Path
) -> None:
    solved = cases(CASE, CASE | {"id": "c2", "diagnosis_name": "Other syndrome"}, name="solved.jsonl")
    run("weigh", cases(CASE), "--model", "toy", "--arm", "none", "--examples", solved, "--llm-batch", tmp_path / "b")
    asked = (tmp_path / "b" / "requests.r1.jsonl").read_text()
    assert "Other syndrome" in asked and "Fitful syndrome 1" not in asked


def test_a_recording_is_replayed(
    run: Run, cases: Callable[..., Path], script: Callable[..., str], tmp_path: Path
) -> None:
    arguments = ("weigh", cases(CHAT), "--model", "toy", "--arm", "none", "--json")
    live = run(*arguments, "--service", script({"reply": reply("Copperfield disease")}), "--record", tmp_path / "r")
    assert live.out and run(*arguments, "--replay", tmp_path / "r").out == live.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--limit", "1"), "--limit needs --price"),
        (("--price", "cheap", "--llm-batch", "b"), "expected two numbers"),
        (("--replay", "x", "--llm-batch", "b"), "asks through files"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    run: Run, cases: Callable[..., Path], options: tuple[str, ...], words: str
) -> None:
    from rarescale.errors import UsageError

    with pytest.raises(UsageError, match=words):
        run("weigh", cases(CHAT), "--model", "m", "--arm", "none", *options)


def test_a_limit_keeps_a_round_from_being_written(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    from rarescale.llm import ModelError

    options = ("--price", "10,10", "--limit", "0.0001", "--llm-batch", tmp_path / "b")
    with pytest.raises(ModelError, match="Nothing was written"):
        run("weigh", cases(CHAT), "--model", "m", "--arm", "none", *options)
