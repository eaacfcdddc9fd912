"""From a benchmark and the folder of its files to its records."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from rarescale.evaluation.benchmarks.contract import Loaded, Source
from rarescale.evaluation.benchmarks.files import locate
from rarescale.evaluation.benchmarks.loaders import LOADERS
from rarescale.evaluation.benchmarks.names import DiseaseOf
from rarescale.evaluation.benchmarks.registry import Benchmark
from rarescale.knowledge import Knowledge

T = TypeVar("T")


@dataclass(frozen=True)
class Opened:
    """The records of a benchmark, the files they came from, and the names that are no disease of the knowledge."""

    benchmark: Benchmark
    loaded: Loaded
    files: tuple[Path, ...]
    unmapped: tuple[str, ...]


def open_benchmark(
    benchmark: Benchmark, folder: Path, knowledge: Knowledge, *, limit: int | None = None, seed: int = 42
) -> Opened:
    """Read the files in `folder`; nothing is fetched. `limit` records are drawn with `seed` (None: as the benchmark
    says, 0: all), and stay in their order.

    Raises InputError for a file that is missing or damaged: benchmarks are fixed, so no part of one is used.
    """
    files = locate(benchmark, folder)
    wanted = benchmark.limit if limit is None else limit
    disease = DiseaseOf(knowledge)

    def draw(rows: Sequence[T], /) -> list[T]:
        if not 0 < wanted < len(rows):
            return list(rows)
        return [rows[k] for k in sorted(random.Random(seed).sample(range(len(rows)), wanted))]

    loaded = LOADERS[benchmark.loader](Source(benchmark, files, disease, draw))
    return Opened(benchmark, _counted(benchmark, loaded), tuple(files.values()), tuple(disease.unmapped))


def _counted(benchmark: Benchmark, loaded: Loaded) -> Loaded:
    """With remarks on how many records there are."""
    remarks = list(loaded.remarks)
    if benchmark.cases is not None and loaded.published != benchmark.cases:
        remarks.append(
            f"the file holds {loaded.published} records; {benchmark.cases} were published: it is cut, or of another"
            " version, so figures cannot be compared"
        )
    used = max(len(loaded.cases), len(loaded.questions))
    if used < loaded.published:
        remarks.append(f"{used} of {loaded.published} records are used")
    return replace(loaded, remarks=tuple(remarks))
