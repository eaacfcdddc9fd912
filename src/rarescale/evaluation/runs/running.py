"""Run an engine on a set of cases into a folder that explains itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rarescale.diagnose import Among
from rarescale.errors import InputError, UsageError
from rarescale.evaluation.outcomes import Found, NotScored, Outcome
from rarescale.evaluation.ranks import Equivalence, equivalence, outcome_of
from rarescale.evaluation.runs import folder as names
from rarescale.evaluation.runs.engine import EngineOptions, factory_place, open_engine
from rarescale.evaluation.runs.folder import Run, is_finished, read_object, read_run
from rarescale.evaluation.runs.measures import measure
from rarescale.evaluation.runs.own_paper import Mode, mode_named
from rarescale.evaluation.runs.provenance import commit, hashed, versions
from rarescale.evaluation.runs.truth import Truth, Truths
from rarescale.evaluation.runs.work import BATCH, Sent, context, hidden, work
from rarescale.evaluation.score import read_mapping
from rarescale.jobs import Job, Progress, Report, run, write_manifest, write_text
from rarescale.knowledge import Knowledge
from rarescale.record import SCHEMA_VERSION, Input, Unreadable

KNOWLEDGE = "knowledge"
"""In place of a mapping file: ids that the knowledge has merged are one disease. It forgives the engine its merges."""

NOTHING_LEFT = "nothing is known of the disease without its own paper"


@dataclass(frozen=True)
class RunSettings:
    """What results hang on, beside inputs and knowledge. `mapping` are files that say which ids are one disease."""

    engine: str = "expert"
    among: Among = "all"
    top: int = 10
    seed: int = 0
    leave_own_paper_out: Mode | None = None
    mapping: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    def options(self) -> EngineOptions:
        """What the engine is told. Raises UsageError for a value that makes no sense."""
        if self.top < 1 or self.among not in ("all", "rare"):
            raise UsageError(f"top is {self.top}, among {self.among!r}; expected 1 or more, and 'all' or 'rare'")
        return EngineOptions(self.among, self.top, self.seed, mode_named(self.leave_own_paper_out))


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
    settings = settings or RunSettings()
    start, wall, cpu = clock(), time.perf_counter(), _cpu()
    options, place = settings.options(), factory_place(settings.engine)
    disease = equivalence(_same(settings.mapping, knowledge))
    cases, without = _cases(inputs)
    truths = Truths(knowledge, disease, settings.by, options.leave_own_paper_out)
    rows = [truths.of(source) for source in cases]
    items = [Sent(hidden(source, options.leave_own_paper_out is not None)) for source in cases]
    engine = open_engine(place, knowledge, options)
    config = {
        "schema_version": SCHEMA_VERSION,
        "kind": "evaluation run",
        "asked": {**asdict(settings), **(asked or {}), "workers": workers, "on": on},
        "inputs": hashed(sources),
        "mapping": [_mapping(path, knowledge) for path in settings.mapping],
        "cases": {
            "n": len(rows),
            "sha256": _hash([[row.id, row.diagnosis, item.text] for row, item in zip(rows, items, strict=True)]),
            "unreadable": sum(isinstance(source, Unreadable) for source in cases),
            "without_truth": without,
        },
        "engine": {"name": engine.name, "version": engine.version},
        "knowledge": knowledge.release.model_dump(),
        "versions": versions(),
        "git": commit(),
    }
    config["fingerprint"] = _hash(
        [asdict(settings), *(config[key] for key in ("mapping", "cases", "engine", "knowledge"))]
    )
    if _is_done(folder, config):
        return read_run(folder)
    batches = [items[k : k + BATCH] for k in range(0, len(items), BATCH)]
    making = partial(context, place, str(knowledge.sources.folder), options)
    job = Job("evaluation", batches, work, making, settings.seed, str(config["fingerprint"]), shard=1)
    report = run(job, folder / "work", workers=workers, on=on, progress=progress)
    lines, usage, engine_cpu = _gather(report, rows, folder, disease)
    metrics = measure(lines, settings.by)
    _write(folder / names.METRICS, metrics)
    facts = {
        "schema_version": SCHEMA_VERSION,
        "kind": "evaluation run",
        "started": datetime.fromtimestamp(start, UTC).isoformat(timespec="seconds"),
        "wall_seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(_cpu() - cpu, 3),
        "engine_seconds": round(sum(line["seconds"] for line in lines), 3),
        "engine_cpu_seconds": round(engine_cpu, 3),
        "done_before": min(len(rows), report.done_before * BATCH),
        "usage": usage,
    }
    files = [folder / name for name in (names.CONFIG, names.PREDICTIONS, names.CASES, names.METRICS)]
    if page is not None:
        write_text(folder / names.REPORT, page(Run(folder, config, lines, metrics, facts)))
        files.append(folder / names.REPORT)
    manifest = read_object(write_manifest(folder, facts, files))
    shutil.rmtree(folder / "work")
    return Run(folder, config, lines, metrics, manifest)


def _same(mapping: Sequence[str], knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """The pairs of ids that are one disease."""
    for path in mapping:
        if path != KNOWLEDGE:
            yield from read_mapping(path)
            continue
        for ids in map(knowledge.diseases.ids, range(len(knowledge.diseases))):
            yield from ((ids[0], other) for other in ids[1:])


def _mapping(path: str, knowledge: Knowledge) -> dict[str, Any]:
    return {"path": path, "sha256": knowledge.release.hash} if path == KNOWLEDGE else hashed([path])[0]


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


def _gather(
    report: Report, rows: Sequence[Truth], folder: Path, disease: Equivalence
) -> tuple[list[dict[str, Any]], dict[str, float], float]:
    """Write `predictions.jsonl` and `cases.jsonl`; the case lines, what the engine spent, its processor seconds."""
    lines: list[dict[str, Any]] = []
    usage: dict[str, float] = {}
    cpu = 0.0
    part = folder / f"{names.PREDICTIONS}.part"
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        for outcome in report.outcomes():
            if outcome.error is not None:
                raise UsageError(f"{folder}: batch {outcome.item} failed as a whole: {outcome.error}; report this bug")
            cpu += outcome.result["cpu"]
            for name, value in outcome.result["usage"].items():
                usage[name] = usage.get(name, 0.0) + value
            for text, found in zip(outcome.texts, outcome.result["cases"], strict=True):
                stream.write(text + "\n")
                lines.append(_line(rows[len(lines)], found, disease))
    part.replace(folder / names.PREDICTIONS)
    write_text(folder / names.CASES, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return lines, usage, cpu


def _line(truth: Truth, found: Mapping[str, Any], disease: Equivalence) -> dict[str, Any]:
    """One line of `cases.jsonl`."""
    outcome = _outcome(truth, found, disease)
    return {
        "id": truth.id,
        "kind": truth.kind,
        "diagnosis": truth.diagnosis,
        "diagnosis_name": truth.diagnosis_name,
        "disease": truth.disease,
        "dataset": truth.dataset,
        "class": truth.rarity,
        "category": truth.category,
        "band": truth.band,
        "known": truth.known,
        "cited": truth.cited,
        "pmids": truth.pmids,
        "by": truth.by,
        "outcome": "found" if isinstance(outcome, Found) else "not scored" if _is_lost(outcome) else "not found",
        "reason": outcome.reason if isinstance(outcome, NotScored) else None,
        "rank": outcome.rank if isinstance(outcome, Found) else None,
        "listed": len(found.get("differential") or ()),
        "top": found.get("top"),
        "left_out": None if truth.left_out is None else truth.left_out._asdict(),
        "seconds": round(found["seconds"], 6),
    }


def _outcome(truth: Truth, found: Mapping[str, Any], disease: Equivalence) -> Outcome:
    if "error" in found:
        return NotScored(f"failed, {found['error'].partition(':')[0]}")
    if truth.left_out is not None and truth.left_out.nothing_left:
        return NotScored(NOTHING_LEFT)
    return outcome_of(truth.diagnosis, found, disease)


def _is_lost(outcome: Outcome) -> bool:
    return isinstance(outcome, NotScored)


def _write(path: Path, value: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _cpu() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])
