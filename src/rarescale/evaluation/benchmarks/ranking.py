"""Run a benchmark of patients whose disease is to be listed: a run folder as of `evaluate run`, with the field's own
measures added to its metrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from rarescale.errors import UsageError
from rarescale.evaluation.benchmarks.contract import ClosedList
from rarescale.evaluation.benchmarks.loading import Opened
from rarescale.evaluation.benchmarks.measures import SHORTEST, TOPS, average_rank, ddf1, ddp, ddr, gtpa
from rarescale.evaluation.runs import Run, RunSettings, evaluate_run
from rarescale.jobs import Progress, write_manifest, write_text
from rarescale.knowledge import Knowledge

METRICS, MANIFEST = "metrics.json", "manifest.json"
KEY = "benchmark"


def run_ranking(
    opened: Opened,
    knowledge: Knowledge,
    folder: Path,
    settings: RunSettings,
    *,
    asked: Mapping[str, Any] | None = None,
    workers: int = 1,
    on: str = "local",
    progress: Progress = lambda _done, _all: None,
    page: Callable[[Run], str] | None = None,
) -> Run:
    """Ask the engine about every case; see `evaluate_run`. Raises UsageError where the benchmark has no cases."""
    if not opened.loaded.cases:
        raise UsageError(f"{opened.benchmark.name} has no patients to diagnose; expected --task questions")
    by = tuple(dict.fromkeys((*settings.by, *opened.loaded.by)))
    run = evaluate_run(
        opened.loaded.cases,
        knowledge,
        folder,
        replace(settings, by=by),
        sources=[str(path) for path in opened.files],
        asked={KEY: opened.benchmark.name, "version": opened.benchmark.version, **(asked or {})},
        workers=workers,
        on=on,
        progress=progress,
        page=page,
    )
    return _with(run, summary(opened, {"task": "ranking", **ranking_measures(run, opened.loaded.closed)}))


def summary(opened: Opened, measured: Mapping[str, Any]) -> dict[str, Any]:
    """What `metrics.json` says under `benchmark`: measures, published figures, and what to know before comparing."""
    return {
        "name": opened.benchmark.name,
        "title": opened.benchmark.title,
        **measured,
        "published": [figure.model_dump() for figure in opened.benchmark.figures],
        "unmapped": list(opened.unmapped),
        "remarks": list(opened.loaded.remarks),
    }


def ranking_measures(run: Run, closed: ClosedList | None = None) -> dict[str, Any]:
    """GTPA and average rank over all diseases; with a closed list also over that alone, and DDR, DDP, DDF1."""
    ranks = [row["rank"] for row in run.cases]
    found = _ranked(ranks, [row["listed"] for row in run.cases])
    return found if closed is None else {**found, "closed": _closed(run, closed)}


def _ranked(ranks: Sequence[int | None], lengths: Sequence[int]) -> dict[str, Any]:
    shares = {f"GTPA@{k}": gtpa(ranks, k) for k in TOPS}
    return {"n": len(ranks), **shares, "average_rank": average_rank(ranks, lengths)}


def _closed(run: Run, closed: ClosedList) -> dict[str, Any]:
    """The lists cut down to diseases of the closed list. Equal scores count against the truth."""
    place = {i: name for name, ids in closed.options.items() for i in ids}
    ranks: list[int | None] = []
    lengths: list[int] = []
    scores: dict[str, list[float]] = {"DDR": [], "DDP": [], "DDF1": []}
    for row, answer in zip(run.cases, run.predictions(), strict=True):
        if row["id"] not in closed.truth:
            continue
        listed = dict(_options(answer, place))
        own = listed.get(closed.truth[row["id"]])
        ranks.append(None if own is None else sum(score >= own for score in listed.values()))
        lengths.append(len(listed))
        first, gold = set(list(listed)[:SHORTEST]), set(closed.gold[row["id"]])
        for name, value in (("DDR", ddr(first, gold)), ("DDP", ddp(first, gold)), ("DDF1", ddf1(first, gold))):
            scores[name].append(value)
    means = {name: fmean(values) if values else None for name, values in scores.items()}
    return {"options": len(closed.options), **_ranked(ranks, lengths), **means, "compared": SHORTEST}


def _options(answer: Mapping[str, Any], place: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """The diseases of the closed list that an answer lists, each once at its best, in the order of the list."""
    seen = set()
    for entry in answer.get("differential", ()):
        for name in dict.fromkeys(place[i] for i in (entry["id"], *entry["ids"]) if i in place):
            if name not in seen:
                seen.add(name)
                yield name, entry["score"]


def _with(run: Run, own: Mapping[str, Any]) -> Run:
    """The run with the benchmark's measures among its metrics; its manifest goes first and comes last."""
    metrics = {**run.metrics, KEY: dict(own)}
    if run.metrics.get(KEY) == metrics[KEY]:
        return run
    (run.folder / MANIFEST).unlink()
    write_text(run.folder / METRICS, json.dumps(metrics, indent=1, ensure_ascii=False) + "\n")
    facts = {key: value for key, value in run.manifest.items() if key != "files"}
    write_manifest(run.folder, facts, [run.folder / name for name in run.manifest["files"]])
    manifest = json.loads((run.folder / MANIFEST).read_text(encoding="utf-8"))
    return replace(run, metrics=metrics, manifest=manifest)
