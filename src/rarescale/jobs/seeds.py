"""Seeds of items: each follows from the run's seed and the item's own name, never from the order of work."""

from __future__ import annotations

import hashlib


def item_seed(run_seed: int, *name: int | str) -> int:
    """A seed in 0 .. 2**63 - 1 for the item `name` of the run `run_seed`; the same today and on every machine."""
    text = "\x1f".join(str(part) for part in (run_seed, *name))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
