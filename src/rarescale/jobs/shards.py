"""A shard: the outcomes of a few items that follow each other, as the lines of one file.

Each outcome is one JSON line. Texts that come with it stand below, a line each, as they are: wrapping what is JSON
already into JSON again would cost more than making it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarescale.errors import RareScaleError
from rarescale.jobs.seeds import item_seed


@dataclass(frozen=True)
class Job:
    """What is done.

    `work` takes the context, an item and the item's seed and returns something that JSON can hold, or a `WithTexts`;
    `context` makes what all items share, once per process. Both are top-level functions (or partials of them), since
    other processes import them. `fingerprint` tells apart runs whose results differ although items and seed are equal:
    knowledge hash, settings. `shard` is the number of items in a file.
    """

    name: str
    items: Sequence[Any]
    work: Callable[[Any, Any, int], Any]
    context: Callable[[], Any]
    seed: int = 0
    fingerprint: str = ""
    shard: int = 64

    @property
    def shards(self) -> int:
        """How many there are."""
        return -(-len(self.items) // self.shard)

    def numbers(self, k: int) -> range:
        """The numbers of the items of shard `k`."""
        return range(k * self.shard, min((k + 1) * self.shard, len(self.items)))


@dataclass(frozen=True, slots=True)
class WithTexts:
    """A result with texts that are kept as they are; none may hold a line break."""

    result: Any
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of item number `item`: a result, or the reason why there is none; and its texts, if it has any."""

    item: int
    result: Any = None
    error: str | None = None
    texts: tuple[str, ...] = ()


def shard_text(job: Job, context: Any, k: int) -> str:
    """Do the items of shard `k`. An error that tells of the item is kept; a bug (any other exception) is raised."""
    return "".join(_lines(job, context, item) for item in job.numbers(k))


def _lines(job: Job, context: Any, item: int) -> str:
    try:
        result = job.work(context, job.items[item], item_seed(job.seed, job.name, item))
    except (RareScaleError, ArithmeticError, LookupError, OSError, ValueError) as error:
        return json.dumps({"item": item, "error": f"{type(error).__name__}: {error}"}, ensure_ascii=False) + "\n"
    if not isinstance(result, WithTexts):
        return json.dumps({"item": item, "result": result}, ensure_ascii=False, separators=(",", ":")) + "\n"
    if any("\n" in text for text in result.texts):
        raise TypeError(f"{job.name}: a text of item {item} holds a line break; expected texts of one line")
    size = sum(len(text.encode("utf-8")) + 1 for text in result.texts)
    head = {"item": item, "result": result.result, "texts": len(result.texts), "bytes": size}
    return "\n".join((json.dumps(head, ensure_ascii=False, separators=(",", ":")), *result.texts, ""))


def read_shard(path: Path) -> Iterator[Outcome]:
    """The outcomes of a shard, in the order of the items."""
    with path.open("rb") as stream:
        for line in stream:
            head = json.loads(line)
            head.pop("bytes", 0)
            texts = [next(stream) for _ in range(head.pop("texts", 0))]
            yield Outcome(**head, texts=tuple(text.decode("utf-8").removesuffix("\n") for text in texts))


def failed_in(path: Path) -> int:
    """How many items of a shard failed; the texts are skipped."""
    failed = 0
    with path.open("rb") as stream:
        while line := stream.readline():
            head = json.loads(line)
            failed += "error" in head
            stream.seek(head.get("bytes", 0), 1)
    return failed
