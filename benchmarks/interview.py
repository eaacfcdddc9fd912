"""Do the questions find the disease? Real published patients, known by a fifth of their findings, get ten questions.

    python benchmarks/interview.py CASES.jsonl [--patient names|yes-no|complete] [--half report|inner|both]
        [--sample 200] [--patient-only]

CASES.jsonl are case lines with `diagnosis`. At most five cases per disease, the disease in the knowledge, at least five
present findings; a seeded sample of them. Each starts with the first fifth of its present findings (at least one), sex
and age, as in MEDDxAgent's RareBench set-up (arXiv 2502.19175). Diseases are split in two halves by a hash of their id;
settings were tuned on the inner half only.

Three patients answer (MEDDxAgent's protocol: only from what is explicit). names: yes if the finding or something below
it is listed, and then which one of them it is; no if it or something above it is listed as absent; else "don't know".
The interviewer asks open questions. yes-no: the same without saying which; closed questions. complete: as yes-no, but
everything not listed is a no; published cases are incomplete, so this patient denies too much.

Compared on the same cases: the interviewer; likeliest (the finding most probable in the current differential);
frequency order (the finding with the largest mean frequency over all diseases); random (mean of three seeds). Pool of
the last three: findings that the interviewer may ask (not too general, not implied, not excluded, not asked) and at
least one of the 100 leading diseases has; the interviewer is not held to the 100.
A hit: the true disease among the ten first of all diseases; equal scores count against. 95 % intervals resample
diseases (seed 0).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rarescale.diagnose import open_diagnoser
from rarescale.evaluation import cluster_interval
from rarescale.expert import Panels, ProbabilisticExpert, Query, best
from rarescale.formats import read_inputs
from rarescale.interview import (
    EVERY_ANSWERABLE,
    Answer,
    Chooser,
    Interviewer,
    SimulatedPatient,
    Turn,
    best_question,
    interview,
    progress,
)
from rarescale.record import Case, State

CAP, TURNS, HIT, LISTED, FEWEST, LEADERS = 5, 10, 10, 100, 5, 100


@dataclass(frozen=True)
class Patient:
    """One case with its start and the index and id of its disease."""

    case: Case
    start: Query
    truth: int
    disease: str


def patients(path: Path, interviewer: Interviewer, half: str, sample: int) -> list[Patient]:
    diseases, ontology = interviewer.knowledge.diseases, interviewer.knowledge.ontology
    found, seen = [], defaultdict(int)
    for case in read_inputs([str(path)]):
        if not isinstance(case, Case):
            continue
        truth = next((d for i in case.diagnosis if (d := diseases.index(i)) is not None), None)
        present = [i for f in case.findings if f.state is State.PRESENT and (i := ontology.index(f.text)) is not None]
        present = list(dict.fromkeys(i for i in present if ontology.is_finding[i]))
        if truth is None or len(present) < FEWEST:
            continue
        disease = diseases.ids(truth)[0]
        inner = hashlib.sha256(disease.encode()).digest()[0] % 2 == 0
        if (half == "both" or inner == (half == "inner")) and seen[disease] < CAP:
            seen[disease] += 1
            start = Query(tuple(sorted(present[: max(1, len(present) // 5)])), (), case.sex, case.age)
            found.append(Patient(case, start, truth, disease))
    return random.Random(0).sample(found, min(sample, len(found)))


def pooled(interviewer: Interviewer, limits: dict[str, Any], pick: Callable[[np.ndarray, Turn], int]) -> Chooser:
    """A chooser that picks among the open findings that one of the leading diseases has."""
    panels = Panels(interviewer.expert)

    def choose(turn: Turn) -> int | None:
        known = [i for t in turn.known if (i := interviewer.knowledge.ontology.index(t)) is not None]
        mask = interviewer.askable.open(turn.query, known, **limits)
        terms = np.flatnonzero(mask)
        leaders = np.array(best(turn.ranking, LEADERS))
        pool = terms[panels.frequencies(terms, leaders).max(axis=1, initial=0.0) > 0]
        return pick(pool, turn) if len(pool) else None

    return choose


def choosers(interviewer: Interviewer, limits: dict[str, Any]) -> dict[str, Callable[[int], Chooser]]:
    """Name -> a chooser for patient number k."""
    commonness = -np.asarray(interviewer.expert.profiles["surprise"])

    def likeliest(pool: np.ndarray, turn: Turn) -> int:
        return int(pool[interviewer.outlook.expect(turn.ranking.probabilities).yes[pool].argmax()])

    def at_random(seed: int) -> Callable[[int], Chooser]:
        def make(k: int) -> Chooser:
            rng = random.Random(f"{seed} {k}")
            return pooled(interviewer, limits, lambda pool, turn: rng.choice(pool.tolist()))

        return make

    return {
        "interviewer": lambda k: best_question(interviewer, heed_stop=False, **limits),
        "likeliest": lambda k: pooled(interviewer, limits, likeliest),
        "frequency order": lambda k: pooled(interviewer, limits, lambda p, t: int(p[commonness[p].argmax()])),
    } | {f"random {seed}": at_random(seed) for seed in range(3)}


def rank_of(turn: Turn, truth: int) -> int:
    """Rank of the truth; equal scores count against."""
    scores = turn.ranking.scores
    return int((scores >= scores[truth]).sum())


@dataclass
class Tally:
    """What came of all patients: rank of the truth per turn, answers, and the time it took."""

    ranks: list[list[int]]
    answers: list[list[Answer]]
    seconds: float

    def hit(self, at: int) -> np.ndarray:
        """bool (patients,): whether the truth was among the first after `at` questions."""
        return np.array([r[min(at, len(r) - 1)] <= HIT for r in self.ranks])


def run(make: Callable[[int], Chooser], people: list[Patient], interviewer: Interviewer, kind: str) -> Tally:
    knowledge, start = interviewer.knowledge, time.perf_counter()
    tally = Tally([], [], 0.0)
    for k, person in enumerate(people):
        patient = SimulatedPatient(knowledge.ontology, person.case, closed=kind == "complete")
        turns = list(
            interview(
                knowledge.ontology,
                interviewer.expert,
                patient,
                person.start,
                make(k),
                turns=TURNS,
                names=int(kind == "names"),
            )
        )
        tally.ranks.append([rank_of(t, person.truth) for t in turns])
        tally.answers.append([t.answer for t in turns if t.answer is not None])
    tally.seconds = time.perf_counter() - start
    return tally


def line(name: str, tallies: list[Tally], people: list[Patient]) -> str:
    hits = np.mean([t.hit(TURNS) for t in tallies], axis=0)
    clusters: dict[str, list[float]] = defaultdict(list)
    for person, hit in zip(people, hits.tolist(), strict=True):
        clusters[person.disease].append(hit)
    spread = cluster_interval(list(clusters.values()), lambda x: float(np.mean(x)), random.Random(0))
    at = "  ".join(f"{100 * np.mean([t.hit(n) for t in tallies]):5.1f}" for n in (0, 1, 3, 5, 10))
    answers = [a for t in tallies for one in t.answers for a in one]
    said = "  ".join(f"{a.value} {answers.count(a) / max(1, len(answers)):.2f}" for a in Answer)
    climbed = np.mean([sum(progress(r, listed=LISTED)) for t in tallies for r in t.ranks])
    ms = 1000 * sum(t.seconds for t in tallies) / max(1, len(answers))
    return f"{name:16} {at}  [{100 * spread.low:.0f}-{100 * spread.high:.0f}]  {climbed:+6.1f}  {said}  {ms:5.1f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--patient", choices=["names", "yes-no", "complete"], default="names")
    parser.add_argument("--half", choices=["report", "inner", "both"], default="report")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--patient-only", action="store_true", help="only what a patient can notice")
    options = parser.parse_args()
    diagnoser = open_diagnoser()
    expert = diagnoser.expert
    assert isinstance(expert, ProbabilisticExpert)
    interviewer = Interviewer(diagnoser.knowledge, expert)
    people = patients(options.cases, interviewer, options.half, options.sample)
    limits: dict[str, Any] = {"open_ended": options.patient == "names"}
    limits["answerable"] = ("symptom",) if options.patient_only else EVERY_ANSWERABLE
    diseases = len({p.disease for p in people})
    print(f"{len(people)} patients of {diseases} diseases, half {options.half}, patient {options.patient}, {limits}")
    print("top-10 after 0, 1, 3, 5, 10 questions, interval, progress over 100 ranks, answers, time a question")
    randoms = []
    for name, make in choosers(interviewer, limits).items():
        tally = run(make, people, interviewer, options.patient)
        if name.startswith("random"):
            randoms.append(tally)
        else:
            print(line(name, [tally], people), flush=True)
    print(line("random", randoms, people), flush=True)


if __name__ == "__main__":
    main()
