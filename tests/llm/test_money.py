"""Prices, the ledger, and the limit that holds."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.llm import Accounted, Backoff, Ledger, ModelError, Price, Reply, Scripted, Usage, guarded
from rarescale.llm.prices import cost, prompt_tokens_at_most, worst_cost

from .helpers import question

PRICES = {"toy": Price(prompt=1.0, completion=10.0)}


def fails(kind: str) -> ModelError:
    return ModelError("it failed", kind=kind)


def test_cost_worked_by_hand() -> None:
    usage = Usage(2_000_000, 500_000)
    assert cost(PRICES, "toy", usage) == 2.0 + 5.0
    assert cost(PRICES, "toy", usage, batch=True) == 3.5
    assert cost(PRICES, "other", usage) is None


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 5000))
def test_the_worst_cost_is_never_below_that_of_a_token_per_byte(text: str, most: int) -> None:
    worst = worst_cost(PRICES, question(text, max_tokens=most))
    real = cost(PRICES, "toy", Usage(len(text.encode()), most))
    assert worst is not None and real is not None and worst >= real


def test_a_schema_makes_the_prompt_longer() -> None:
    assert prompt_tokens_at_most(question(schema={"type": "object"})) > prompt_tokens_at_most(question())


@pytest.mark.parametrize("value", [-1.0, float("inf"), float("nan")])
def test_a_price_is_a_number_of_zero_or_more(value: float) -> None:
    with pytest.raises(UsageError, match="price"):
        Price(value, 1.0)


def test_each_call_is_entered_with_its_outcome_and_cost() -> None:
    ledger = Ledger()
    model = Accounted(Scripted([Reply("a", "", "toy", Usage(1000, 100)), fails("server")]), ledger, prices=PRICES)
    reply = model.complete(question("one", tag="t@1"))
    with pytest.raises(ModelError):
        model.complete(question("two"))
    first, second = ledger.attempts
    assert (first.outcome, first.tag, first.usage) == (
        "answered",
        "t@1",
        Usage(1000, 100, 0.002),
    ) and first.key == reply.key
    assert (second.outcome, second.usage) == ("server", Usage()) and reply.usage.cost == 0.002


@pytest.mark.parametrize(
    ("kind", "possible"),
    [("timeout", True), ("cut", True), ("garbage", True), ("rate-limit", False), ("server", False), ("refused", False)],
)
def test_an_open_bill_counts_at_its_worst(kind: str, possible: bool) -> None:
    ledger = Ledger()
    with pytest.raises(ModelError):
        Accounted(Scripted([fails(kind)]), ledger, prices=PRICES).complete(question())
    worst = worst_cost(PRICES, question())
    assert ledger.summary().possible == (worst if possible else 0.0)


def test_an_error_of_the_program_leaves_the_bill_open_too() -> None:
    ledger = Ledger()

    def broken(_request: object) -> str:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        Accounted(Scripted(broken), ledger, prices=PRICES).complete(question())
    assert ledger.attempts[0].outcome == "stopped" and ledger.summary().possible > 0


def test_the_call_that_could_exceed_the_limit_is_not_made() -> None:
    worst = worst_cost(PRICES, question()) or 0.0
    script, ledger = Scripted(lambda _: "a"), Ledger()
    model = Accounted(script, ledger, prices=PRICES, limit=worst * 0.999)
    with pytest.raises(ModelError, match="was not made") as caught:
        model.complete(question())
    assert (caught.value.kind, script.history, ledger.attempts) == ("budget", [], ())


def test_a_limit_that_just_holds_lets_the_call_through() -> None:
    worst = worst_cost(PRICES, question()) or 0.0
    assert Accounted(Scripted(["a"]), Ledger(), prices=PRICES, limit=worst).complete(question()).text == "a"


@pytest.mark.parametrize("seed", range(3))
def test_the_limit_holds_for_many_threads_and_the_worst_replies(seed: int) -> None:
    rng = random.Random(seed)
    worst = worst_cost(PRICES, question("x", max_tokens=100)) or 0.0
    limit = worst * 7.5
    top = Usage(prompt_tokens_at_most(question("x")), 100)
    script = Scripted(lambda r: Reply("a", r.key, "toy", top) if rng.random() < 0.7 else fails("timeout"))
    ledger = Ledger()
    model = Accounted(script, ledger, prices=PRICES, limit=limit)

    def call(number: int) -> None:
        try:
            model.complete(question("x", max_tokens=100, seed=number))
        except ModelError as error:
            assert error.kind in ("budget", "timeout")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(call, range(50)))
    summary = ledger.summary()
    assert (summary.usage.cost or 0.0) + summary.possible <= limit
    assert summary.attempts == 7


def test_a_limit_needs_a_price_for_the_model() -> None:
    with pytest.raises(ModelError, match="has no price") as caught:
        Accounted(Scripted(["a"]), Ledger(), prices=PRICES, limit=1.0).complete(question(model="other"))
    assert caught.value.kind == "budget"


@pytest.mark.parametrize(("prices", "limit"), [(None, 1.0), ({}, 1.0), (PRICES, -1.0)])
def test_a_limit_without_prices_or_below_zero_is_refused(prices: dict[str, Price] | None, limit: float) -> None:
    with pytest.raises(UsageError, match="limit"):
        Accounted(Scripted([]), Ledger(), prices=prices, limit=limit)


def test_a_ledger_file_is_continued_and_what_was_under_way_counts(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    first = Ledger(path)
    Accounted(Scripted([Reply("a", "", "toy", Usage(1000, 0))]), first, prices=PRICES).complete(question("one"))
    first.enter("key", "tag", "toy", 0.5, None)  # killed before it was settled
    with path.open("a") as stream:
        stream.write('{"event": "sett')
    second = Ledger(path)
    assert second.attempts == first.attempts
    assert (second.summary().usage.cost, second.summary().possible) == (0.001, 0.5)
    with pytest.raises(ModelError):
        second.enter("key2", "", "toy", 0.5, 1.0)
    assert second.enter("key2", "", "toy", 0.25, 1.0) == 2
    assert all(json.loads(line) for line in path.read_text().splitlines())


@pytest.mark.parametrize("line", ["nonsense", "[]", "{}", '{"event": "settled", "number": 4}'])
def test_a_file_that_is_no_ledger_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(UsageError, match="line 1"):
        Ledger(path)


def test_no_attempt_is_settled_twice() -> None:
    ledger = Ledger()
    number = ledger.enter("key", "", "toy", 0.0, None)
    ledger.settle(number, "answered")
    with pytest.raises(ValueError, match="settled already"):
        ledger.settle(number, "answered")


def test_two_answers_to_one_question_are_reported() -> None:
    ledger = Ledger()
    model = Accounted(Scripted(["a", "b"]), ledger)
    model.complete(question())
    model.complete(question())
    assert ledger.summary().charged_twice == (question().key,)


def test_behind_all_guards_a_question_is_paid_once_and_each_attempt_entered(tmp_path: Path) -> None:
    ledger = Ledger()
    script = Scripted([fails("rate-limit"), "yes"])
    model = guarded(
        script, random.Random(1), ledger=ledger, prices=PRICES, limit=1.0, backoff=Backoff(first_s=0.0), cache=tmp_path
    )
    replies = [model.complete(question()) for _ in range(3)]
    assert [r.cached for r in replies] == [False, True, True]
    assert ledger.summary().outcomes == {"rate-limit": 1, "answered": 1}
