"""Cache, recordings and scripts: answers without asking."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rarescale.errors import UsageError
from rarescale.llm import Cached, ModelError, Recording, Replay, Reply, Scripted, Usage, open_model, register_provider

from .helpers import question


def test_a_question_is_asked_once(tmp_path: Path) -> None:
    script = Scripted(["a"])
    first = Cached(script, tmp_path).complete(question())
    second = Cached(script, tmp_path).complete(question())
    assert (first.text, second.text, first.cached, second.cached) == ("a", "a", False, True)
    assert first.usage == second.usage and len(script.history) == 1


def test_one_file_per_question_holds_request_and_reply(tmp_path: Path) -> None:
    Cached(Scripted(["a"]), tmp_path).complete(question())
    key = question().key
    path = tmp_path / key[:2] / key[2:4] / f"{key}.json"
    kept = json.loads(path.read_text())
    assert kept["request"]["messages"][0]["content"] == "What is it?" and kept["reply"]["text"] == "a"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_failures_are_not_kept(tmp_path: Path) -> None:
    model = Cached(Scripted([ModelError("no", kind="server"), "a"]), tmp_path)
    with pytest.raises(ModelError):
        model.complete(question())
    assert model.complete(question()).text == "a"


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"reply": {"text": 3}}', '{"reply": null}'])
def test_a_damaged_file_is_written_anew(tmp_path: Path, damage: str) -> None:
    script = Scripted(["a", "b"])
    model = Cached(script, tmp_path)
    model.complete(question())
    model.path(question().key).write_text(damage)
    assert model.complete(question()).text == "b"
    assert model.complete(question()).cached


def test_a_reply_to_another_question_is_not_taken(tmp_path: Path) -> None:
    model = Cached(Scripted(["a", "b"]), tmp_path)
    model.complete(question("one"))
    other = model.path(question("two").key)
    other.parent.mkdir(parents=True)
    model.path(question("one").key).rename(other)
    assert model.complete(question("two")).text == "b"


def test_threads_with_the_same_question_wait_for_one_answer(tmp_path: Path) -> None:
    class Slow:
        calls = 0

        def complete(self, request: object) -> Reply:
            self.calls += 1
            time.sleep(0.05)
            return Reply("a", question().key, "toy")

    slow = Slow()
    model = Cached(slow, tmp_path)
    threads = [threading.Thread(target=model.complete, args=(question(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slow.calls == 1


def test_a_recording_plays_back_replies_and_failures(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    refusal = ModelError("no", kind="refused", raws=("raw",))
    recording = Recording(Scripted([Reply("a", "", "toy", Usage(3, 4)), refusal]), path)
    first = recording.complete(question("one"))
    with pytest.raises(ModelError):
        recording.complete(question("two"))
    replay = Replay(path)
    assert replay.complete(question("one")) == first
    with pytest.raises(ModelError) as caught:
        replay.complete(question("two"))
    assert caught.value.to_data() == refusal.to_data()


def test_several_answers_to_one_question_come_in_order_then_the_last_again(tmp_path: Path) -> None:
    recording = Recording(Scripted(["a", "b"]), tmp_path / "talk.jsonl")
    recording.complete(question())
    recording.complete(question())
    replay = Replay(tmp_path / "talk.jsonl")
    assert [replay.complete(question()).text for _ in range(4)] == ["a", "b", "b", "b"]


def test_a_question_that_was_not_recorded_is_named(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    Recording(Scripted(["a"]), path).complete(question())
    with pytest.raises(ModelError, match="Is it new") as caught:
        Replay(path).complete(question("Is it new?"))
    assert caught.value.kind == "not-recorded"


def test_a_recording_torn_by_a_kill_is_read_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    Recording(Scripted(["a"]), path).complete(question("one"))
    with path.open("a") as stream:
        stream.write('{"key": "12')
    assert Replay(path).complete(question("one")).text == "a"
    Recording(Scripted(["b"]), path).complete(question("two"))
    assert Replay(path).complete(question("two")).text == "b"


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"key": "a"}', '{"key": "a", "reply": {}}'])
def test_a_file_that_is_no_recording_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text("\n" + line + "\n")
    with pytest.raises(UsageError, match="line 2"):
        Replay(path)


def test_a_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        open_model(f"replay:{tmp_path / 'talk.jsonl'}")


def test_a_script_answers_in_order_and_remembers() -> None:
    script = Scripted(["a", "b"])
    assert [script.complete(question(t)).text for t in ("one", "two")] == ["a", "b"]
    assert [r.messages[0].content for r in script.history] == ["one", "two"]
    with pytest.raises(ModelError) as caught:
        script.complete(question())
    assert caught.value.kind == "script-ended"


def test_a_script_may_be_a_function_of_the_request() -> None:
    script = Scripted(lambda r: r.messages[0].content.upper())
    assert script.complete(question("abc")).text == "ABC"


def test_scripted_usage_is_counted_in_quarters_of_bytes() -> None:
    assert Scripted(["12345"]).complete(question("12345678")).usage == Usage(2, 2)


def test_a_script_file_answers_by_the_first_rule_that_fits(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text('{"when": "liver", "reply": "Wilson"}\n\n{"reply": "no idea"}\n')
    model = open_model(f"scripted:{path}")
    assert [model.complete(question(t)).text for t in ("my liver", "my knee")] == ["Wilson", "no idea"]


def test_a_script_file_without_a_fitting_rule_says_so(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text('{"when": "liver", "reply": "Wilson"}\n')
    with pytest.raises(ModelError, match="no rule"):
        open_model(f"scripted:{path}").complete(question("my knee"))


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"when": "a"}', '{"reply": 3}', '{"reply": "a", "if": "b"}'])
def test_a_bad_rule_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(UsageError, match="line 1"):
        open_model(f"scripted:{path}")


def test_a_new_kind_of_address_goes_through_the_same_door() -> None:
    register_provider("parrot", lambda rest: Scripted(lambda _: rest))
    assert open_model("parrot:hello:you").complete(question()).text == "hello:you"


@pytest.mark.parametrize(
    "act",
    [
        lambda: open_model("gpt"),
        lambda: open_model(""),
        lambda: register_provider("openai", lambda _: Scripted([])),
        lambda: register_provider("a:b", lambda _: Scripted([])),
    ],
)
def test_unknown_addresses_and_taken_names_are_refused(act: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match="expected"):
        act()
