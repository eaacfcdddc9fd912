"""Tasks of several steps, run live by many threads."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from rarescale.errors import UsageError
from rarescale.llm import ModelError, Outcome, Scripted, Task, Usage, drive, persistent, run_live

from .helpers import question, scripted_answer, two_pass


def chat(turns: int) -> Task[list[str]]:
    """Turn by turn, each question depending on the reply before."""
    request = question("turn 1")
    said = []
    for turn in range(2, turns + 2):
        reply = yield request
        said.append(reply.text)
        request = request.then(reply.text, f"turn {turn}")
    return said


def test_a_task_receives_the_reply_to_each_request() -> None:
    script = Scripted(["a", "b", "c"])
    assert drive(chat(3), script) == ["a", "b", "c"]
    assert [m.content for m in script.history[2].messages] == ["turn 1", "a", "turn 2", "b", "turn 3"]


def test_a_task_that_asks_nothing_ends_at_once() -> None:
    def nothing() -> Task[int]:
        return 3
        yield question()

    assert drive(nothing(), Scripted([])) == 3


def test_a_task_may_end_with_nothing() -> None:
    def silent() -> Task[None]:
        yield question()

    outcome = run_live({"a": silent}, Scripted(["a"]))["a"]
    assert outcome.value is None and outcome.failure is None and outcome.usage == Usage(3, 1)


def test_one_failed_task_never_stops_the_others() -> None:
    outcomes = run_live({f"t{n}": partial(two_pass, n) for n in range(8)}, Scripted(scripted_answer))
    assert list(outcomes) == [f"t{n}" for n in range(8)]
    assert [o.value for o in outcomes.values()] == [f"about double {2 * n}" if n != 4 else None for n in range(8)]
    failure = outcomes["t4"].failure
    assert isinstance(failure, ModelError) and failure.raws == ("never JSON", "never JSON")
    assert [len(o.exchanges) for o in outcomes.values()] == [2, 3, 2, 3, 2, 3, 2, 3]


def test_a_task_may_catch_a_failure_and_go_on() -> None:
    def careful() -> Task[str]:
        try:
            reply = yield question("big")
        except ModelError as error:
            reply = yield question(f"smaller, after {error.kind}")
        return reply.text

    script = Scripted([ModelError("no", kind="refused"), "fine"])
    assert drive(careful(), script) == "fine" and script.history[1].messages[0].content == "smaller, after refused"


def test_an_error_the_user_can_fix_is_the_failure_of_its_task() -> None:
    def odd() -> Task[str]:
        yield question()
        raise UsageError("the list is empty")

    outcome = run_live({"a": odd}, Scripted(["a"]))["a"]
    assert isinstance(outcome.failure, UsageError) and len(outcome.exchanges) == 1


def test_an_error_of_the_program_is_raised_and_work_not_begun_is_dropped() -> None:
    def broken() -> Task[str]:
        yield question()
        raise KeyError("bug")

    script = Scripted(lambda _: "a")
    with pytest.raises(KeyError, match="bug"):
        run_live({f"t{n}": broken for n in range(50)}, script, workers=1)
    assert len(script.history) < 50


def test_each_end_is_told_as_it_comes() -> None:
    lock, told = threading.Lock(), []

    def on_end(outcome: Outcome[str]) -> None:
        with lock:
            told.append(outcome.id)

    run_live({f"t{n}": partial(two_pass, n) for n in range(5)}, Scripted(scripted_answer), on_end=on_end)
    assert sorted(told) == [f"t{n}" for n in range(5)]


def fails(kind: str) -> ModelError:
    return ModelError("it failed", kind=kind)


@pytest.mark.parametrize(
    ("script", "asked", "kind"),
    [
        (["a", "b"], 2, None),
        ([fails("server"), "a", fails("timeout"), "b"], 4, None),
        ([fails("server"), fails("server"), "a"], 2, "server"),
        ([fails("refused"), "a"], 1, "refused"),
    ],
)
def test_a_persistent_task_asks_again_after_what_passes(
    script: list[str | ModelError], asked: int, kind: str | None
) -> None:
    model = Scripted(script)
    outcome = run_live({"a": lambda: persistent(chat(2), attempts=2)}, model)["a"]
    assert len(model.history) == asked
    assert (
        outcome.value == (None if kind else ["a", "b"]) and (outcome.failure.kind if outcome.failure else None) == kind
    )
