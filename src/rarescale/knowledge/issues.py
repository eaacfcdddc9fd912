"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem. `error`: results can be wrong; `warning`: the source is odd, results stand."""

    level: Literal["error", "warning"]
    code: str
    where: str
    what: str
    remedy: str
