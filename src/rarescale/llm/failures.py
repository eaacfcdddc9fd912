"""What can go wrong between us and a language model: one error type with a short list of kinds.

Kinds that pass by themselves are tried again; kinds after which the bill is unknown are counted as possibly charged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rarescale.errors import RareScaleError

KINDS: Mapping[str, str] = {
    "rate-limit": "the service asked us to slow down (429)",
    "server": "the service failed (5xx)",
    "timeout": "no complete answer in time",
    "cut": "the connection broke before the answer was complete",
    "garbage": "the answer does not follow the protocol",
    "refused": "the service or the model declined this request",
    "auth": "no key, or a key the service does not accept",
    "budget": "the call could exceed the cost limit, so it was not made",
    "invalid-reply": "the reply does not fit the schema, also after repair",
    "not-recorded": "a replayed recording does not hold this request",
    "script-ended": "a scripted model has no reply for this request",
    "network-forbidden": "the switch that forbids network calls is on",
    "not-installed": "the optional openai package is missing",
    "rounds": "the files of a batch run do not fit together",
    "batch-failed": "the batch service could not answer this line",
}
"""Every kind of `ModelError`, with its meaning."""

PASSING = frozenset({"rate-limit", "server", "timeout", "cut", "garbage"})
"""Kinds worth another attempt."""

BILL_UNKNOWN = frozenset({"timeout", "cut", "garbage"})
"""Kinds after which the service may have computed, and charged, an answer that we never got."""


class ModelError(RareScaleError):
    """A request without a usable reply. `kind` is one of `KINDS`.

    `raws` holds the raw texts received, oldest first (they are untrusted). `retry_after` is the pause in
    seconds the service asked for. `attempts` counts the calls made.
    """

    kind = "server"

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        raws: tuple[str, ...] = (),
        retry_after: float | None = None,
        attempts: int = 1,
    ) -> None:
        """Raises ValueError for a kind outside `KINDS`."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is not a kind of ModelError; known: {', '.join(KINDS)}")
        super().__init__(message, kind=kind)
        self.raws = raws
        self.retry_after = retry_after
        self.attempts = attempts

    @property
    def raw(self) -> str:
        """The last raw text received, or nothing."""
        return self.raws[-1] if self.raws else ""

    @property
    def passing(self) -> bool:
        """Whether another attempt may succeed."""
        return self.kind in PASSING

    def changed(self, **fields: Any) -> ModelError:
        """A copy with other `message`, `raws` or `attempts`."""
        return from_data(self.to_data() | fields)

    def to_data(self) -> dict[str, Any]:
        """As JSON; `from_data` reads it back."""
        return {
            "message": str(self),
            "kind": self.kind,
            "raws": list(self.raws),
            "retry_after": self.retry_after,
            "attempts": self.attempts,
        }

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], ModelError], tuple[dict[str, Any]]]:
        """Pickles whole, so that it survives a process pool."""
        return from_data, (self.to_data(),)


def from_data(data: Mapping[str, Any]) -> ModelError:
    """The error that `ModelError.to_data` described."""
    return ModelError(
        data["message"],
        kind=data["kind"],
        raws=tuple(data["raws"]),
        retry_after=data["retry_after"],
        attempts=data["attempts"],
    )
