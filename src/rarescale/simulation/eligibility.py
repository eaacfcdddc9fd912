"""Which diseases can be simulated: those that the expert finds first in enough attempts.

Counted once per knowledge and settings among each seed's nearest rivals (see `Profiler.rivals`; cases are accepted
among all diseases later), by as many processes as wanted, resumable, and kept in the cache together with the rivals.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from rarescale.jobs import Job, Progress, run
from rarescale.knowledge import Knowledge, cache_folder, open_knowledge
from rarescale.simulation.settings import SimulationSettings
from rarescale.simulation.simulator import Simulator

ELIGIBILITY_VERSION = "1"


@dataclass(frozen=True)
class Eligibility:
    """Per disease judged (m,): index, findings it could be asked for, attempts accepted and made, rivals (m, k)."""

    disease: np.ndarray
    findings: np.ndarray
    accepted: np.ndarray
    made: np.ndarray
    rivals: np.ndarray
    settings: SimulationSettings

    @property
    def eligible(self) -> np.ndarray:
        """bool (m,): enough attempts were accepted."""
        enough: np.ndarray = self.accepted >= self.settings.needed
        return enough

    def reason(self, at: int) -> str:
        """Why disease number `at` is dropped, in plain words."""
        if not self.findings[at]:
            return "no finding that a patient can tell"
        if self.made[at] == 0:
            return f"only {self.findings[at]} finding{'s' * int(self.findings[at] > 1)} that a patient can tell"
        return (
            f"first in {self.accepted[at]} of {self.made[at]} attempts; {self.settings.needed} of"
            f" {self.settings.attempts} needed"
        )


def eligibility(
    knowledge: Knowledge,
    settings: SimulationSettings,
    diseases: np.ndarray | None = None,
    *,
    workers: int = 1,
    progress: Progress = lambda _done, _all: None,
) -> Eligibility:
    """Judge `diseases` (indices, default all), or read the judgement from the cache."""
    asked = np.arange(len(knowledge.diseases)) if diseases is None else np.unique(diseases)
    text = f"{settings.drawing()}{'' if diseases is None else asked.tolist()}"
    version = f"{ELIGIBILITY_VERSION}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    work = cache_folder() / f"eligibility-{knowledge.key}-{version}.work"

    def build() -> dict[str, np.ndarray]:
        return _judge_all(knowledge, settings, asked, work, version, workers, progress)

    arrays = knowledge.derived("eligibility", version, build)
    shutil.rmtree(work, ignore_errors=True)
    disease, findings, accepted, made, rivals = (
        arrays[n] for n in ("disease", "findings", "accepted", "made", "rivals")
    )
    return Eligibility(disease, findings, accepted, made, rivals, settings)


def _judge_all(
    knowledge: Knowledge,
    settings: SimulationSettings,
    asked: np.ndarray,
    work: Path,
    version: str,
    workers: int,
    progress: Progress,
) -> dict[str, np.ndarray]:
    context = partial(_open, str(knowledge.sources.folder), settings)
    job = Job("eligibility", asked.tolist(), _judge, context, fingerprint=f"{knowledge.key}-{version}", shard=100)
    rows = [o.result or [0, 0, 0, []] for o in run(job, work, workers=workers, progress=progress).outcomes()]
    rivals = np.full((len(rows), settings.panel), -1, np.int32)
    for k, row in enumerate(rows):
        rivals[k, : len(row[3])] = row[3]
    counts = np.array([row[:3] for row in rows], np.int32).reshape(-1, 3)
    return {
        "disease": asked.astype(np.int32),
        "findings": counts[:, 0].copy(),
        "accepted": counts[:, 1].copy(),
        "made": counts[:, 2].copy(),
        "rivals": rivals,
    }


def _open(folder: str, settings: SimulationSettings) -> Simulator:
    return Simulator(open_knowledge(folder), settings)


def _judge(simulator: Simulator, disease: int, _seed: int) -> list[object]:
    own = simulator.profiler.own(disease)[0]
    if len(own) < max(1, simulator.settings.least_present):
        return [len(own), 0, 0, []]
    rivals = simulator.profiler.rivals(disease)
    accepted, made = simulator.valid(simulator.profile(disease, rivals))
    return [len(own), accepted, made, rivals[rivals >= 0].tolist()]
