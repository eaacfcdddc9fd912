"""Can simulated cases be told from real ones? A classifier tries, and its area under the curve (AUC) says so.

    python benchmarks/realism.py REAL_CASES.jsonl [--preset realistic|chat] [--simulated cases.jsonl] [--half all]

REAL_CASES.jsonl as for benchmarks/ranking.py: at most five cases per disease of the knowledge, those whose own paper
is not among the disease's references ("uncited", halved by disease into "inner", on which the preset's rates were
tuned, and "outer") and those of other collections ("rarebench"). For each real case four of the same disease are
simulated, so that the classifier has more to learn from, or taken from --simulated. A logistic regression (features and
their squares, L2, both classes of equal weight) is trained and judged under five-fold cross-validation, no disease in
two folds; out-of-fold scores are pooled. 0.5 = cannot be told apart. The 95 % interval resamples diseases (seed 0).
What a collection never records (absent findings) is not compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from rarescale.expert import ProbabilisticExpert
from rarescale.jobs import item_seed
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.simulation import SimulationSettings, Simulator

CAP, FOLDS, COMMON = 5, 5, 100
NAMES = (
    *("present, log", "depth, mean", "depth, sd", "information, mean", "information, sd", "information, max"),
    *("exact", "above an annotated term", "below one", "related", "unrelated", "usual", "occasional"),
    *("picture told", "common terms", "known diseases, mean log", "body systems per finding", "likeness"),
    *("implied by another",),
    *("absent, log", "any absent", "absent exact", "absent unrelated", "absent usual", "absent information"),
)
ABSENT = sum(not name.startswith(("absent", "any absent")) for name in NAMES)


@dataclass(frozen=True)
class Patient:
    """Term indices of one case of disease `disease`."""

    disease: int
    present: list[int]
    absent: list[int]


class Features:
    """`NAMES` of one patient, in relation to what is annotated to the disease."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Depth is the shortest way to the root."""
        self.ontology, self.profiles = knowledge.ontology, ProbabilisticExpert(knowledge).profiles
        self.information = self.profiles["information"]
        self.counts = np.bincount(self.profiles["pair.term"], minlength=len(self.ontology))
        self.common = set(np.argsort(-self.counts, kind="stable")[:COMMON].tolist())
        self.depth = np.zeros(len(self.ontology))
        for term in np.argsort([len(self.ontology.ancestor_set(t)) for t in range(len(self.ontology))]).tolist():
            parents = self.ontology.parents[term]
            self.depth[term] = 1 + min(self.depth[parents]) if len(parents) else 0
        self.systems = {t for t in range(len(self.ontology)) if self.depth[t] == 2}

    def of(self, patient: Patient) -> np.ndarray:
        """float64 (len(NAMES),)."""
        p, d, terms = self.profiles, patient.disease, np.array(patient.present)
        part = slice(p["pair.offsets"][d], p["pair.offsets"][d + 1])
        own = dict(zip(p["pair.term"][part].tolist(), p["pair.frequency"][part].tolist(), strict=True))
        above = set().union(*(self.ontology.ancestor_set(t) for t in own)) if own else set()
        sets = [self.ontology.ancestor_set(t) for t in patient.present]
        told = set().union(*sets)
        kinds = [self._kind(t, own, above) for t in patient.present]
        share = [kinds.count(k) / len(kinds) for k in range(5)]
        usual = [own[t] for t in patient.present if t in own]
        info, pairs = self.information[terms], [len(a & b) / len(a | b) for a in sets for b in sets if a is not b]
        values = [np.log(len(terms)), self.depth[terms].mean(), self.depth[terms].std()]
        values += [info.mean(), info.std(), info.max(), *share]
        values += [np.mean([f >= 0.75 for f in usual] or [0]), np.mean([f < 0.4 for f in usual] or [0])]
        values += [np.mean([t in told for t in own] or [0]), np.mean([t in self.common for t in patient.present])]
        values += [np.log1p(self.counts[terms]).mean(), len(self.systems & told) / len(terms), np.mean(pairs or [0])]
        implied = set().union(*(s - {t} for s, t in zip(sets, patient.present, strict=True)))
        values.append(np.mean([t in implied for t in patient.present]))
        return np.array(values + self._absent(patient.absent, own, above))

    def _kind(self, term: int, own: dict[int, float], above: set[int]) -> int:
        """0 annotated, 1 above an annotated term, 2 below one, 3 related to one by a telling ancestor, 4 unrelated."""
        if term in own:
            return 0
        if term in above:
            return 1
        ancestors = self.ontology.ancestor_set(term)
        if not ancestors.isdisjoint(own):
            return 2
        return 3 if max((self.information[a] for a in ancestors & above), default=0) > 2 else 4

    def _absent(self, absent: list[int], own: dict[int, float], above: set[int]) -> list[float]:
        if not absent:
            return [0.0] * (len(NAMES) - ABSENT)
        kinds = [self._kind(t, own, above) for t in absent]
        usual = np.mean([own[t] >= 0.5 for t in absent if t in own] or [0])
        shares = [kinds.count(k) / len(kinds) for k in (0, 4)]
        return [np.log1p(len(absent)), 1.0, *shares, float(usual), float(self.information[absent].mean())]


