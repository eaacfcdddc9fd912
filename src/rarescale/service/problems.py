"""What goes wrong, as the same object that `rarescale diagnose --json` writes in the place of an answer."""

from __future__ import annotations

from starlette.responses import Response

from rarescale.record import Failure, Problem

STATUS = {
    "too-large": 413,
    "not-found": 404,
    "content-type": 415,
    "busy": 503,
    "method": 405,
    "right": 403,
    "not-saved": 404,
    "stale-revision": 409,
    "store-unavailable": 503,
    "wrong-key": 503,
    "wrong-schema": 503,
}
"""Status of a kind of problem; others are 422."""

RETRY_S = 5
"""Seconds after which something that cannot be done now is worth another try."""


class Refusal(Exception):
    """A request that is answered with a problem. `id` is that of the input, where it names one."""

    def __init__(self, kind: str, message: str, *, status: int | None = None, id: str = "request") -> None:
        """`message` says what, where, expected, found, next step."""
        super().__init__(message)
        self.status = status or STATUS.get(kind, 422)
        self.failure = Failure(id=id, error=Problem(kind=kind, message=message))


def failed(status: int, failure: Failure) -> Response:
    """The response of a failure; what may pass says when to try again."""
    headers = {"Retry-After": str(RETRY_S)} if status in (429, 503) else None
    return Response(failure.model_dump_json(), status, headers, media_type="application/json")


def problem(status: int, kind: str, message: str) -> Response:
    """The response of a problem that belongs to no input."""
    return failed(status, Failure(id="request", error=Problem(kind=kind, message=message)))
