"""Benchmarks and their results for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rarescale.evaluation.benchmarks.registry import Benchmark

WIDTH = 110
_HOW = {"seen": "read there", "second-hand": "second-hand"}


def benchmarks_text(benchmarks: Sequence[Benchmark]) -> str:
    """One line each: name, what is asked, number of records, title."""
    return "\n".join(
        f"{b.name:20} {'+'.join(b.tasks):18} {'' if b.cases is None else b.cases:>5}  {b.title}"
        + ("" if b.format_verified else "  (format not verified)")
        for b in benchmarks
    )


def benchmark_card(benchmark: Benchmark) -> str:
    """Everything that is known of one benchmark."""
    verified = "yes" if benchmark.format_verified else "NO"
    facts = {
        "name": benchmark.name,
        "tasks": ", ".join(benchmark.tasks),
        "version": benchmark.version,
        "licence": benchmark.licence,
        "citation": benchmark.citation,
        "found at": benchmark.home,
        "records": "" if benchmark.cases is None else str(benchmark.cases),
        "to get it": benchmark.get.strip(),
        "files": ", ".join(_file(w.name, w.sha256, w.url) for w in benchmark.files),
        "format": f"verified: {verified}; from {benchmark.format_source}",
    }
    lines = [benchmark.title, ""]
    lines += [line for name, text in facts.items() if text for line in _wrapped(f"{name:10} ", text)]
    lines += [line for note in benchmark.notes for line in _wrapped("  - ", note)]
    lines += ["", "published figures:" if benchmark.figures else "published figures: none that we can vouch for"]
    lines += [line for figure in benchmark.figures for line in _wrapped("  ", _figure(figure.model_dump()))]
    return "\n".join(lines)


def benchmark_text(found: Mapping[str, Any]) -> str:
    """The part `benchmark` of a run's metrics, in percent: ours, then what was published, then what to know."""
    lines = [f"{found['title']} ({found['name']}), {found['task']}, n={found['n']}"]
    lines += list(_ranking(found)) if found["task"] == "ranking" else [_questions(found)]
    lines += ["published:"] if found["published"] else []
    lines += [line for figure in found["published"] for line in _wrapped("  ", _figure(figure))]
    lines += [f"note: {remark}" for remark in found["remarks"]]
    if found["unmapped"]:
        names = ", ".join(found["unmapped"][:20]) + (" ..." if len(found["unmapped"]) > 20 else "")
        lines += _wrapped("", f"no disease of the knowledge, so always missed: {len(found['unmapped'])} names: {names}")
    return "\n".join(lines)


def _ranking(found: Mapping[str, Any]) -> Iterator[str]:
    yield "all diseases   " + _shares(found)
    if closed := found.get("closed"):
        yield f"its {closed['options']} diseases " + _shares(closed)
        yield "               " + "  ".join(f"{name} {_percent(closed[name])}" for name in ("DDR", "DDP", "DDF1"))


def _shares(found: Mapping[str, Any]) -> str:
    rank = found["average_rank"]
    shares = "  ".join(f"{name} {_percent(found[name])}" for name in found if name.startswith("GTPA"))
    return f"{shares}  average rank {'n/a' if rank is None else f'{rank:.2f}'}"


def _questions(found: Mapping[str, Any]) -> str:
    interval = "" if found["ci95"] is None else f" [{100 * found['ci95'][0]:.1f}-{100 * found['ci95'][1]:.1f}]"
    return (
        f"accuracy {_percent(found['accuracy'])}{interval}, by chance {_percent(found['chance'])}: "
        f"{found['right']} right, {found['wrong']} wrong, {found['not_answered']} not answered"
    )


def _figure(figure: Mapping[str, Any]) -> str:
    return f"{figure['system']}: {figure['metric']} {figure['value']:g}  ({figure['source']}; {_HOW[figure['read']]})"


def _file(name: str, sha256: str | None, url: str | None) -> str:
    told = [f"SHA-256 {sha256}" if sha256 else "no checksum known", "--download" if url else "by hand"]
    return f"{name} ({', '.join(told)})"


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.1f}"


def _wrapped(first: str, text: str) -> list[str]:
    wrapper = textwrap.TextWrapper(
        width=WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
        break_long_words=False,
    )
    return wrapper.wrap(text) or [first]