def read(path: Path, knowledge: Knowledge, cap: int | None = CAP) -> dict[str, list[Patient]]:
    """Cases by group, at most `cap` per disease."""
    groups: dict[str, list[Patient]] = defaultdict(list)
    seen: dict[tuple[str, int], int] = defaultdict(int)
    ontology, diseases = knowledge.ontology, knowledge.diseases
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        known = [d for i in case["diagnosis"] if (d := diseases.index(i)) is not None]
        present, absent = (
            list(dict.fromkeys(t for i in case.get(k) or () if (t := ontology.index(i)) is not None))
            for k in ("present", "absent")
        )
        present, absent = ([t for t in terms if ontology.is_finding[t]] for terms in (present, absent))
        if not known or not present:
            continue
        group = _group(case, known, knowledge)
        seen[group, known[0]] += 1
        if cap is None or seen[group, known[0]] <= cap:
            groups[group].append(Patient(known[0], present, absent))
    return groups


def _group(case: dict[str, object], known: list[int], knowledge: Knowledge) -> str:
    if case.get("dataset", "simulated") != "phenopacket_store":
        return "simulated" if "seed" in case else "rarebench"
    papers = {p for d in known for a in knowledge.diseases.annotations(d) for p in a.reference.split(";")}
    if papers & set(case.get("pmids") or ()):  # type: ignore[call-overload]
        return "cited"
    name = knowledge.diseases.ids(known[0])[0]
    return ("inner", "outer")[hashlib.sha256(name.encode()).digest()[0] % 2]


def simulate(simulator: Simulator, diseases: Iterable[int], seed: int) -> list[Patient | None]:
    """One case of each of `diseases`, None where none is accepted."""
    profiles, made = {}, []
    for k, d in enumerate(diseases):
        if d not in profiles:
            profiles[d] = simulator.profile(d)
        case = simulator.cases(profiles[d], [item_seed(seed, "realism", k)])[0]
        made.append(None if case is None else Patient(d, list(case.present), list(case.absent)))
    return made


def fit(x: np.ndarray, y: np.ndarray, penalty: float = 1.0) -> np.ndarray:
    """Weights of a logistic regression in which both classes weigh as much as the real cases; the constant last."""
    share = np.where(y > 0, (y == 0).sum() / y.sum(), 1.0)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w[:-1] + w[-1]
        error = share * (1.0 / (1.0 + np.exp(-z)) - y)
        value = (share * (np.logaddexp(0.0, z) - z * y)).sum() + penalty / 2 * (w[:-1] ** 2).sum()
        return value, np.append(error @ x + penalty * w[:-1], error.sum())

    best: np.ndarray = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return best


