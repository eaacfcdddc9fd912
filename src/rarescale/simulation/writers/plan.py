"""Which findings go into which turn: grouped by what is asked about, in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from rarescale.simulation.writers.contract import Wanted


@dataclass(frozen=True)
class Turn:
    """One question with its answer; `kind` is that of the question's piece, or of a talk without finding."""

    kind: str
    findings: tuple[Wanted, ...] = ()


def chunks(groups: dict[str, list[Wanted]], sizes: Sequence[int], weights: Sequence[float], rng: Random) -> list[Turn]:
    """Turns of at most `max(sizes)` findings; denied findings stand only under the question about their system.

    A single present finding is joined to another turn, told unasked.
    """
    turns: list[Turn] = []
    for system, wanted in groups.items():
        left = list(wanted)
        while left:
            size = rng.choices(sizes, weights)[0]
            turns.append(Turn(system, tuple(left[:size])))
            left = left[size:]
    return _joined(turns, max(sizes), rng)


def _joined(turns: list[Turn], most: int, rng: Random) -> list[Turn]:
    """Lone present findings move in with others, while there is room."""
    lone = [t for t in turns if len(t.findings) == 1 and t.findings[0].present]
    kept = [t for t in turns if t not in lone]
    rng.shuffle(lone)
    for turn in lone:
        room = [k for k, t in enumerate(kept) if len(t.findings) < most]
        if room and rng.random() < 0.8:
            k = room[int(rng.random() * len(room))]
            host = kept[k]
            # A host with nothing but present findings no longer answers one question only.
            kind = host.kind if any(not w.present for w in host.findings) else "open"
            kept[k] = Turn(kind, (*host.findings, *turn.findings))
        else:
            kept.append(turn)
    rng.shuffle(kept)
    return kept


def with_talk(turns: list[Turn], kinds: Sequence[str], wanted: int, rng: Random) -> list[Turn]:
    """Turns without findings put in between until there are `wanted`; never first."""
    missing = max(0, wanted - len(turns))
    out = list(turns)
    for kind in rng.sample(list(kinds), min(missing, len(kinds))):
        out.insert(1 + int(rng.random() * len(out)), Turn(f"talk:{kind}"))
    return out
