"""Every choice of the chat corpus in one place."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from rarescale.errors import UsageError
from rarescale.simulation.splits import Split

WRITERS = ("whole", "turns", "both")


@dataclass(frozen=True)
class ChatSettings:
    """How chats are written.

    `whole_share`: with both writers, the share of the whole-chat writer (28,589 of 43,162 published chats). `val` and
    `test` are shares of each disease's cases (published: 12 % each). `reserved`: test chats use the reserved
    expressions of the lay lexicon, which no other chat does. `spare`: cases drawn beyond those asked for, as a share,
    since some repeat each other.
    """

    writer: Literal["whole", "turns", "both"] = "both"
    whole_share: float = 0.66
    val: float = 0.12
    test: float = 0.12
    reserved: bool = False
    spare: float = 0.1

    def __post_init__(self) -> None:
        """Raises UsageError for a value that makes no sense."""
        if self.writer not in WRITERS:
            raise UsageError(f"writer {self.writer!r} is not known; expected one of {', '.join(WRITERS)}")
        if min(self.whole_share, self.val, self.test) < 0 or self.whole_share > 1 or self.val + self.test > 1:
            raise UsageError(f"chat settings {asdict(self)}: shares must be 0..1, val and test together at most 1")

    @property
    def shares(self) -> dict[Split, float]:
        """Share of each split."""
        return {"train": 1.0 - self.val - self.test, "val": self.val, "test": self.test}

    def fingerprint(self) -> str:
        """The values as one line."""
        return json.dumps(asdict(self), sort_keys=True)
