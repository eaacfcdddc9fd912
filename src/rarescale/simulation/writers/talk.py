"""Questions without a finding and the answers that belong to them, from `data/talk.tsv`."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import NamedTuple

from rarescale.simulation.wording import Person
from rarescale.simulation.writers.pieces import filled, table
from rarescale.simulation.writers.sentences import ages, expanded


class Talk(NamedTuple):
    """A kind of small talk: the questions of one row and the answers that all of them take."""

    kind: str
    least: float
    most: float
    questions: tuple[str, ...]
    answers: tuple[str, ...]


@lru_cache(maxsize=16)
def talks(circle: str, person: Person) -> tuple[Talk, ...]:
    """All talk for one circle (`self`, `child`, `adult`)."""
    out = []
    for row in table("talk.tsv"):
        if row["who"] in ("", circle) or (row["who"] == "other" and circle != "self"):
            texts = [tuple(filled(t, person) for t in expanded(row[k])) for k in ("question", "answer")]
            out.append(Talk(row["kind"], *ages(row["ages"]), *texts))
    return tuple(out)


def drawn(circle: str, person: Person, age: float, count: int, without: frozenset[str], rng: Random) -> list[Talk]:
    """At most `count` talks of different kinds that fit the age, in an order of chance."""
    fitting: dict[str, list[Talk]] = {}
    for talk in talks(circle, person):
        if talk.kind not in without and talk.least <= age < talk.most:
            fitting.setdefault(talk.kind, []).append(talk)
    kinds = rng.sample(sorted(fitting), min(count, len(fitting)))
    return [fitting[k][int(rng.random() * len(fitting[k]))] for k in kinds]
