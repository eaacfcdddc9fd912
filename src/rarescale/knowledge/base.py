"""`Knowledge`: the one object that holds terms and diseases of one release."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property

import numpy as np

from rarescale.knowledge.arrayfile import Arrays, unpack_strings
from rarescale.knowledge.cache import Progress, load_or_build, no_progress
from rarescale.knowledge.compile import COMPILER_VERSION, compile_knowledge
from rarescale.knowledge.diseases import Diseases
from rarescale.knowledge.ontology import Ontology
from rarescale.knowledge.sources import Sources, find_sources
from rarescale.record import Release


class Knowledge:
    """Terms, diseases and their annotations, of exactly the files in `sources`."""

    def __init__(self, sources: Sources, arrays: Arrays) -> None:
        """Use `open_knowledge`, which finds the files and compiles them once."""
        self.sources = sources
        self.arrays = arrays
        self.ontology = Ontology(arrays)
        self.diseases = Diseases(arrays)

    @cached_property
    def key(self) -> str:
        """Identifies content and layout of the knowledge: the key of everything derived from it (16 hex digits)."""
        return _key(self.sources)

    @cached_property
    def release(self) -> Release:
        """The HPO release, both files named where they differ, and the hash of the source files."""
        ontology, annotations = unpack_strings("release", self.arrays).tolist()
        ontology = ontology.rpartition("/")[2] or "undated"
        release = f"HPO {ontology}" if annotations in (ontology, "") else f"HPO {ontology}, annotations {annotations}"
        return Release(release=release, hash=self.sources.hash)

    def derived(self, name: str, version: str, build: Callable[[], Arrays]) -> dict[str, np.ndarray]:
        """Arrays that another room derives from this knowledge, built once and cached.

        `version` is that room's own; raise it when its arrays change.
        """
        return load_or_build(name, f"{self.key}-{version}", build)


def open_knowledge(folder: str | os.PathLike[str] | None = None, *, progress: Progress = no_progress) -> Knowledge:
    """The knowledge of `folder` (see `find_sources`), compiled at the first use and memory-mapped afterwards.

    Raises KnowledgeError that says which file is missing or broken, and where.
    """
    sources = find_sources(folder)
    arrays = load_or_build("knowledge", _key(sources), lambda: compile_knowledge(sources, progress))
    return Knowledge(sources, arrays)


def _key(sources: Sources) -> str:
    return f"{sources.hash[:16]}-{COMPILER_VERSION}"
