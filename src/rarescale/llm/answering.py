"""Answer a file of batch requests with any model: a local server instead of a batch service, or a script in tests."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rarescale.llm.batchlines import read_request_lines, reply_line
from rarescale.llm.failures import ModelError
from rarescale.llm.files import Log, complete_lines
from rarescale.llm.messages import Model
from rarescale.llm.wire import completion_of, request_of

STATUS = {"rate-limit": 429, "server": 500, "timeout": 408, "auth": 401, "refused": 400}
"""HTTP status that reports each kind of failure; others are 502."""


def answer_batch(requests: Path, replies: Path, model: Model, *, workers: int = 8) -> int:
    """Answer each line of `requests` that `replies` does not hold yet; the number of lines added.

    Replies are appended as they come, so a killed run is continued. Failures become failed lines. Raises ModelError
    (rounds) when `requests` is no file of batch requests.
    """
    log = Log(replies)
    held = {_id(line) for _, line in complete_lines(replies)}
    open_lines = [(id, body) for id, body in read_request_lines(requests) if id not in held]

    def answer(line: tuple[str, object]) -> None:
        log.append(json.loads(answered(line[0], line[1], model)))

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(answer, open_lines))
    return len(open_lines)


def _id(line: str) -> str | None:
    try:
        return str(json.loads(line)["custom_id"])
    except (ValueError, KeyError, TypeError):
        return None


def answered(id: str, body: object, model: Model) -> str:
    """The reply line for one request."""
    try:
        if not isinstance(body, dict):
            raise TypeError(f"a body of type {type(body).__name__}")
        request = request_of(body)
    except (KeyError, TypeError, ValueError) as error:
        return reply_line(id, 400, {"error": {"message": f"not a chat completions request: {error!r}"}})
    try:
        return reply_line(id, 200, completion_of(model.complete(request)))
    except ModelError as error:
        return reply_line(id, STATUS.get(error.kind, 502), {"error": {"message": str(error), "type": error.kind}})
