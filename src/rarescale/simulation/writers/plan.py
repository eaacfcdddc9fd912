"""Which findings go into which turn: grouped by what is asked about, in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from rarescale.simulation.writers.contract import Wanted
from rarescale.simulation.writers.systems import SPOKEN


@dataclass(frozen=True)
class Turn:
    """One question with its answer; `kind` is that of the question's piece, or of a talk without finding."""

    kind: str
    findings: tuple[Wanted, ...] = ()


def chunks(groups: dict[str, list[Wanted]], sizes: Sequence[int], weights: Sequence[float], rng: Random) -> list[Turn]:
    """Turns of at most `max(sizes)` findings; denied findings stand only under the question about their system.

    A single present finding is joined to another turn, told unasked; two single denied ones share a question.
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
    """Lone findings move in with others: present ones anywhere, denied ones under a question about two systems."""
    lone = [t for t in turns if len(t.findings) == 1 and t.findings[0].present]
    denied = [t for t in turns if len(t.findings) == 1 and not t.findings[0].present]
    kept = [t for t in turns if len(t.findings) > 1] + _paired(denied, rng)
    rng.shuffle(lone)
    for turn in lone:
        room = [k for k, t in enumerate(kept) if len(t.findings) < most]
        if room and rng.random() < 0.85:
            k = room[int(rng.random() * len(room))]
            host = kept[k]
            # A host with nothing but present findings no longer answers one question only.
            kind = host.kind if any(not w.present for w in host.findings) else "open"
            kept[k] = Turn(kind, (*host.findings, *turn.findings))
        else:
            kept.append(turn)
    rng.shuffle(kept)
    return kept


def _paired(denied: list[Turn], rng: Random) -> list[Turn]:
    """Two by two, where a clinician can ask about both systems at once."""
    left = [t for t in denied if t.kind in SPOKEN]
    out = [t for t in denied if t.kind not in SPOKEN]
    while len(left) > 1 and rng.random() < 0.95:
        one, two = left.pop(), left.pop()
        out.append(Turn(f"two:{one.kind}:{two.kind}", one.findings + two.findings))
    return out + left


def with_talk(turns: list[Turn], kinds: Sequence[str], wanted: int, rng: Random) -> list[Turn]:
    """Turns without findings put in between until there are `wanted`; never first."""
    missing = max(0, wanted - len(turns))
    out = list(turns)
    for kind in rng.sample(list(kinds), min(missing, len(kinds))):
        out.insert(1 + int(rng.random() * len(out)), Turn(f"talk:{kind}"))
    return out
