"""Which findings go into which turn, under which question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from rarescale.simulation.writers.contract import Wanted
from rarescale.simulation.writers.lexicon import Choice, Lexicon
from rarescale.simulation.writers.talk import Talk

Said = dict[str, Choice]
_ASKED = frozenset(
    [
        "eye",
        "ear",
        "head",
        "limb",
        "skin",
        "heart",
        "lung",
        "gut",
        "bone",
        "growth",
        "voice",
        "immune",
        "learn",
        "birth",
    ]
)
"""Systems with questions of their own; findings of the others are told under an open question."""


@dataclass(frozen=True)
class Turn:
    """One question with its answer. `kind`: `open`, `told`, `ask:` a system, `screen:` a theme, or `talk`."""

    kind: str
    findings: tuple[Wanted, ...] = ()
    talk: Talk | None = None


def present_turns(
    wanted: Sequence[Wanted], said: Said, lexicon: Lexicon, sizes: Sequence[float], rng: Random
) -> list[Turn]:
    """Turns of what is present: by system, lone ones together under open questions; `sizes`: shares of 1, 2, 3."""
    groups: dict[str, list[Wanted]] = {}
    for w in wanted:
        choice = said[w.id]
        if choice.told:
            key = "told"
        elif choice.theme:
            key = f"screen:{choice.theme}"
        else:
            key = lexicon.systems.of(w.id)
        groups.setdefault(key, []).append(w)
    turns: list[Turn] = []
    lone: list[Wanted] = []
    for key, members in groups.items():
        if key in _ASKED and len(members) == 1 and rng.random() < 0.6:
            lone += members
            continue
        if key not in _ASKED and key != "told" and not key.startswith("screen:"):
            lone += members
            continue
        kind = f"ask:{key}" if key in _ASKED else key
        parts = [tuple(members)] if key == "told" else _cut(members, sizes, rng)
        turns.append(Turn(kind, parts[0]))
        turns += [Turn(kind if kind == "told" or kind.startswith("screen") else "open", p) for p in parts[1:]]
    turns += [Turn("open", part) for part in _cut(lone, sizes, rng)]
    return turns


def denied_turns(wanted: Sequence[Wanted], said: Said) -> list[Turn]:
    """Turns of what is absent: at most two under the question of their theme."""
    groups: dict[str, list[Wanted]] = {}
    for w in wanted:
        groups.setdefault(said[w.id].theme, []).append(w)
    return [
        Turn(f"screen:{theme}", tuple(members[k : k + 2]))
        for theme, members in groups.items()
        for k in range(0, len(members), 2)
    ]


def ordered(present: list[Turn], denied: list[Turn], talk: list[Talk], rng: Random) -> list[Turn]:
    """What is there before what was found by others; questions about what is not there and talk in between."""
    rng.shuffle(present)
    out = [t for t in present if t.kind != "told"] + [t for t in present if t.kind == "told"]
    for turn in denied:
        out.insert(min(len(out), 1 + int(rng.random() * (len(out) + 1))), turn)
    for one in talk:
        first = one.kind in ("onset", "first") and rng.random() < 0.6
        late = one.kind in ("worry", "hope", "whynow", "impact", "home")
        low = len(out) // 2 if late else 1
        at = 0 if first else low + int(rng.random() * (len(out) + 1 - low))
        out.insert(min(len(out), at), Turn("talk", (), one))
    return out


def _cut(wanted: Sequence[Wanted], sizes: Sequence[float], rng: Random) -> list[tuple[Wanted, ...]]:
    out, left = [], list(wanted)
    while left:
        size = rng.choices(range(1, len(sizes) + 1), sizes)[0]
        out.append(tuple(left[:size]))
        left = left[size:]
    return out
