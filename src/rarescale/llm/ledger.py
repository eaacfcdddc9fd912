"""Every call on the wire and what it cost, also the ones that went wrong.

Each attempt is entered before it is sent and settled after. What was sent but never settled (a kill), and what
failed in a way that leaves the bill open, counts as possibly charged, at its worst price.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.llm.failures import BILL_UNKNOWN, ModelError
from rarescale.llm.files import Log, complete_lines
from rarescale.llm.messages import Usage

ANSWERED = "answered"
OPEN = "open"
"""The outcome of an attempt that has not been settled."""
STOPPED = "stopped"
"""The outcome of an attempt that ended in an unexpected error of the program."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call. `outcome` is answered, open, stopped, or a kind of ModelError; `worst` its highest possible cost."""

    number: int
    key: str
    tag: str
    model: str
    worst: float
    outcome: str = OPEN
    usage: Usage = field(default_factory=Usage)
    calls: int = 1

    @property
    def possibly_charged(self) -> bool:
        """Whether the bill of this attempt is not known."""
        return self.outcome in BILL_UNKNOWN or self.outcome in (OPEN, STOPPED)


@dataclass(frozen=True, slots=True)
class Summary:
    """A ledger in numbers. `outcomes` counts attempts; `possible` is the cost that may have been charged on top."""

    attempts: int
    calls: int
    outcomes: Mapping[str, int]
    requests: int
    usage: Usage
    possible: float
    charged_twice: tuple[str, ...]


class Ledger:
    """The attempts of one run, kept in memory and, with a path, in a JSONL file that the next run continues."""

    def __init__(self, path: Path | None = None) -> None:
        """Raises UsageError when the file is no ledger."""
        self._attempts: list[Attempt] = [] if path is None or not path.exists() else _read(path)
        self._log = None if path is None else Log(path)
        self._lock = threading.Lock()
        self._committed = sum(_committed(a) for a in self._attempts)

    def enter(self, key: str, tag: str, model: str, worst: float, limit: float | None) -> int:
        """Note a call that is about to be made and give its number.

        Raises ModelError (budget) when what is spent, possibly spent and under way could exceed `limit` with it.
        """
        with self._lock:
            if limit is not None and self._committed + worst > limit:
                raise _over(limit, self._committed, worst, tag)
            attempt = Attempt(len(self._attempts), key, tag, model, worst)
            if self._log:
                self._log.append({"event": "sent"} | asdict(attempt))
            self._attempts.append(attempt)
            self._committed += worst
            return attempt.number

    def settle(self, number: int, outcome: str, usage: Usage | None = None, calls: int = 1) -> None:
        """Note how the call ended."""
        with self._lock:
            before = self._attempts[number]
            if before.outcome != OPEN:
                raise ValueError(f"attempt {number} is settled already")
            after = replace(before, outcome=outcome, usage=usage or Usage(), calls=calls)
            if self._log:
                self._log.append({"event": "settled"} | asdict(after))
            self._attempts[number] = after
            self._committed += _committed(after) - before.worst

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All attempts so far, in the order they were entered."""
        with self._lock:
            return tuple(self._attempts)

    def summary(self) -> Summary:
        """Counts and sums of all attempts so far."""
        attempts = self.attempts
        answered = Counter(a.key for a in attempts if a.outcome == ANSWERED)
        return Summary(
            attempts=len(attempts),
            calls=sum(a.calls for a in attempts),
            outcomes=dict(Counter(a.outcome for a in attempts)),
            requests=len({a.key for a in attempts}),
            usage=sum((a.usage for a in attempts), Usage()),
            possible=sum(a.worst for a in attempts if a.possibly_charged),
            charged_twice=tuple(sorted(k for k, n in answered.items() if n > 1)),
        )


def _committed(attempt: Attempt) -> float:
    if attempt.possibly_charged:
        return attempt.worst
    return attempt.usage.cost or 0.0


def _over(limit: float, committed: float, worst: float, tag: str) -> ModelError:
    return ModelError(
        f"The call for {tag or 'a request'} may cost up to {worst:.6g}, and {committed:.6g} of the limit "
        f"{limit:.6g} is spent or under way, so it was not made. Raise the limit, or ask for fewer tokens.",
        kind="budget",
    )


def _read(path: Path) -> list[Attempt]:
    attempts: list[Attempt] = []
    for number, line in complete_lines(path):
        try:
            data: dict[str, Any] = json.loads(line)
            event = data.pop("event")
            attempt = Attempt(**data | {"usage": Usage(**data["usage"])})
            if event == "sent" and attempt.number == len(attempts):
                attempts.append(attempt)
            else:
                attempts[attempt.number] = attempt
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise UsageError(
                f"{path} line {number}: expected an entry of a ledger of model calls, found {line[:80]!r}. "
                "Give another file, or move this one away."
            ) from error
    return attempts
