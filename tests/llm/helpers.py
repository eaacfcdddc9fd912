"""Small real objects for these tests."""

from __future__ import annotations

from typing import Any

from rarescale.llm import Message, Request, Task, asking


def question(text: str = "What is it?", **settings: Any) -> Request:
    return Request((Message("user", text),), settings.pop("model", "toy"), **settings)


class Time:
    """A clock that only sleeping moves, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def scripted_answer(request: Request) -> str:
    """A model that counts: bad JSON first for odd numbers, right after repair, and prose for the second pass."""
    said = [m.content for m in request.messages]
    if said[0].startswith("number "):
        number = int(said[0].removeprefix("number "))
        if number % 2 and len(said) == 1:
            return "I think it is large."
        if number == 4:
            return "never JSON"
        return f'{{"n": {number}}}'
    return f"about {said[0]}"


def two_pass(number: int) -> Task[str]:
    """Ask for a number (with repair), then ask once more about it."""
    first = yield from asking(question(f"number {number}", tag="first"), dict[str, int])
    second = yield question(f"double {first.value['n'] * 2}", tag="second")
    return second.text
