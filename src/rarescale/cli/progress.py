"""Progress on standard error; standard output stays clean."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


class CompileProgress:
    """Shows what a first-time compile is doing, one line per step."""

    def __call__(self, what: str, share: float) -> None:
        """Called by the compiler with the step and the share done, 0..1."""
        ending = "\n" if share >= 1.0 or not sys.stderr.isatty() else "\r"
        sys.stderr.write(f"compiling the knowledge, once: {share:4.0%} {what:<28}{ending}")
        sys.stderr.flush()


def counted(items: Iterable[T], noun: str, *, every: float = 2.0) -> Iterator[T]:
    """The items as they come; every `every` seconds a count on standard error, and a last one if there was any."""
    start = last = time.monotonic()
    shown = False
    count = 0
    for count, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last >= every and count > 1:
            sys.stderr.write(f"{count} {noun}, {count / (now - start):.0f} a second\n")
            last, shown = now, True
    if shown:
        sys.stderr.write(f"{count} {noun} in {time.monotonic() - start:.1f} s\n")


class Counting:
    """A line on standard error every few seconds: how many of how many are done."""

    def __init__(self, noun: str, *, every: float = 5.0) -> None:
        """`noun` says what is counted."""
        self._noun, self._every, self._last = noun, every, time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        """Called with what is done and how much there is."""
        now = time.monotonic()
        if now - self._last >= self._every:
            sys.stderr.write(f"{done} of {of} {self._noun}\n")
            self._last = now
