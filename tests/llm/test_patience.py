"""Retries, pauses and pace, on a clock that only sleeping moves."""

from __future__ import annotations

import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rarescale.errors import UsageError
from rarescale.llm import Backoff, ModelError, Pace, Paced, Reply, Request, Retrying, Scripted, Usage
from rarescale.llm.failures import KINDS, PASSING

from .helpers import Time, question


def fails(kind: str, retry_after: float | None = None, raw: str = "") -> ModelError:
    return ModelError("it failed", kind=kind, retry_after=retry_after, raws=(raw,) if raw else ())


def retrying(script: Scripted, time: Time, **settings: float) -> Retrying:
    backoff = Backoff(**settings)  # type: ignore[arg-type]
    return Retrying(script, random.Random(1), backoff=backoff, sleep=time.sleep, clock=time.clock)


@pytest.mark.parametrize("kind", sorted(PASSING))
def test_what_passes_is_tried_again(kind: str) -> None:
    script = Scripted([fails(kind), fails(kind), "yes"])
    assert retrying(script, Time()).complete(question()).text == "yes"
    assert len(script.history) == 3


@pytest.mark.parametrize("kind", sorted(set(KINDS) - PASSING))
def test_what_does_not_pass_is_raised_at_once(kind: str) -> None:
    script, time = Scripted([fails(kind), "yes"]), Time()
    with pytest.raises(ModelError) as caught:
        retrying(script, time).complete(question())
    assert (caught.value.kind, len(script.history), time.slept) == (kind, 1, [])


def test_the_last_failure_says_how_often_it_was_tried_and_keeps_all_raw_texts() -> None:
    script = Scripted([fails("garbage", raw="a"), fails("server"), fails("garbage", raw="b"), "yes"])
    with pytest.raises(ModelError, match="after 3 attempts") as caught:
        retrying(script, Time(), attempts=3).complete(question())
    assert (caught.value.kind, caught.value.attempts, caught.value.raws) == ("garbage", 3, ("a", "b"))


@settings(deadline=None)
@given(st.integers(1, 40), st.floats(0, 1), st.floats(0, 10), st.floats(0, 100))
def test_a_pause_is_half_to_all_of_the_doubled_time_up_to_the_longest(
    k: int, draw: float, first: float, longest: float
) -> None:
    full = min(longest, first * 2 ** (k - 1))
    assert full / 2 <= Backoff(first_s=first, longest_s=longest).pause(k, draw) <= full


@pytest.mark.parametrize(("wish", "pause"), [(30.0, 30.0), (0.0, None), (None, None)])
def test_the_pause_the_service_asks_for_is_kept_when_longer(wish: float | None, pause: float | None) -> None:
    time = Time()
    retrying(Scripted([fails("rate-limit", wish), "yes"]), time).complete(question())
    assert time.slept == [pause] if pause else 0.5 <= time.slept[0] <= 1.0


def test_no_pause_ends_after_the_time_allowed() -> None:
    time = Time()
    with pytest.raises(ModelError) as caught:
        retrying(Scripted(lambda _: fails("server")), time, attempts=99, within_s=20.0).complete(question())
    assert time.now <= 20.0 and caught.value.attempts > 3


def test_a_wish_longer_than_the_time_allowed_ends_the_attempts() -> None:
    time = Time()
    with pytest.raises(ModelError):
        retrying(Scripted([fails("rate-limit", 3600.0), "yes"]), time).complete(question())
    assert time.slept == []


def test_the_same_seed_gives_the_same_pauses() -> None:
    one, two = Time(), Time()
    for own in (one, two):
        retrying(Scripted([*[fails("server")] * 4, "yes"]), own).complete(question())
    assert one.slept == two.slept and len(set(one.slept)) == 4


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 60))
def test_no_minute_sees_more_requests_than_allowed(limit: int, calls: int) -> None:
    time, starts = Time(), []

    def answer(_request: Request) -> str:
        starts.append(time.now)
        return "yes"

    paced = Paced(Scripted(answer), Pace(requests_per_minute=limit), sleep=time.sleep, clock=time.clock)
    for _ in range(calls):
        paced.complete(question())
    assert all(sum(s <= t < s + 60.0 - 1e-6 for t in starts) <= limit for s in starts)


def test_tokens_are_booked_before_and_corrected_after() -> None:
    time = Time()
    replies: list[Reply | str] = [Reply("a", "", "toy", Usage(50, 50)), Reply("b", "", "toy", Usage(50, 50)), "c"]
    paced = Paced(Scripted(replies), Pace(tokens_per_minute=600.0), sleep=time.sleep, clock=time.clock)
    for _ in range(3):
        paced.complete(question("x" * 400, max_tokens=500))  # booked 600 = one minute, used 100 = ten seconds
    assert time.slept == pytest.approx([10.0, 10.0])


def test_no_more_calls_at_once_than_allowed() -> None:
    lock, now, most = threading.Lock(), [0], [0]
    together = threading.Barrier(3)

    class Slow:
        def complete(self, request: Request) -> Reply:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            together.wait(60)
            with lock:
                now[0] -= 1
            return Reply("yes", request.key, "toy")

    paced = Paced(Slow(), Pace(at_once=3))
    threads = [threading.Thread(target=paced.complete, args=(question(),)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 3


def test_a_failed_call_gives_its_place_back() -> None:
    paced = Paced(Scripted([fails("server"), "yes"]), Pace(at_once=1))
    with pytest.raises(ModelError):
        paced.complete(question())
    assert paced.complete(question()).text == "yes"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Pace(requests_per_minute=0),
        lambda: Pace(tokens_per_minute=-1),
        lambda: Pace(at_once=0),
        lambda: Backoff(attempts=0),
        lambda: Backoff(first_s=-1),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: object) -> None:
    with pytest.raises(UsageError):
        make()  # type: ignore[operator]
