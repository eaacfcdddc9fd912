"""Train, validation and test by structured case: equal cases are one, and the splits are even for each disease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Literal

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

SAME_TOLD = "tells the same as a chat of another split"
"""Why a chat is dropped."""


def case_key(line: Mapping[str, Any]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What makes two cases the same: disease, present and absent findings."""
    return line["diagnosis"][0], tuple(sorted(line["present"])), tuple(sorted(line["absent"]))


def without_duplicates(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each structured case, in their order."""
    return list({case_key(line): line for line in reversed(lines)}.values())[::-1]


class Told:
    """What the chats of one disease tell, and in which split: equal ones must not stand in two.

    Writers voice a part of a case, so that chats of different cases can tell the same.
    """

    def __init__(self) -> None:
        """Nothing is told yet."""
        self._splits: dict[tuple[str, ...], Split] = {}

    def in_another(self, chat: Mapping[str, Any], split: Split) -> bool:
        """Whether an earlier chat of another split tells the findings of `chat`; if not, `chat` counts from now on."""
        findings = (f for m in chat["messages"] for f in m.get("findings", ()))
        key = tuple(sorted(f"{f['id']}{'+' if f['present'] else '-'}" for f in findings))
        return bool(key) and self._splits.setdefault(key, split) != split


def split_of(count: int, shares: Mapping[Split, float], rng: Random) -> list[Split]:
    """A split for each of `count` cases of one disease, in an order of chance.

    Counts are the shares rounded up or down by chance, so that diseases with few cases leave the totals right.
    """
    out: list[Split] = []
    for split in ("test", "val"):
        exact = count * shares[split]
        out += [split] * (int(exact) + (rng.random() < exact - int(exact)))
    out = out[:count] + ["train"] * max(0, count - len(out))
    rng.shuffle(out)
    return out
