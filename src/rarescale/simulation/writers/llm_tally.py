"""What asking language models for chats came to, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rarescale.llm import Exchange, Reply, Usage
from rarescale.simulation.checking import Problem, Rejected
from rarescale.simulation.writers.llm_lanes import Result, Written


@dataclass
class Tally:
    """Counts that grow with each result.

    `asked` = `written` + the sum of `dropped` (by kind of failure). `edited` chats needed `edits` tries altogether;
    `repaired` and `rejected` count broken rules, those edited away and those left in dropped chats. `requests` and
    `usage` are those of the replies received, kept ones included.
    """

    asked: int = 0
    written: int = 0
    edited: int = 0
    edits: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    usage: Usage = field(default_factory=Usage)

    def add(self, result: Result) -> None:
        """Count how one assignment ended."""
        self.asked += 1
        if isinstance(result, Written):
            self.written += 1
            self.edited += result.edits > 0
            self.edits += result.edits
            self.repaired += _rules(result.repaired)
            return
        self.dropped[result.failure.kind] += 1
        if isinstance(result.failure, Rejected):
            self.rejected += _rules(result.failure.problems)

    def use(self, exchanges: Iterable[Exchange]) -> None:
        """Count requests by prompt, and the tokens and cost of their replies."""
        for exchange in exchanges:
            self.requests[exchange.request.tag] += 1
            if isinstance(exchange.answer, Reply):
                self.usage += exchange.answer.usage

    def to_data(self) -> dict[str, Any]:
        """As JSON, for a manifest."""
        return {
            "asked": self.asked,
            "written": self.written,
            "edited": self.edited,
            "edits": self.edits,
            "dropped": dict(sorted(self.dropped.items())),
            "repaired": dict(sorted(self.repaired.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "requests": dict(sorted(self.requests.items())),
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
            "cost": self.usage.cost,
        }


def _rules(problems: Iterable[Problem]) -> Counter[str]:
    return Counter(p.rule for p in problems)
