"""Record what a model said, and play it back without the model."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from rarescale.errors import UsageError
from rarescale.llm.failures import ModelError, from_data
from rarescale.llm.files import Log, complete_lines
from rarescale.llm.messages import Model, Reply, Request, reply_from_data


class Recording:
    """Passes requests on to `model` and adds each reply or failure to a JSONL file, which `Replay` reads."""

    def __init__(self, model: Model, path: Path) -> None:
        """An existing recording is continued."""
        self._model = model
        self._log = Log(path)

    def complete(self, request: Request) -> Reply:
        """The reply of the model, recorded before it is handed out."""
        entry = {"key": request.key, "tag": request.tag, "request": request.question()}
        try:
            reply = self._model.complete(request)
        except ModelError as error:
            self._log.append(entry | {"error": error.to_data()})
            raise
        self._log.append(entry | {"reply": reply.to_data()})
        return reply


class Replay:
    """Answers as recorded. A request recorded several times gets its answers in order, then the last again.

    Raises ModelError (not-recorded) for a request that the recording does not hold.
    """

    def __init__(self, path: Path) -> None:
        """Raises UsageError when `path` is no recording."""
        if not path.is_file():
            raise UsageError(f"{path}: expected a recording of model replies, found no such file. Record one first.")
        self._path = path
        self._answers: dict[str, list[Reply | ModelError]] = {}
        self._lock = threading.Lock()
        for number, line in complete_lines(path):
            key, answer = _entry(path, number, line)
            self._answers.setdefault(key, []).append(answer)

    def complete(self, request: Request) -> Reply:
        """The recorded reply, or the recorded failure raised again."""
        with self._lock:
            answers = self._answers.get(request.key)
            if not answers:
                raise self._missing(request)
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, ModelError):
            raise answer.changed()
        return answer

    def _missing(self, request: Request) -> ModelError:
        said = " ".join(request.messages[-1].content.split())[:80]
        return ModelError(
            f"{self._path} holds no reply to {request.tag or 'a request'} ({request.model}, {said!r}, key "
            f"{request.key[:16]}); expected one recorded with the same messages and settings. Record it again.",
            kind="not-recorded",
        )


def _entry(path: Path, number: int, line: str) -> tuple[str, Reply | ModelError]:
    try:
        data = json.loads(line)
        answer = reply_from_data(data["reply"]) if "reply" in data else from_data(data["error"])
        return str(data["key"]), answer
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} line {number}: expected a recorded request with its reply or error, found {line[:80]!r}. "
            "Remove the line or record again."
        ) from error
