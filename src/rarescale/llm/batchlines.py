"""Lines of batch files (OpenAI Batch API): requests out, replies in, read with distrust."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rarescale.llm.failures import ModelError
from rarescale.llm.files import json_line
from rarescale.llm.messages import Reply, Request
from rarescale.llm.wire import RAW_CHARACTERS, body_of, reply_of, status_error

URL = "/v1/chat/completions"
ID_TASK_CHARACTERS = 38
ID_KEY_CHARACTERS = 16


def custom_id(task: str, round: int, request: Request) -> str:
    """Task, round and beginning of the key: at most 64 letters, digits, ``-`` and ``_``, as batch services demand."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", task)[:ID_TASK_CHARACTERS]
    return f"{plain}-r{round}-{request.key[:ID_KEY_CHARACTERS]}"


def request_line(id: str, request: Request, token_field: str = "max_tokens") -> str:
    """One line of a requests file."""
    body = body_of(request, token_field=token_field)
    return json_line({"custom_id": id, "method": "POST", "url": URL, "body": body})


def reply_line(id: str, status: int, body: Mapping[str, Any], error: Mapping[str, Any] | None = None) -> str:
    """One line of a replies file as a batch service writes it."""
    response = {"status_code": status, "request_id": f"req-{id}", "body": body}
    return json_line({"id": f"batch-{id}", "custom_id": id, "response": response, "error": error})


@dataclass
class Replies:
    """What a replies file holds so far: answers by custom id, and remarks on lines that were passed over."""

    answers: dict[str, Reply | ModelError] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def read_replies(path: Path, requests: Mapping[str, Request]) -> Replies:
    """Read the replies to `requests` (by custom id) from `path`, or from ``path.gz``; a missing file holds none.

    The file may still be growing: a torn last line is left for later. The first good line of an id counts, and any
    good line counts before a failed one, so that answers of a second try can be appended.
    """
    replies = Replies()
    lines = _text_of(path).split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        last = number == len(lines)
        _take(line, f"{path.name} line {number}", requests, replies, torn=last)
    return replies


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        pass
    try:
        return gzip.decompress(path.with_name(path.name + ".gz").read_bytes()).decode("utf-8", "replace")
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
        # An incomplete archive is still being copied.
        return ""


def _take(line: str, where: str, requests: Mapping[str, Request], replies: Replies, *, torn: bool) -> None:
    try:
        data = json.loads(line)
        id = data["custom_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        if not torn:
            replies.remarks.append(f"{where}: expected JSON with a custom_id, found {line[:60]!r}; passed over")
        return
    request = requests.get(id) if isinstance(id, str) else None
    if request is None:
        replies.remarks.append(f"{where}: custom_id {id!r} was not asked for in this round; passed over")
        return
    answer = answer_of(data, request, where)
    before = replies.answers.get(id)
    if before is None or (isinstance(before, ModelError) and isinstance(answer, Reply)):
        replies.answers[id] = answer
    elif isinstance(answer, Reply) and answer.text != getattr(before, "text", answer.text):
        replies.remarks.append(f"{where}: custom_id {id!r} is answered twice and differently; the first counts")


def answer_of(data: Mapping[str, Any], request: Request, where: str) -> Reply | ModelError:
    """The reply of one line, or the failure that it reports."""
    raw = json.dumps(data)[:RAW_CHARACTERS]
    response = data.get("response")
    status = response.get("status_code", 200) if isinstance(response, Mapping) else None
    if data.get("error") or not isinstance(response, Mapping):
        said = json.dumps(data.get("error"))[:200]
        return ModelError(
            f"{where}: expected a reply to {request.tag or 'a request'}, found the error {said}. "
            "Ask for this line again, append its answer, and go on; or accept the failure.",
            kind="batch-failed",
            raws=(raw,),
        )
    if status != 200:
        return status_error(status if isinstance(status, int) else 500, raw, where)
    try:
        return reply_of(response.get("body"), request, where)
    except ModelError as error:
        return error


def ids_of_requests(path: Path) -> list[str]:
    """The custom ids of a requests file. Raises ModelError (rounds) for a line that is none."""
    return [id for id, _ in read_request_lines(path)]


def read_request_lines(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Custom id and body of each line of a requests file. Raises ModelError (rounds) for a line that is none."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            found.append((str(data["custom_id"]), data["body"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} line {number}: expected a batch request, found {line[:60]!r}. "
                "Restore the file, or begin in a new folder.",
                kind="rounds",
            ) from error
    return found
