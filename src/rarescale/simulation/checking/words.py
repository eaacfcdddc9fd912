"""The word lists of the checker, kept as data in ``words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def words(name: str) -> frozenset[str]:
    """The list of that name. Raises KeyError for another."""
    text = resources.files("rarescale.simulation.checking").joinpath("words.toml").read_text("utf-8")
    return frozenset(str(tomllib.loads(text)[name]).split())
