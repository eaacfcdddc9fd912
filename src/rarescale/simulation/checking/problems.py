"""What can be wrong with a simulated chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rarescale.errors import RareScaleError

RULES: Mapping[str, str] = {
    "opening": "the system message says who the patient is and nothing else; the greeting knows nothing",
    "turns": "system, greeting, then patient and clinician in turn; the patient has the last word",
    "diagnosis": "nobody names the disease",
    "leading": "the clinician suggests no answers",
    "confirming": "the clinician does not confirm, assess or advise",
    "crowded": "at most two findings are asked for, and three told, in one message",
    "labels": "labels speak of wanted findings, by words of their own message",
    "polarity": "present findings are told as present, absent ones as absent",
    "missing": "each wanted finding is told, without doubt",
    "repeated": "each wanted finding is told once",
    "extra": "nothing else of weight is told",
    "machinery": "nobody speaks of ids, instructions or models",
}
"""Every rule, with its meaning."""


@dataclass(frozen=True)
class Problem:
    """One broken rule: which, why in words, and in which message (from 0) where it is one."""

    rule: str
    why: str
    message: int | None = None

    @property
    def words(self) -> str:
        """One sentence, as told to an editor."""
        place = "" if self.message is None else f"message {self.message}: "
        return f"{self.rule}: {place}{self.why}"


class Rejected(RareScaleError):
    """A chat that breaks rules after the last try to repair it. `problems` are those that were left."""

    kind = "rejected"

    def __init__(self, problems: Sequence[Problem], edits: int) -> None:
        """`edits` is the number of tries."""
        first = "; ".join(p.words for p in problems[:3])
        super().__init__(f"The chat still breaks {len(problems)} rules after {edits} edits ({first}); it is dropped.")
        self.problems = tuple(problems)
