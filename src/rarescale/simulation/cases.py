"""A corpus of cases in a folder: cases.jsonl, dropped.tsv and, last, manifest.json.

Case number i of n belongs to eligible disease i modulo their number, in an order drawn from the run's seed; its own
seed follows from the run's and i. Lines stand by disease, so that memory does not grow with n.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rarescale.errors import UsageError
from rarescale.jobs import Job, Progress, Report, item_seed, run, write_manifest
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.record import SCHEMA_VERSION
from rarescale.simulation.eligibility import Eligibility, eligibility
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.simulator import SimulatedCase, Simulator

_Item = tuple[int, list[int], list[int]]
"""Disease, numbers of its cases, its rivals."""


@dataclass
class CaseContext:
    """What all diseases share in one process."""

    simulator: Simulator
    run_seed: int

    def lines(self, disease: int, numbers: list[int], rivals: np.ndarray) -> list[dict[str, Any]]:
        """Case lines of one disease, one for each of `numbers` for which a case was accepted."""
        seeds = [item_seed(self.run_seed, "case", n) for n in numbers]
        cases = self.simulator.cases(self.simulator.profile(disease, rivals), seeds)
        return [self._line(disease, n, case) for n, case in zip(numbers, cases, strict=True) if case is not None]

    def _line(self, disease: int, number: int, case: SimulatedCase) -> dict[str, Any]:
        diseases, ids = self.simulator.knowledge.diseases, self.simulator.knowledge.ontology.ids
        return {
            "schema_version": SCHEMA_VERSION,
            "id": f"sim{self.run_seed}-{number}",
            "sex": case.sex.value,
            "age": _duration(case.age),
            "present": [ids[t] for t in case.present],
            "absent": [ids[t] for t in case.absent],
            "diagnosis": list(diseases.ids(disease)),
            "diagnosis_name": diseases.name(disease),
            "class": diseases.rarity(disease),
            "category": diseases.categories[disease],
            "differential": [{"id": diseases.ids(d)[0], "name": diseases.name(d)} for d in case.differential],
            "seed": case.seed,
            "attempt": case.attempt,
        }


def open_cases(folder: str, settings: SimulationSettings, run_seed: int) -> CaseContext:
    """The context of a process: knowledge of `folder`, simulator, seed of the run."""
    return CaseContext(Simulator(open_knowledge(folder), settings), run_seed)


def simulate_cases(
    knowledge: Knowledge,
    count: int,
    seed: int,
    folder: Path,
    *,
    settings: SimulationSettings | None = None,
    diseases: Iterable[str] | None = None,
    workers: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> dict[str, Any]:
    """Write `count` accepted cases over all eligible diseases (or those of the ids `diseases`) into `folder`.

    Gives the facts of the manifest. Going on after a kill repeats nothing; another number, seed or setting in the same
    folder is refused while that run is unfinished. Raises UsageError where no disease is eligible or an id is unknown.
    """
    settings = settings or SimulationSettings()
    if count < 1:
        raise UsageError(f"{count} cases; expected at least 1")
    judged = eligibility(knowledge, settings, _indices(knowledge, diseases), workers=workers, progress=progress)
    items = _share_out(judged, count, seed)
    folder.mkdir(parents=True, exist_ok=True)
    context = partial(open_cases, str(knowledge.sources.folder), settings, seed)
    listed = hashlib.sha256(json.dumps([i[0] for i in items]).encode()).hexdigest()[:16]
    fingerprint = f"{knowledge.release.hash} {settings.fingerprint()} {count} {listed}"
    job = Job("cases", items, _work, context, seed, fingerprint, shard=32)
    (folder / "manifest.json").unlink(missing_ok=True)
    report = run(job, folder / "work", workers=workers, progress=progress)
    written = _gather(report, folder / "cases.jsonl")
    _write_dropped(knowledge, judged, folder / "dropped.tsv")
    facts = {
        "schema_version": SCHEMA_VERSION,
        "kind": "simulated cases",
        "cases": written,
        "asked": count,
        "seed": seed,
        "diseases": len(items),
        "eligible": int(judged.eligible.sum()),
        "judged": len(judged.disease),
        "failed_diseases": report.failed,
        "warning": _shortfall(written, count, report.failed, settings.attempts),
        "knowledge": knowledge.release.model_dump(),
        "expert": settings.expert,
        "settings": asdict(settings),
    }
    write_manifest(folder, facts, [folder / "cases.jsonl", folder / "dropped.tsv"])
    shutil.rmtree(folder / "work")
    return facts


def _indices(knowledge: Knowledge, diseases: Iterable[str] | None) -> np.ndarray | None:
    if diseases is None:
        return None
    found = {i: knowledge.diseases.index(i) for i in diseases}
    if unknown := [i for i, index in found.items() if index is None]:
        raise UsageError(
            f"{', '.join(unknown[:5])}: no disease of {knowledge.release.release}; expected ids such as OMIM:277900"
        )
    return np.array(sorted({d for d in found.values() if d is not None}), np.int64)


def _share_out(judged: Eligibility, count: int, seed: int) -> list[_Item]:
    """Which case numbers each eligible disease gets, diseases in the order of the run's seed."""
    rows = np.flatnonzero(judged.eligible)
    if not len(rows):
        reasons = "; ".join(judged.reason(k) for k in range(min(3, len(judged.disease))))
        raise UsageError(f"none of {len(judged.disease)} diseases can be simulated ({reasons}); give other diseases")
    rows = np.random.default_rng(item_seed(seed, "order")).permutation(rows)
    return [
        (int(judged.disease[row]), list(range(k, count, len(rows))), judged.rivals[row].tolist())
        for k, row in enumerate(rows[:count])
    ]


def _work(context: CaseContext, item: _Item, _seed: int) -> list[str]:
    disease, numbers, rivals = item
    lines = context.lines(disease, numbers, np.array(rivals, np.int32))
    if not lines:
        name, attempts = context.simulator.knowledge.diseases.name(disease), context.simulator.settings.attempts
        raise ValueError(
            f"{name}: no case accepted among all diseases in {attempts} attempts each ({len(numbers)} cases)"
        )
    return [json.dumps(line, ensure_ascii=False) for line in lines]


def _shortfall(written: int, asked: int, failed: int, attempts: int) -> str | None:
    """What to tell the user where fewer cases were accepted than asked for."""
    if written == asked:
        return None
    return (
        f"{asked - written} of {asked} cases are missing: the expert accepted none of {attempts} attempts at each"
        f" ({failed} diseases have no case at all); raise attempts, or ask for more cases"
    )


def _gather(report: Report, target: Path) -> int:
    """The lines of all shards in one file; how many."""
    count, part = 0, target.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        for outcome in report.outcomes():
            for line in outcome.result or ():
                stream.write(line + "\n")
                count += 1
    part.replace(target)
    return count


def _write_dropped(knowledge: Knowledge, judged: Eligibility, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("id\tname\tfindings\taccepted\tattempts\treason\n")
        for k in np.flatnonzero(~judged.eligible).tolist():
            d = int(judged.disease[k])
            cells = (judged.findings[k], judged.accepted[k], judged.made[k], judged.reason(k))
            name = knowledge.diseases.name(d).replace("\t", " ")
            stream.write(f"{knowledge.diseases.ids(d)[0]}\t{name}\t" + "\t".join(str(c) for c in cells) + "\n")


def _duration(age: float) -> str:
    """An ISO 8601 duration of whole years and months."""
    months = round(age * 12)
    return f"P{months // 12}Y{months % 12}M"
