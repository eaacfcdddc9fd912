"""Open a model by its address, and put the safeguards around it in the right order."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rarescale.errors import UsageError
from rarescale.llm.accounts import Accounted
from rarescale.llm.cache import Cached
from rarescale.llm.ledger import Ledger
from rarescale.llm.messages import Model
from rarescale.llm.openai_compatible import OPENAI_URL, OpenAICompatible
from rarescale.llm.pace import Pace, Paced
from rarescale.llm.prices import Prices
from rarescale.llm.replay import Replay
from rarescale.llm.retries import Backoff, Retrying
from rarescale.llm.scripted import scripted_from_file

Provider = Callable[..., Model]
"""Makes a model from the part of an address after the first colon, and from settings of its own."""

_PROVIDERS: dict[str, Provider] = {
    "openai": lambda rest, **settings: OpenAICompatible(rest or OPENAI_URL, **settings),
    "replay": lambda rest: Replay(Path(rest)),
    "scripted": lambda rest: scripted_from_file(Path(rest)),
}


def register_provider(name: str, provider: Provider) -> None:
    """Add a kind of address. Raises UsageError for a name that is taken or holds a colon."""
    if name in _PROVIDERS or ":" in name or not name:
        raise UsageError(f"A provider cannot be named {name!r}; expected a new name without a colon. Choose another.")
    _PROVIDERS[name] = provider


def open_model(address: str, **settings: Any) -> Model:
    """The model at an address.

    ``openai`` or ``openai:http://localhost:11434/v1`` (any chat completions service), ``replay:FILE`` (a recording),
    ``scripted:FILE`` (rules), or a registered provider. `settings` go to the provider (for ``openai`` those of
    `OpenAICompatible`, such as `key_env`). Raises UsageError for another address, ModelError when the service cannot
    be used.
    """
    name, _, rest = address.partition(":")
    if name not in _PROVIDERS:
        raise UsageError(
            f"{address!r} is no address of a model; expected one of {', '.join(sorted(_PROVIDERS))}, such as "
            "openai:http://localhost:11434/v1. Correct it."
        )
    return _PROVIDERS[name](rest, **settings)


def guarded(
    model: Model,
    rng: random.Random,
    *,
    ledger: Ledger | None = None,
    prices: Prices | None = None,
    limit: float | None = None,
    pace: Pace | None = None,
    backoff: Backoff | None = None,
    cache: Path | None = None,
) -> Model:
    """`model` behind the cache, retries, pace and accounts, outermost first.

    In this order a kept answer costs and waits for nothing, every attempt takes its turn, and every call on the wire
    is in the ledger and below the limit. `rng` draws the jitter of retries. Raises UsageError as the parts do.
    """
    inner: Model = Accounted(model, ledger or Ledger(), prices=prices, limit=limit)
    if pace is not None:
        inner = Paced(inner, pace)
    inner = Retrying(inner, rng, backoff=backoff)
    return inner if cache is None else Cached(inner, cache)
