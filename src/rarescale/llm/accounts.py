"""A model whose every call is entered in a ledger and kept below a cost limit."""

from __future__ import annotations

from dataclasses import replace

from rarescale.errors import UsageError
from rarescale.llm.failures import ModelError
from rarescale.llm.ledger import ANSWERED, STOPPED, Ledger
from rarescale.llm.messages import Model, Reply, Request, Usage
from rarescale.llm.prices import Prices, cost, worst_cost


class Accounted:
    """Stands directly before the service, below retries and caches, so that it sees each call on the wire."""

    def __init__(
        self, model: Model, ledger: Ledger, *, prices: Prices | None = None, limit: float | None = None
    ) -> None:
        """`limit` is the most that the calls of the ledger may cost, in the currency of `prices`.

        Raises UsageError for a limit without prices, or below 0.
        """
        if limit is not None and (not prices or limit < 0):
            raise UsageError(
                f"A cost limit of {limit} needs prices and cannot be negative; expected a price for each model. "
                "Give prices, or leave the limit away."
            )
        self._model = model
        self._ledger = ledger
        self._prices = prices or {}
        self._limit = limit

    def complete(self, request: Request) -> Reply:
        """The reply with its cost. Raises ModelError (budget) before a call that could exceed the limit."""
        worst = worst_cost(self._prices, request)
        if self._limit is not None and worst is None:
            raise ModelError(
                f"Model {request.model!r} has no price, so a cost limit cannot hold for it; expected one of "
                f"{', '.join(self._prices)}. Add its price.",
                kind="budget",
            )
        number = self._ledger.enter(request.key, request.tag, request.model, worst or 0.0, self._limit)
        outcome, usage, calls = STOPPED, Usage(), 1
        try:
            reply = self._model.complete(request)
            usage = replace(reply.usage, cost=cost(self._prices, request.model, reply.usage))
            outcome, calls = ANSWERED, reply.calls
        except ModelError as error:
            outcome, calls = error.kind, error.attempts
            raise
        finally:
            self._ledger.settle(number, outcome, usage, calls)
        return replace(reply, usage=usage)
