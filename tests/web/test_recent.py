"""Results that are kept for a short while: few, for their time, and never another one's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rarescale.web.recent import Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_result_is_made_once_until_its_time_is_over() -> None:
    clock, made = Clock(), []
    recent = Recent[int](most=2, seconds=10.0, clock=clock)

    def make() -> int:
        made.append(clock.now)
        return len(made)

    assert (recent.get("a", make), recent.get("a", make)) == (1, 1)
    clock.now = 10.0
    assert recent.get("b", make) == 2
    assert len(recent) == 1, "what is too old goes when anybody asks"
    assert recent.get("a", make) == 3


@given(st.lists(st.text(alphabet="abcdef", min_size=1, max_size=2)))
def test_everybody_gets_their_own_and_only_so_many_are_kept(asked: list[str]) -> None:
    recent = Recent[str](most=3)
    for text in asked:
        assert recent.get(text, lambda text=text: text.upper()) == text.upper()  # type: ignore[misc]
        assert len(recent) <= 3
