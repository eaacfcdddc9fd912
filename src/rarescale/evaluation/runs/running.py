"""Run an engine on a set of cases into a folder that explains itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rarescale.errors import InputError, UsageError
from rarescale.evaluation.ranks import Equivalence, equivalence
from rarescale.evaluation.runs import folder as names
from rarescale.evaluation.runs.engine import factory_place, open_engine
from rarescale.evaluation.runs.folder import Run, is_finished, read_object, read_run
from rarescale.evaluation.runs.lines import gather
from rarescale.evaluation.runs.measures import measure
from rarescale.evaluation.runs.provenance import commit, hashed, versions
from rarescale.evaluation.runs.settings import RunSettings
from rarescale.evaluation.runs.truth import Truth, Truths
from rarescale.evaluation.runs.work import BATCH, Sent, context, hidden, work
from rarescale.jobs import Job, Progress, run, write_manifest, write_text
from rarescale.knowledge import Knowledge
from rarescale.record import SCHEMA_VERSION, Input, Unreadable

_WORK = "work"


def evaluate_run(
    inputs: Iterable[Input],
    knowledge: Knowledge,
    folder: Path,
    settings: RunSettings | None = None,
    *,
    sources: Sequence[str] = (),
    asked: Mapping[str, Any] | None = None,
    workers: int = 1,
    on: str = "local",
    progress: Progress = lambda _done, _all: None,
    page: Callable[[Run], str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Run:
    """Ask the engine about every input that names a diagnosis, and write the run folder.

    `sources` are the files that the inputs came from, `asked` further options to be noted, `page` makes the HTML
    report. A run that was stopped goes on; one that is finished is read. Raises UsageError for options that make no
    sense and for a folder that holds another run, InputError where no input names a diagnosis.
    """
    watch = _Watch(clock)
    noted = {**(asked or {}), "workers": workers, "on": on}
    plan = _plan(inputs, knowledge, settings or RunSettings(), sources, noted)
    if _is_done(folder, plan.config):
        shutil.rmtree(folder / _WORK, ignore_errors=True)
        return read_run(folder)
    report = run(plan.job, folder / _WORK, workers=workers, on=on, progress=progress)
    lines, usage, engine_cpu = gather(report, plan.rows, folder, plan.disease)
    metrics = measure(lines, plan.settings.by)
    _write(folder / names.METRICS, metrics)
    facts = {
        **watch.facts(),
        "engine_seconds": round(sum(line["seconds"] for line in lines), 3),
        "engine_cpu_seconds": round(engine_cpu, 3),
        "done_before": min(len(lines), report.done_before * BATCH),
        "usage": usage,
    }
    files = [folder / name for name in (names.CONFIG, names.PREDICTIONS, names.CASES, names.METRICS)]
    if page is not None:
        write_text(folder / names.REPORT, page(Run(folder, plan.config, lines, metrics, facts)))
        files.append(folder / names.REPORT)
    manifest = read_object(write_manifest(folder, facts, files))
    shutil.rmtree(folder / _WORK)
    return Run(folder, plan.config, lines, metrics, manifest)


@dataclass(frozen=True)
class _Plan:
    """Everything about a run that is fixed before it starts."""

    settings: RunSettings
    disease: Equivalence
    rows: Sequence[Truth]
    job: Job
    config: Mapping[str, Any]


def _plan(
    inputs: Iterable[Input], knowledge: Knowledge, settings: RunSettings, sources: Sequence[str], asked: dict[str, Any]
) -> _Plan:
    options, place = settings.options(), factory_place(settings.engine)
    disease = equivalence(settings.same(knowledge))
    cases, without = _cases(inputs)
    truths = Truths(knowledge, disease, settings.by, options.leave_own_paper_out)
    rows = [truths.of(source) for source in cases]
    items = [Sent(hidden(source, options.leave_own_paper_out is not None)) for source in cases]
    engine = open_engine(place, knowledge, options)
    decisive: dict[str, Any] = {
        "mapping": settings.mapping_hashes(knowledge),
        "cases": {
            "n": len(rows),
            "sha256": _hash_of_cases(rows, items),
            "unreadable": sum(isinstance(source, Unreadable) for source in cases),
            "without_truth": without,
        },
        "engine": {"name": engine.name, "version": engine.version},
        "knowledge": knowledge.release.model_dump(),
    }
    fingerprint = hashlib.sha256(json.dumps([asdict(settings), decisive], sort_keys=True).encode()).hexdigest()
    config: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": "evaluation run",
        "asked": {**asdict(settings), **asked},
        "inputs": hashed(sources),
        **decisive,
        "versions": versions(),
        "git": commit(),
        "fingerprint": fingerprint,
    }
    batches = [items[k : k + BATCH] for k in range(0, len(items), BATCH)]
    making = partial(context, place, str(knowledge.sources.folder), options)
    job = Job("evaluation", batches, work, making, settings.seed, fingerprint, shard=1)
    return _Plan(settings, disease, rows, job, config)


def _cases(inputs: Iterable[Input]) -> tuple[list[Input], int]:
    """The inputs that are cases, and the number of those that name no diagnosis."""
    listed = list(inputs)
    cases = [source for source in listed if isinstance(source, Unreadable) or source.diagnosis]
    if all(isinstance(source, Unreadable) for source in cases):
        raise InputError(
            f"none of {len(listed)} inputs can be read and names a diagnosis; expected cases, chats or phenopackets"
            " with their diagnosis" + "".join(f"; {s.message}" for s in cases[:1] if isinstance(s, Unreadable))
        )
    return cases, len(listed) - len(cases)


def _is_done(folder: Path, config: Mapping[str, Any]) -> bool:
    """Claim the folder for this run; whether the run in it is finished. Raises UsageError where it holds another."""
    path = folder / names.CONFIG
    if path.is_file():
        found = read_object(path)
        if found.get("fingerprint") != config["fingerprint"]:
            other = [k for k in ("asked", "cases", "engine", "knowledge") if found.get(k) != config[k]]
            raise UsageError(
                f"{folder} holds another run, with other {', '.join(other) or 'mapping files'}; "
                "choose another folder or remove it"
            )
        return is_finished(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, config)
    return False


class _Watch:
    """Wall and processor time since it was made."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._started, self._wall, self._cpu = clock(), time.perf_counter(), _cpu()

    def facts(self) -> dict[str, Any]:
        """For the manifest; processor time is that of this process and of its children that have ended."""
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": "evaluation run",
            "started": datetime.fromtimestamp(self._started, UTC).isoformat(timespec="seconds"),
            "wall_seconds": round(time.perf_counter() - self._wall, 3),
            "cpu_seconds": round(_cpu() - self._cpu, 3),
        }


def _cpu() -> float:
    return sum(os.times()[:4])


def _write(path: Path, value: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _hash_of_cases(rows: Sequence[Truth], items: Sequence[Sent]) -> str:
    """SHA-256 over what engines are shown of each case, and its diagnosis."""
    state = hashlib.sha256()
    for row, item in zip(rows, items, strict=True):
        state.update("\n".join((item.text, *row.diagnosis, "", "")).encode())
    return state.hexdigest()
