"""Rounds of files: what is written, what is taken, and what is said about files that do not fit."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rarescale.llm import (
    ModelError,
    Price,
    Rounds,
    Scripted,
    Task,
    answer_batch,
    follow_rounds,
    persistent,
    run_rounds,
)
from rarescale.llm.batchlines import custom_id

from .helpers import Time, question, scripted_answer, two_pass

Begin = Callable[[], Task[str]]


def single(text: str) -> Begin:
    def task() -> Task[str]:
        reply = yield question(text)
        return reply.text

    return task


def tasks(*texts: str) -> dict[str, Begin]:
    return {text: single(text) for text in texts}


def requests(folder: Path, number: int = 1) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"requests.r{number}.jsonl").read_text().splitlines()]


def reply(id: str, text: str = "yes", **changes: Any) -> dict[str, Any]:
    body = {"model": "toy", "choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    return {"custom_id": id, "response": {"status_code": 200, "body": body}, "error": None} | changes


def put(folder: Path, *lines: dict[str, Any] | str, number: int = 1, end: str = "\n") -> None:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end
    (folder / f"replies.r{number}.jsonl").write_text(text)


def test_the_first_start_writes_batch_lines_and_waits(tmp_path: Path) -> None:
    standing = run_rounds(tasks("one", "two"), tmp_path / "batch")
    assert (standing.done, standing.round, standing.asked, standing.answered) == (False, 1, 2, 0)
    assert (
        "waiting for replies.r1.jsonl: 0 of 2" in standing.message and "run the same command again" in standing.message
    )
    line = requests(tmp_path / "batch")[0]
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions") and set(line) == {
        "custom_id",
        "method",
        "url",
        "body",
    }
    assert line["body"] == {
        "model": "toy",
        "messages": [{"role": "user", "content": "one"}],
        "max_tokens": 1024,
        "temperature": 0.0,
    }


def test_when_all_is_answered_done_is_written(tmp_path: Path) -> None:
    run_rounds(tasks("one", "two"), tmp_path)
    put(tmp_path, *(reply(r["custom_id"], f"re {r['body']['messages'][0]['content']}") for r in requests(tmp_path)))
    result = run_rounds(tasks("one", "two"), tmp_path)
    assert result.done and {id: o.value for id, o in result.outcomes.items()} == {"one": "re one", "two": "re two"}
    done = json.loads((tmp_path / "done").read_text())
    assert (done["rounds"], done["tasks"], done["failed"]) == (1, 2, 0)
    for name, sha in done["sha256"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == sha


def test_ids_fit_the_narrowest_service_and_tell_requests_apart() -> None:
    ids = {custom_id("a/ß case " * 20, n, question(t)) for n in (1, 12) for t in ("one", "two")}
    assert len(ids) == 4 and all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id) for id in ids)


def test_starting_again_changes_no_file(tmp_path: Path) -> None:
    run_rounds(tasks("one"), tmp_path)
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in tmp_path.iterdir()}
    run_rounds(tasks("one"), tmp_path)
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in tmp_path.iterdir()} == before


def test_the_same_question_of_two_tasks_is_asked_once(tmp_path: Path) -> None:
    both = {"a": single("one"), "b": single("one")}
    run_rounds(both, tmp_path)
    assert len(requests(tmp_path)) == 1
    put(tmp_path, reply(requests(tmp_path)[0]["custom_id"]))
    assert [o.value for o in run_rounds(both, tmp_path).outcomes.values()] == ["yes", "yes"]


def test_a_question_of_an_earlier_round_is_not_asked_again(tmp_path: Path) -> None:
    def late() -> Task[str]:
        first = yield question("zero")
        second = yield question("one")
        return f"{first.text} {second.text}"

    both: dict[str, Begin] = {"a": single("one"), "b": late}
    run_rounds(both, tmp_path)
    put(tmp_path, *(reply(r["custom_id"]) for r in requests(tmp_path)))
    assert run_rounds(both, tmp_path).done and not (tmp_path / "requests.r2.jsonl").exists()


def part_of(folder: Path, lines: list[dict[str, Any] | str], end: str = "\n") -> Rounds[str]:
    put(folder, *lines, end=end)
    return run_rounds(tasks("one", "two"), folder)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, str]:
    run_rounds(tasks("one", "two"), tmp_path)
    first, second = (r["custom_id"] for r in requests(tmp_path))
    return first, second


def test_missing_replies_are_waited_for(tmp_path: Path, asked: tuple[str, str]) -> None:
    assert "1 of 2" in part_of(tmp_path, [reply(asked[0])]).message
    assert not (tmp_path / "done").exists()


def test_a_line_still_being_written_is_left_for_later(tmp_path: Path, asked: tuple[str, str]) -> None:
    standing = part_of(tmp_path, [reply(asked[0]), json.dumps(reply(asked[1]))[:40]], end="")
    assert (standing.answered, standing.remarks) == (1, ())


def test_a_whole_last_line_needs_no_newline(tmp_path: Path, asked: tuple[str, str]) -> None:
    assert part_of(tmp_path, [reply(asked[0]), reply(asked[1])], end="").done


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", "3", '{"response": {}}', '{"custom_id": null}', '{"custom_id": [1]}']
)
def test_lines_of_nothing_known_are_passed_over_with_a_remark(
    tmp_path: Path, asked: tuple[str, str], line: str
) -> None:
    standing = part_of(tmp_path, [line, reply(asked[0])])
    assert standing.answered == 1 and len(standing.remarks) == 1 and "replies.r1.jsonl line 1" in standing.remarks[0]


def test_an_unknown_id_is_passed_over_with_a_remark(tmp_path: Path, asked: tuple[str, str]) -> None:
    result = part_of(tmp_path, [reply(asked[0]), reply("stranger"), reply(asked[1])])
    assert result.done and "'stranger' was not asked for" in result.remarks[0]


@pytest.mark.parametrize(
    ("texts", "value", "remarks"),
    [(["a", "a"], "a", 0), (["a", "b"], "a", 1), ([None, "b"], "b", 0), (["a", None], "a", 0)],
)
def test_of_two_answers_the_first_good_one_counts(
    tmp_path: Path, asked: tuple[str, str], texts: list[str | None], value: str, remarks: int
) -> None:
    broken: dict[str, Any] = {"response": None, "error": {"code": "expired"}}
    lines = [reply(asked[0], t) if t else reply(asked[0], **broken) for t in texts]
    result = part_of(tmp_path, [*lines, reply(asked[1])])
    assert result.outcomes["one"].value == value and len(result.remarks) == remarks


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"response": None, "error": {"code": "batch_expired"}}, "batch-failed"),
        ({"response": None}, "batch-failed"),
        ({"response": "text"}, "batch-failed"),
        ({"response": {"status_code": 429, "body": {}}}, "rate-limit"),
        ({"response": {"status_code": 500, "body": None}}, "server"),
        ({"response": {"status_code": 400, "body": {"error": {}}}}, "refused"),
        ({"response": {"status_code": None, "body": {}}}, "server"),
        ({"response": {"status_code": 200}}, "garbage"),
        ({"response": {"status_code": 200, "body": {"choices": []}}}, "garbage"),
        ({"response": {"status_code": 200, "body": {"choices": [{"message": {"refusal": "no"}}]}}}, "refused"),
    ],
)
def test_a_failed_line_is_the_named_failure_of_its_task_only(
    tmp_path: Path, asked: tuple[str, str], changes: dict[str, Any], kind: str
) -> None:
    result = part_of(tmp_path, [reply(asked[0], **changes), reply(asked[1])])
    failure = result.outcomes["one"].failure
    assert result.done and isinstance(failure, ModelError) and failure.kind == kind
    assert "replies.r1.jsonl line 1" in str(failure) and failure.raw and result.outcomes["two"].value == "yes"


def test_a_persistent_task_asks_a_failed_line_again_in_the_next_round(tmp_path: Path) -> None:
    one: dict[str, Begin] = {"a": lambda: persistent(single("one")())}
    run_rounds(one, tmp_path)
    put(tmp_path, reply(requests(tmp_path)[0]["custom_id"], response={"status_code": 500, "body": {}}))
    assert run_rounds(one, tmp_path).round == 2
    put(tmp_path, reply(requests(tmp_path, 2)[0]["custom_id"]), number=2)
    assert run_rounds(one, tmp_path).outcomes["a"].value == "yes"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (tasks("one", "three"), "2 of which 1 are others and 1 missing"),
        (tasks("one"), "1 are others"),
        (tasks("one", "two", "three"), "1 missing"),
    ],
)
def test_a_folder_of_other_tasks_is_refused(
    tmp_path: Path, asked: tuple[str, str], change: dict[str, Begin], words: str
) -> None:
    before = (tmp_path / "requests.r1.jsonl").read_bytes()
    with pytest.raises(ModelError, match=words) as caught:
        run_rounds(change, tmp_path)
    assert caught.value.kind == "rounds" and "begin in a new folder" in str(caught.value)
    assert (tmp_path / "requests.r1.jsonl").read_bytes() == before


def test_a_damaged_requests_file_is_named_with_its_line(tmp_path: Path, asked: tuple[str, str]) -> None:
    with (tmp_path / "requests.r1.jsonl").open("a") as stream:
        stream.write("nonsense\n")
    with pytest.raises(ModelError, match="line 3"):
        run_rounds(tasks("one", "two"), tmp_path)


def test_replies_changed_after_the_next_round_began_are_noticed(tmp_path: Path) -> None:
    def chain() -> Task[str]:
        first = yield question("one")
        second = yield question(f"then {first.text}")
        return second.text

    run_rounds({"a": chain}, tmp_path)
    id = requests(tmp_path)[0]["custom_id"]
    put(tmp_path, reply(id, "left"))
    run_rounds({"a": chain}, tmp_path)
    put(tmp_path, reply(id, "right"))
    with pytest.raises(ModelError, match="earlier replies have changed"):
        run_rounds({"a": chain}, tmp_path)


def test_replies_may_be_compressed(tmp_path: Path, asked: tuple[str, str]) -> None:
    data = gzip.compress("".join(json.dumps(reply(id)) + "\n" for id in asked).encode())
    path = tmp_path / "replies.r1.jsonl.gz"
    path.write_bytes(data[:-20])
    assert not run_rounds(tasks("one", "two"), tmp_path).done
    path.write_bytes(data)
    assert run_rounds(tasks("one", "two"), tmp_path).done


def test_text_with_odd_line_separators_stays_in_its_line(tmp_path: Path) -> None:
    odd = tasks("a\u2028b\x85c\rd\x0be")
    run_rounds(odd, tmp_path)
    answer_batch(
        tmp_path / "requests.r1.jsonl", tmp_path / "replies.r1.jsonl", Scripted(lambda r: r.messages[0].content)
    )
    assert [o.value for o in run_rounds(odd, tmp_path).outcomes.values()] == list(odd)


def test_no_tasks_are_done_at_once(tmp_path: Path) -> None:
    assert run_rounds({}, tmp_path / "batch").done and (tmp_path / "batch" / "done").exists()


def test_each_reply_is_charged_once_at_the_batch_price(tmp_path: Path) -> None:
    both = {"a": single("1234"), "b": single("1234")}
    prices = {"toy": Price(1e6, 1e6, batch=0.5)}
    run_rounds(both, tmp_path)
    answer_batch(tmp_path / "requests.r1.jsonl", tmp_path / "replies.r1.jsonl", Scripted(["12345678"]))
    result = run_rounds(both, tmp_path, prices=prices)
    assert (result.usage.prompt_tokens, result.usage.completion_tokens, result.usage.cost) == (1, 2, 1.5)
    assert json.loads((tmp_path / "done").read_text())["cost"] == 1.5


def test_following_waits_for_each_round(tmp_path: Path) -> None:
    time, told = Time(), []

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        n = len(list(tmp_path.glob("requests.*")))
        answer_batch(tmp_path / f"requests.r{n}.jsonl", tmp_path / f"replies.r{n}.jsonl", Scripted(scripted_answer))

    both = {f"t{n}": partial(two_pass, n) for n in range(4)}
    result = follow_rounds(
        lambda: run_rounds(both, tmp_path), sleep=sleep, clock=time.clock, on_wait=lambda s: told.append(s.round)
    )
    assert result.done and [o.value for o in result.outcomes.values()] == [f"about double {2 * n}" for n in range(4)]
    assert told == [1, 2, 3]


def test_following_gives_up_after_the_time_allowed(tmp_path: Path) -> None:
    time = Time()
    standing = follow_rounds(
        lambda: run_rounds(tasks("one"), tmp_path), within_s=60.0, sleep=time.sleep, clock=time.clock
    )
    assert not standing.done and time.now <= 60.0


def test_answering_goes_on_where_it_was_killed(tmp_path: Path, asked: tuple[str, str]) -> None:
    put(tmp_path, reply(asked[0]), '{"custom_id": "o', end="")
    script = Scripted(["later"])
    assert answer_batch(tmp_path / "requests.r1.jsonl", tmp_path / "replies.r1.jsonl", script) == 1
    result = run_rounds(tasks("one", "two"), tmp_path)
    assert [o.value for o in result.outcomes.values()] == ["yes", "later"] and len(script.history) == 1


def test_a_failure_while_answering_becomes_a_failed_line(tmp_path: Path, asked: tuple[str, str]) -> None:
    script = Scripted([ModelError("slow down", kind="rate-limit"), "yes"])
    answer_batch(tmp_path / "requests.r1.jsonl", tmp_path / "replies.r1.jsonl", script, workers=1)
    failure = run_rounds(tasks("one", "two"), tmp_path).outcomes["one"].failure
    assert isinstance(failure, ModelError) and failure.kind == "rate-limit" and "slow down" in failure.raw


@pytest.mark.parametrize(("limit", "goes"), [(2 * 0.5 * (19 + 1024), True), (2 * 0.5 * (19 + 1024) - 0.1, False)])
def test_a_round_that_could_cost_too_much_is_not_written(tmp_path: Path, limit: float, goes: bool) -> None:
    prices = {"toy": Price(1e6, 1e6, batch=0.5)}  # one unit a token; "one" is at most 3 + 16 tokens
    if goes:
        assert not run_rounds(tasks("one", "two"), tmp_path, prices=prices, limit=limit).done
        return
    with pytest.raises(ModelError, match="Nothing was written") as caught:
        run_rounds(tasks("one", "two"), tmp_path, prices=prices, limit=limit)
    assert caught.value.kind == "budget" and list(tmp_path.iterdir()) == []


def test_a_limit_counts_what_earlier_rounds_cost(tmp_path: Path) -> None:
    def chain() -> Task[str]:
        first = yield question("one")
        second = yield question(f"then {first.text}")
        return second.text

    prices, worst = {"toy": Price(1e6, 1e6, batch=1.0)}, 3 + 16 + 1024.0
    run_rounds({"a": chain}, tmp_path, prices=prices, limit=worst)
    body = reply("")["response"]["body"] | {"usage": {"prompt_tokens": 10, "completion_tokens": 1000}}
    put(tmp_path, reply(requests(tmp_path)[0]["custom_id"], response={"status_code": 200, "body": body}))
    with pytest.raises(ModelError, match="1010 spent"):
        run_rounds({"a": chain}, tmp_path, prices=prices, limit=worst)
    assert run_rounds({"a": chain}, tmp_path, prices=prices, limit=worst + 1015).round == 2


def test_a_limit_needs_the_price_of_the_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no price for toy"):
        run_rounds(tasks("one"), tmp_path, limit=1.0)


def test_the_limit_of_a_reply_may_go_into_another_field(tmp_path: Path) -> None:
    run_rounds(tasks("one"), tmp_path, token_field="max_completion_tokens")
    assert requests(tmp_path)[0]["body"]["max_completion_tokens"] == 1024
    answer_batch(tmp_path / "requests.r1.jsonl", tmp_path / "replies.r1.jsonl", Scripted(["yes"]))
    assert run_rounds(tasks("one"), tmp_path).done


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "batch").write_text("")
    with pytest.raises(ModelError, match="found a file"):
        run_rounds(tasks("one"), tmp_path / "batch")
