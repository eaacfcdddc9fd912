"""Sessions end when they should by a clock that only goes on, and a bucket never gives more than it got."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.people import Buckets, Role, Session, Sessions, Who
from tests.people.provider import Times

ANN = Who("ann", frozenset({Role.CLINICIAN}))
BOB = Who("bob", frozenset({Role.CLINICIAN}))


@pytest.fixture
def sessions(times: Times) -> Sessions:
    return Sessions(idle=900, absolute=43_200, per_person=3, most=10, clock=times.clock)


def alive(sessions: Sessions, id: str) -> bool:
    found = sessions.find(id)
    return found is not None and not found.ended


def test_a_session_ends_when_it_is_not_used(sessions: Sessions, times: Times) -> None:
    id, _ = sessions.begin(ANN)
    for _ in range(10):
        times.pass_by(899)
        assert alive(sessions, id)
    times.pass_by(900)
    assert not alive(sessions, id) and len(sessions) == 0


def test_an_ended_session_never_comes_back(sessions: Sessions, times: Times) -> None:
    id, _ = sessions.begin(ANN)
    times.pass_by(900)
    for _ in range(3):
        assert not alive(sessions, id)


def test_a_session_ends_however_much_it_is_used(sessions: Sessions, times: Times) -> None:
    id, _ = sessions.begin(ANN)
    for _ in range(71):
        times.pass_by(600)
        assert alive(sessions, id)
    times.pass_by(600)
    assert not alive(sessions, id)


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_jump_of_the_time_of_day_changes_nothing(sessions: Sessions, times: Times, jump: float) -> None:
    id, _ = sessions.begin(ANN)
    seconds = times.seconds
    times.pass_by(jump)
    times.seconds = seconds + 1
    assert alive(sessions, id)


def test_the_id_is_new_at_each_login_and_the_old_one_is_over(sessions: Sessions) -> None:
    old, _ = sessions.begin(ANN)
    new, _ = sessions.begin(ANN, instead_of=old)
    assert new != old and len(new) >= 43 and sessions.find(old) is None and alive(sessions, new)


def test_an_id_that_somebody_planted_is_worth_nothing(sessions: Sessions) -> None:
    id, session = sessions.begin(ANN, instead_of="planted")
    assert id != "planted" and sessions.find("planted") is None and not session.knows("planted")


def test_whoever_signs_in_again_can_go_on_with_the_open_page_and_nobody_else_can(
    sessions: Sessions, times: Times
) -> None:
    first, old = sessions.begin(ANN)
    times.pass_by(1000)
    found = sessions.find(first)
    assert isinstance(found, Session) and found.ended
    second, again = sessions.begin(ANN, instead_of=first)
    assert again.knows(old.csrf)
    _, other = sessions.begin(BOB, instead_of=second)
    assert not other.knows(old.csrf)


def test_signing_out_leaves_nothing_to_go_on_with(sessions: Sessions) -> None:
    id, old = sessions.begin(ANN)
    sessions.end(id)
    assert sessions.find(id) is None
    assert not sessions.begin(ANN, instead_of=id)[1].knows(old.csrf)


def test_a_person_has_a_few_browsers_and_all_together_have_many(sessions: Sessions, times: Times) -> None:
    mine = []
    for _ in range(4):
        mine.append(sessions.begin(ANN)[0])
        times.pass_by(1)
    assert [alive(sessions, id) for id in mine] == [False, True, True, True]
    alive(sessions, mine[1])
    for n in range(8):
        sessions.begin(Who(f"p{n}", ANN.roles))
    assert len(sessions) == 10 and alive(sessions, mine[1]) and not alive(sessions, mine[2])


def test_what_is_over_for_long_is_forgotten(sessions: Sessions, times: Times) -> None:
    id, _ = sessions.begin(ANN)
    times.pass_by(86_400)
    sessions.begin(BOB)
    assert sessions.find(id) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=60), st.floats(0.01, 10))
def test_a_bucket_gives_its_burst_and_its_rate_and_no_more(steps: list[tuple[str, float]], rate: float) -> None:
    times = Times()
    buckets = Buckets(rate=rate, burst=5, clock=times.clock)
    given_away, begun = {"a": 0, "b": 0, "c": 0}, times.seconds
    for name, seconds in steps:
        times.pass_by(seconds)
        given_away[name] += buckets.take(name) == 0
    assert all(n <= 5 + rate * (times.seconds - begun) + 1e-3 for n in given_away.values())


@given(st.floats(0.001, 100), st.integers(1, 20))
def test_whoever_waits_as_long_as_they_are_told_gets_through(rate: float, burst: int) -> None:
    times = Times()
    buckets = Buckets(rate=rate, burst=burst, clock=times.clock)
    assert not any(buckets.take("a") for _ in range(burst))
    wait = buckets.take("a")
    assert wait > 0 and buckets.wait("a") == wait and buckets.wait("b") == 0
    times.pass_by(wait)
    assert buckets.take("a") == 0 and buckets.take("a") > 0


def test_buckets_are_bounded(times: Times) -> None:
    buckets = Buckets(rate=1, burst=5, most=100, clock=times.clock)
    for n in range(1000):
        buckets.take(str(n))
    assert len(buckets) == 100
