"""A corpus by a language model: the same folder live, replayed and in batch rounds, from library and command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.errors import UsageError
from rarescale.jobs import file_hash
from rarescale.knowledge import Knowledge
from rarescale.llm import SWITCH, Cached, Endpoint, Request, Scripted, answer_batch
from rarescale.simulation import Batch, Live, LlmSettings, SimulationSettings, simulate_llm_chats

DISEASES = ["OMIM:277900", "OMIM:154700", "OMIM:219700"]
COUNT = 6
FEW = 3
"""Turn by turn there is a round for each finding."""
SETTINGS = SimulationSettings(attempts=40, needed=5)
WRITERS = ["llm-whole", "llm-turns"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")


def number(finding: dict[str, Any]) -> str:
    return str(int(finding["id"].partition(":")[2]))


def told(finding: dict[str, Any]) -> dict[str, Any]:
    state = "is there" if finding["present"] else "is not there"
    words = f"trouble {number(finding)} {state}"
    label = {"id": finding["id"], "present": finding["present"], "quote": words}
    return {"role": "patient", "text": f"Well, {words}.", "findings": [label]}


def turn(finding: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "clinician", "text": "What else have you noticed?"}, told(finding)]


def answers(request: Request) -> str:
    """A model for any finding: it tells them by number and judges by looking for the numbers."""
    prompt, data = request.messages[0].content, request.messages[1].content
    objects = [json.loads(line) for line in data.splitlines() if line.startswith("{")]
    findings = [o for o in objects if "label" in o]
    said = " ".join(o["text"] for o in objects if o.get("role") == "patient")
    if prompt.startswith("You check"):
        judged = [
            {"id": f["id"], "state": state, "quote": words}
            for f in findings
            for state, words in (
                ("present", f"trouble {number(f)} is there"),
                ("absent", f"trouble {number(f)} is not there"),
            )
            if words in said
        ]
        return json.dumps({"findings": judged})
    who = next(o for o in objects if "manner of writing" in o)
    opening = [
        {"role": "system", "text": f"{who['name']}, {who['age']}, {who['sex']}."},
        {"role": "clinician", "text": "Hello, what brings you in today?"},
    ]
    if "step by step" in prompt:
        left = [f for f in findings if f"trouble {number(f)} " not in said]
        return json.dumps({"messages": turn(left[0]) if said else [*opening, told(left[0])]})
    later = [m for f in findings[1:] for m in turn(f)]
    return json.dumps({"messages": [*opening, told(findings[0]), *later]})


def write(hpo: Knowledge, folder: Path, through: Live | Batch, writer: str = "llm-whole") -> Any:
    llm, count = LlmSettings("toy", memory=2), COUNT if writer == "llm-whole" else FEW
    return simulate_llm_chats(hpo, count, 1, folder, writer, llm, through, case_settings=SETTINGS, diseases=DISEASES)


def rounds(run: Callable[[], Any], folder: Path, model: Callable[[Request], str] = answers) -> int:
    """Answer rounds until they are done; how many there were."""
    for n in range(1, 200):
        run()
        if (folder / "done").exists():
            return n - 1
        answer_batch(folder / f"requests.r{n}.jsonl", folder / f"replies.r{n}.jsonl", Scripted(model))
    raise AssertionError("the rounds do not end")


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "chats.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("writer", WRITERS)
def test_live_and_in_rounds_the_corpus_is_the_same(hpo: Knowledge, tmp_path: Path, writer: str) -> None:
    facts = write(hpo, tmp_path / "live", Live(Scripted(answers), 3), writer)
    batch = tmp_path / "batch"
    rounds(lambda: write(hpo, tmp_path / "rounds", Batch(batch), writer), batch)
    assert (tmp_path / "live" / "chats.jsonl").read_bytes() == (tmp_path / "rounds" / "chats.jsonl").read_bytes()
    assert (tmp_path / "live" / "dropped.tsv").read_bytes() == (tmp_path / "rounds" / "dropped.tsv").read_bytes()
    manifest = json.loads((tmp_path / "rounds" / "manifest.json").read_text())
    assert manifest["llm"] == facts["llm"] and manifest["writers"] == {writer: "1"}
    assert manifest["files"]["chats.jsonl"]["sha256"] == file_hash(tmp_path / "rounds" / "chats.jsonl")
    assert sorted(p.name for p in (tmp_path / "rounds").iterdir()) == ["chats.jsonl", "dropped.tsv", "manifest.json"]


def test_chat_lines_look_like_those_of_the_offline_writers(hpo: Knowledge, tmp_path: Path) -> None:
    facts = write(hpo, tmp_path, Live(Scripted(answers)))
    chats = lines(tmp_path)
    assert facts["chats"] == len(chats) == COUNT and facts["warning"] is None
    for chat in chats:
        assert chat["writer"] == "llm-whole" and chat["split"] in ("train", "val", "test")
        assert chat["id"] == f"{chat['case']}-llm-whole" and chat["diagnosis"][0] in DISEASES
        assert [m["role"] for m in chat["messages"][:3]] == ["system", "clinician", "patient"]
        labels = [f for m in chat["messages"] if m["role"] == "patient" for f in m["findings"]]
        assert {tuple(sorted(f)) for f in labels} == {("id", "label", "present")} and len(labels) >= 6


def test_chats_that_are_dropped_are_listed_with_their_reason(hpo: Knowledge, tmp_path: Path) -> None:
    def careless(request: Request) -> str:
        return answers(request).replace("what brings you in today", "is it your liver again")

    facts = write(hpo, tmp_path, Live(Scripted(careless)))
    assert facts["chats"] == 0 and facts["dropped_chats"] == COUNT and "6 rejected" in facts["warning"]
    rows = (tmp_path / "dropped.tsv").read_text().splitlines()
    listed = [row for row in rows if "chat of sim1-" in row]
    assert len(listed) == COUNT and all("rejected: The chat still breaks" in row for row in listed)
    assert {len(row.split("\t")) for row in rows} == {6}


def test_a_stopped_corpus_goes_on_without_asking_again(hpo: Knowledge, tmp_path: Path) -> None:
    def dying(request: Request) -> str:
        if len(first.history) > 4:
            raise KeyboardInterrupt
        return answers(request)

    first, second = Scripted(dying), Scripted(answers)
    with pytest.raises(KeyboardInterrupt):
        write(hpo, tmp_path / "a", Live(Cached(first, tmp_path / "kept"), 1))
    write(hpo, tmp_path / "a", Live(Cached(second, tmp_path / "kept"), 1))
    write(hpo, tmp_path / "b", Live(Scripted(answers)))
    assert (tmp_path / "a" / "chats.jsonl").read_bytes() == (tmp_path / "b" / "chats.jsonl").read_bytes()
    assert len(second.history) == 2 * COUNT - 4


def test_batch_files_are_kept_out_of_the_corpus(hpo: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is inside"):
        write(hpo, tmp_path, Batch(tmp_path / "batch"))


def test_rounds_with_other_options_are_refused_and_nothing_is_lost(hpo: Knowledge, tmp_path: Path) -> None:
    out, batch = tmp_path / "out", tmp_path / "batch"
    write(hpo, out, Batch(batch))
    before = {p: p.read_bytes() for p in batch.iterdir()}
    with pytest.raises(UsageError, match="unfinished run with other options"):
        write(hpo, out, Batch(batch), "llm-turns")
    assert {p: p.read_bytes() for p in batch.iterdir()} == before


def cli(*arguments: str) -> Any:
    result = CliRunner().invoke(app, ["simulate", "chats", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit | UsageError), result.exception
    return result


def options(tmp_path: Path, out: str) -> list[str]:
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(DISEASES[:2]))
    return ["--cases", "4", "--seed", "1", "--out", str(tmp_path / out), "--diseases", str(ids), "--model", "toy"]


def test_the_command_writes_over_http_from_a_record_and_in_rounds(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")
    record = tmp_path / "talk.jsonl"
    with Endpoint(Scripted(answers)) as endpoint:
        told = cli(
            *options(tmp_path, "live"), "--writer", "llm-whole", "--base-url", endpoint.url,
            "--record", str(record), "--price", "1,2", "--limit", "9",
        )  # fmt: skip
    assert "4 chats of 2 diseases" in told.stdout and "cost" in told.stdout
    cli(*options(tmp_path, "replayed"), "--writer", "llm-whole", "--replay", str(record))
    batch = tmp_path / "batch"
    arguments = [*options(tmp_path, "rounds"), "--writer", "llm-whole", "--llm-batch", str(batch)]
    waiting = cli(*arguments).stdout
    assert "waiting for replies.r1.jsonl: 0 of 2" in waiting and not (tmp_path / "rounds" / "chats.jsonl").exists()
    rounds(lambda: cli(*arguments), batch)
    kept = [(tmp_path / name / "chats.jsonl").read_bytes() for name in ("live", "replayed", "rounds")]
    assert kept[0] == kept[1] == kept[2] and len(kept[0].splitlines()) == 4
    assert [p.name for p in (tmp_path / "live").glob("*.jsonl")] == ["chats.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--writer", "llm-whole"], "expected --model NAME"),
        (["--writer", "whole", "--model", "toy"], "asks no model"),
        (["--writer", "llm-poem", "--model", "toy"], "llm-whole or llm-turns"),
        (["--writer", "llm-whole", "--model", "toy", "--reserved"], "--reserved"),
        (["--writer", "llm-whole", "--model", "toy", "--price", "cheap"], "two numbers"),
        (["--writer", "llm-whole", "--model", "toy", "--llm-batch", "b", "--record", "r"], "--record"),
        (["--writer", "llm-whole", "--model", "toy", "--replay", "nowhere.jsonl"], "no such file"),
    ],
)
def test_options_that_make_no_sense_are_named(tmp_path: Path, arguments: list[str], words: str) -> None:
    result = cli("--cases", "2", "--out", str(tmp_path / "out"), *arguments)
    assert result.exit_code != 0 and words in result.output + str(result.exception)
