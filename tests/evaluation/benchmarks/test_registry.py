"""What is told of each benchmark is complete, and unknown names are refused with the known ones."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rarescale.errors import UsageError
from rarescale.evaluation.benchmarks import Benchmark, all_benchmarks, benchmark_card, benchmark_named, benchmarks_text
from rarescale.evaluation.benchmarks.loaders import LOADERS

NAMES = [b.name for b in all_benchmarks()]


@pytest.mark.parametrize("name", NAMES)
def test_the_card_tells_licence_citation_figures_with_sources_and_how_to_get_the_files(name: str) -> None:
    benchmark = benchmark_named(name)
    words = " ".join(benchmark_card(benchmark).split())
    for told in (benchmark.licence, benchmark.citation, benchmark.version, benchmark.home, benchmark.get.strip()):
        assert " ".join(told.split()) in words
    for figure in benchmark.figures:
        assert figure.system in words and " ".join(figure.source.split()) in words and f"{figure.value:g}" in words
    assert benchmark.figures or "none that we can vouch for" in words


@pytest.mark.parametrize("name", NAMES)
def test_loader_tasks_and_files_are_sound(name: str) -> None:
    benchmark = benchmark_named(name)
    assert benchmark.loader in LOADERS and benchmark.tasks and benchmark.files and benchmark.format_source
    for wanted in benchmark.files:
        assert wanted.accept and (wanted.url is None or wanted.url.startswith("https://"))
        assert wanted.sha256 is not None or "checksum" in benchmark_card(benchmark), "its absence is said"


def test_a_format_that_was_not_verified_is_marked() -> None:
    assert {b.name for b in all_benchmarks() if not b.format_verified} == {"cupcase", "casereportbench"}
    line = next(x for x in benchmarks_text(all_benchmarks()).splitlines() if x.startswith("cupcase"))
    assert line.endswith("(format not verified)") and "verified: NO" in benchmark_card(benchmark_named("cupcase"))


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"benchmark 'ddxminus' is not known; expected one of .*ddxplus"):
        benchmark_named("ddxminus")


def test_unknown_keys_of_a_description_are_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Benchmark.model_validate({**benchmark_named("medqa").model_dump(), "colour": "red"})
