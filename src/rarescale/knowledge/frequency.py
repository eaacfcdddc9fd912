"""How often a finding occurs in a disease: every spelling of phenotype.hpoa as one type.

| spelling            | example       | origin      | probability                                    |
|---------------------|---------------|-------------|------------------------------------------------|
| counts              | ``7/12``      | COUNT       | n / m; ``0/12`` is a negative                  |
| percentage          | ``45%``       | PERCENT     | value / 100; ``0%`` is a negative              |
| HPO frequency class | HP:0040281    | CLASS       | middle of the class's interval                 |
| blank               | (empty)       | UNSTATED    | `UNSTATED_PROBABILITY`, an assumption          |

Intervals of the classes: HPO, sub-ontology "Frequency" (HP:0040279), as defined in its term texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

UNSTATED_PROBABILITY = 0.5
"""Assumed where a row states no frequency: between "frequent" and "very frequent" a row without one is
typically one author's "seen"; the expert may weigh such rows differently, since the origin is kept."""


class Origin(IntEnum):
    """Where a probability comes from; the numbers are stored in the compiled knowledge."""

    UNSTATED = 0
    COUNT = 1
    PERCENT = 2
    CLASS = 3


FREQUENCY_CLASSES: dict[str, tuple[str, float, float]] = {
    "HP:0040280": ("Obligate", 1.0, 1.0),
    "HP:0040281": ("Very frequent", 0.80, 0.99),
    "HP:0040282": ("Frequent", 0.30, 0.79),
    "HP:0040283": ("Occasional", 0.05, 0.29),
    "HP:0040284": ("Very rare", 0.01, 0.04),
    "HP:0040285": ("Excluded", 0.0, 0.0),
}
"""HPO frequency class -> name and the interval of proportions it stands for."""

_CLASS_BY_NAME = {name.lower(): term for term, (name, _, _) in FREQUENCY_CLASSES.items()}
_COUNT = re.compile(r"^(\d+)\s*/\s*(\d+)$")
_PERCENT = re.compile(r"^(\d+(?:\.\d+)?)\s*%$")


@dataclass(frozen=True, slots=True)
class Frequency:
    """A probability in 0..1 that remembers its origin and its own words.

    `n` of `m` patients where counts were given, else both 0. Raises ValueError outside 0..1.
    """

    probability: float
    origin: Origin
    text: str = ""
    n: int = 0
    m: int = 0

    def __post_init__(self) -> None:
        """Refuse what is not a probability, and counts that cannot be."""
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"frequency {self.text!r} gives {self.probability}, expected a probability from 0 to 1")
        if self.n > self.m:
            raise ValueError(f"frequency {self.text!r} counts {self.n} of {self.m} patients")

    @property
    def excluded(self) -> bool:
        """Whether the row says that the finding does not occur (``0/n``, ``0%``, "Excluded")."""
        return self.origin is not Origin.UNSTATED and self.probability == 0.0

    @property
    def words(self) -> str:
        """The frequency as a reader would say it: ``7/12``, ``45%``, ``Very frequent (80-99%)``."""
        if self.origin is not Origin.CLASS:
            return self.text or "not stated"
        name, low, high = FREQUENCY_CLASSES[self.text]
        return f"{name} ({low:.0%})" if low == high else f"{name} ({low * 100:.0f}-{high:.0%})"


def parse_frequency(text: str) -> Frequency:
    """Read the frequency column of one annotation row.

    Raises ValueError for a spelling that is none of the table above, or for a value outside 0..1.
    """
    text = text.strip()
    if not text:
        return Frequency(UNSTATED_PROBABILITY, Origin.UNSTATED)
    term = text if text in FREQUENCY_CLASSES else _CLASS_BY_NAME.get(text.lower())
    if term is not None:
        _, low, high = FREQUENCY_CLASSES[term]
        return Frequency((low + high) / 2.0, Origin.CLASS, term)
    if match := _COUNT.match(text):
        n, m = int(match[1]), int(match[2])
        if m == 0:
            raise ValueError(f"frequency {text!r} counts no patients; expected n/m with m >= 1")
        return Frequency(n / m, Origin.COUNT, text, n, m)
    if match := _PERCENT.match(text):
        return Frequency(float(match[1]) / 100.0, Origin.PERCENT, text)
    raise ValueError(f"frequency {text!r} is not n/m, a percentage, an HPO frequency class (HP:0040280-5) or blank")