def out_of_fold(x: np.ndarray, y: np.ndarray, diseases: np.ndarray) -> np.ndarray:
    """Score of each row by a classifier that saw none of its disease."""
    unique = np.random.default_rng(0).permutation(np.unique(diseases))
    fold = dict(zip(unique.tolist(), (np.arange(len(unique)) % FOLDS).tolist(), strict=True))
    folds = np.array([fold[d] for d in diseases.tolist()])
    scores = np.zeros(len(y))
    for k in range(FOLDS):
        train, test = folds != k, folds == k
        mean, deviation = x[train].mean(axis=0), np.maximum(x[train].std(axis=0), 1e-6)
        z = np.clip((x - mean) / deviation, -4, 4)
        z = np.hstack([z, (z**2 - 1) / 2])
        w = fit(z[train], y[train])
        scores[test] = z[test] @ w[:-1] + w[-1]
    return scores


def auc(scores: np.ndarray, y: np.ndarray) -> float:
    """Probability that a simulated case scores above a real one."""
    real = np.sort(scores[y == 0])
    places = np.searchsorted(real, scores[y == 1], "left") + np.searchsorted(real, scores[y == 1], "right")
    return float(places.mean() / (2 * len(real)))


def interval(scores: np.ndarray, y: np.ndarray, diseases: np.ndarray, rounds: int = 500) -> tuple[float, float]:
    """95 % interval by resampling diseases."""
    rng, rows = np.random.default_rng(0), [np.flatnonzero(diseases == d) for d in np.unique(diseases)]
    found = []
    for _ in range(rounds):
        drawn = np.concatenate([rows[k] for k in rng.integers(len(rows), size=len(rows))])
        found.append(auc(scores[drawn], y[drawn]))
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def compare(features: Features, real: list[Patient], made: list[Patient], name: str, *, show: bool) -> float:
    """Print and give the AUC."""
    people = real + made
    x = np.array([features.of(p) for p in people])
    if not any(p.absent for p in real):
        x = x[:, :ABSENT]
    y = np.repeat([0.0, 1.0], [len(real), len(made)])
    diseases = np.array([p.disease for p in people])
    scores = out_of_fold(x, y, diseases)
    value, (low, high) = auc(scores, y), interval(scores, y, diseases)
    print(f"{name}: AUC {value:.3f} [{low:.3f}-{high:.3f}], {len(real)} real, {len(made)} simulated")
    if show:
        for k in range(x.shape[1]):
            a, b = x[y == 0, k], x[y == 1, k]
            print(
                f"  {NAMES[k]:26} real {a.mean():6.2f} +- {a.std():5.2f}   simulated {b.mean():6.2f} +- {b.std():5.2f}"
                f"   alone {auc(x[:, k], y):.2f}"
            )
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--simulated", type=Path)
    parser.add_argument("--preset", default="realistic")
    parser.add_argument("--set", default="{}", help="settings on top of the preset, as JSON")
    parser.add_argument("--groups", nargs="*", default=["inner", "outer", "rarebench"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=4, help="simulated cases for each real one")
    parser.add_argument("--features", action="store_true", help="also print means per feature")
    asked = parser.parse_args()
    knowledge = open_knowledge()
    features, real = Features(knowledge), read(asked.cases, knowledge)
    settings = SimulationSettings.preset(asked.preset, **json.loads(asked.set))
    simulator = None if asked.simulated else Simulator(knowledge, settings)
    given = defaultdict(list)
    for patient in read(asked.simulated, knowledge, None)["simulated"] if asked.simulated else []:
        given[patient.disease].append(patient)
    for group in asked.groups:
        wanted = [p.disease for p in real[group] for _ in range(asked.times)]
        if simulator is None:
            made = [given[d].pop() if given[d] else None for d in wanted]
        else:
            made = simulate(simulator, wanted, asked.seed)
        found = [m for m in made if m is not None]
        kept = [p for p in real[group] if p.disease in {m.disease for m in found}]
        if kept:
            compare(features, kept, found, group, show=asked.features)


if __name__ == "__main__":
    main()
