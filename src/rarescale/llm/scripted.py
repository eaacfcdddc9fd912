"""A model that says what it was told to say: for tests, documentation and demonstrations."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from rarescale.errors import UsageError
from rarescale.llm.failures import ModelError
from rarescale.llm.files import complete_lines
from rarescale.llm.messages import Reply, Request, Usage

Line = str | Reply | ModelError
"""What a script may hold: a text, a whole reply, or a failure to raise."""


class Scripted:
    """Answers from a queue, in order, or from a function of the request. `history` holds all requests so far.

    Raises ModelError (script-ended) when the queue is empty.
    """

    def __init__(self, script: Iterable[Line] | Callable[[Request], Line]) -> None:
        """`script` is a queue, or a function that may be called from many threads at once."""
        self.history: list[Request] = []
        self._function = script if callable(script) else None
        self._queue = iter(()) if callable(script) else iter(script)
        self._lock = threading.Lock()

    def complete(self, request: Request) -> Reply:
        """The next line of the script."""
        with self._lock:
            self.history.append(request)
            line = next(self._queue, None) if self._function is None else None
        if self._function is not None:
            # Outside the lock: a function that takes its time holds up nobody else.
            line = self._function(request)
        if line is None:
            raise _ended(request, "its queue of replies is empty")
        if isinstance(line, ModelError):
            raise line
        if isinstance(line, Reply):
            return replace(line, key=request.key)
        return Reply(
            line, request.key, request.model, Usage(tokens(*(m.content for m in request.messages)), tokens(line))
        )


def tokens(*texts: str) -> int:
    """A token count for scripted replies: a quarter of the UTF-8 bytes, rounded up."""
    return -(-sum(len(t.encode()) for t in texts) // 4)


def _ended(request: Request, why: str) -> ModelError:
    return ModelError(
        f"The scripted model cannot answer {request.tag or 'a request'}: {why}. Add a reply to the script.",
        kind="script-ended",
    )


def scripted_from_file(path: Path) -> Scripted:
    """A scripted model from JSONL rules ``{"when": "words", "reply": "text"}``.

    The first rule whose `when` occurs in the messages answers; a rule without `when` answers everything.
    Raises UsageError for a line of another shape.
    """
    rules = [_rule(path, number, line) for number, line in complete_lines(path)]

    def following(request: Request) -> Line:
        said = "\n".join(m.content for m in request.messages)
        return next((reply for when, reply in rules if when in said), _ended(request, f"no rule of {path} fits"))

    return Scripted(following)


def _rule(path: Path, number: int, line: str) -> tuple[str, str]:
    try:
        data = json.loads(line)
        when, reply = data.get("when", ""), data["reply"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad_rule(path, number, line) from error
    if not isinstance(when, str) or not isinstance(reply, str) or set(data) - {"when", "reply"}:
        raise _bad_rule(path, number, line)
    return when, reply


def _bad_rule(path: Path, number: int, line: str) -> UsageError:
    return UsageError(
        f'{path} line {number}: expected {{"when": "words", "reply": "text"}}, found {line[:80]!r}. '
        "Correct or remove the line."
    )
