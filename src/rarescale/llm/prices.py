"""What calls cost: a price table given by the user, and the most that a call can cost before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rarescale.errors import UsageError
from rarescale.llm.messages import Request, Usage

TOKENS_PER_PRICE = 1_000_000
OVERHEAD_TOKENS = 16
"""Allowance per message for the marks that a chat template adds."""


@dataclass(frozen=True, slots=True)
class Price:
    """Price of one million tokens, in any currency, and the share of it that batch files cost.

    Raises UsageError for a negative or endless price.
    """

    prompt: float
    completion: float
    batch: float = 0.5

    def __post_init__(self) -> None:
        """Check the values."""
        for value in (self.prompt, self.completion, self.batch):
            if not 0 <= value < float("inf"):
                raise UsageError(f"A price is {value}; expected 0 or more per million tokens.")


Prices = Mapping[str, Price]
"""Prices by the model name of the request."""


def cost(prices: Prices, model: str, usage: Usage, *, batch: bool = False) -> float | None:
    """What the tokens cost, or None when `model` has no price."""
    price = prices.get(model)
    if price is None:
        return None
    full = (usage.prompt_tokens * price.prompt + usage.completion_tokens * price.completion) / TOKENS_PER_PRICE
    return full * price.batch if batch else full


def prompt_tokens_at_most(request: Request) -> int:
    """An upper bound for the tokens of the prompt.

    No tokenizer is at hand; a byte-level one never makes more tokens than there are UTF-8 bytes.
    """
    text = sum(len(m.content.encode()) + OVERHEAD_TOKENS for m in request.messages)
    # The schema counts twice: said in words it stands in the prompt with its instruction.
    return text + (2 * len(repr(dict(request.schema))) + 64 if request.schema is not None else 0)


def worst_cost(prices: Prices, request: Request, *, batch: bool = False) -> float | None:
    """The most that one call can cost, or None when the model has no price."""
    return cost(prices, request.model, Usage(prompt_tokens_at_most(request), request.max_tokens), batch=batch)
