"""RareScale's Tables 1-5 and 7 in the paper's layout: its printed figures, and ours from run folders beneath them.

Ranks go by ids, and a list counts up to its fifth entry, as in the paper (reciprocal ranks beyond it are 0). Ours come
with 95 % intervals over diseases. Arms of one model are compared with its arm without candidates on the same cases, by
the paper's two-sided Wilcoxon test and by McNemar's; all p values of a table are also adjusted together (Holm).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

from rarescale.evaluation.intervals import cluster_interval
from rarescale.evaluation.judge import Judge, Level
from rarescale.evaluation.llm_judge import LISTED
from rarescale.evaluation.llm_judge_agreement import Agreement, agreement
from rarescale.evaluation.significance import PairedTest, holm, mcnemar, wilcoxon
from rarescale.evaluation.tables_load import Corpus, Graded, Material, System
from rarescale.evaluation.tables_published import of_table
from rarescale.evaluation.tables_records import EVERYTHING, Cell, Report, Row, Table, Test
from rarescale.record import Arm

SEED = 0
"""Seed of the intervals' resamples."""
ARMS: tuple[str, ...] = get_args(Arm)
BASELINE = "none"
"""The arm that others are compared with."""


def make_report(material: Material, judge: Callable[[], Judge]) -> Report:
    """All tables of `material`. `judge` makes the deterministic judge, if it is needed."""
    with_model = sorted((s for s in material.systems if s.model), key=lambda s: (s.model, ARMS.index(s.arm)))
    without = [s for s in material.systems if not s.model]
    grader = judge() if with_model else None
    tables = (
        _final(with_model, _on_same_cases(without, with_model)),
        _levels(with_model, grader),
        _candidates(without, "3", "test"),
        _categories(with_model),
        _corpora(material.corpora),
        _candidates(without, "7", "val"),
    )
    return Report(tables, _agreements(material.systems, grader or (judge() if _has_judged(material) else None)))


def _has_judged(material: Material) -> bool:
    return any(c.judged for s in material.systems for c in s.cases)


def _on_same_cases(systems: Sequence[System], others: Sequence[System]) -> list[System]:
    """`systems` with those cases alone that the `others` answered too."""
    ids = {c.id for o in others for c in o.cases}
    cut = [replace(s, cases=tuple(c for c in s.cases if c.id in ids)) for s in systems]
    return [s for s in cut if s.cases]


# ---- measures ----

TOP: dict[str, Callable[[Graded], float]] = {
    "top5": lambda c: float(c.rank is not None and c.rank <= LISTED),
    "top1": lambda c: float(c.rank == 1),
    "mrr": lambda c: 1 / c.rank if c.rank is not None and c.rank <= LISTED else 0.0,
}
JUDGED: dict[str, Callable[[Graded], float]] = {
    "top5": lambda c: float(_rank_a(c) is not None),
    "top1": lambda c: float(_rank_a(c) == 1),
    "mrr": lambda c: 1 / rank if (rank := _rank_a(c)) is not None else 0.0,
}
"""The same by judge A, for cases that it judged."""


def _rank_a(case: Graded) -> int | None:
    return None if case.judged is None else case.judged.a.rank


def _cell(cases: Sequence[Graded], value: Callable[[Graded], float], scale: float) -> Cell:
    clusters: dict[str, list[float]] = {}
    for case in cases:
        clusters.setdefault(case.disease, []).append(scale * value(case))
    found = cluster_interval(list(clusters.values()), _mean, random.Random(SEED))
    everything = [v for values in clusters.values() for v in values]
    interval = None if found is None else (found.low, found.high)
    return Cell(_mean(everything) if everything else None, interval)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _scale(measure: str) -> float:
    return 1.0 if measure == "mrr" else 100.0


def _row(label: str, cases: Sequence[Graded], measures: dict[str, Callable[[Graded], float]], source: str = "") -> Row:
    cells: dict[tuple[str, str], Cell] = {}
    n: dict[str, int] = {}
    for of, members in _by_set(cases).items():
        n[of] = len(members)
        for name, value in measures.items():
            cells[of, name] = _cell(members, value, _scale(name))
    return Row(label, "ours", cells, n, source)


def _by_set(cases: Sequence[Graded]) -> dict[str, list[Graded]]:
    groups: dict[str, list[Graded]] = {}
    for case in sorted(cases, key=lambda c: c.set):
        groups.setdefault(case.set, []).append(case)
    return groups


def _printed(table: str) -> list[Row]:
    rows: dict[str, Row] = {}
    for p in of_table(table):
        row = rows.setdefault(p.row, Row(p.row, "published", {}, {}, p.source))
        row.cells[p.set, p.measure] = Cell(p.value)
        if p.n is not None:
            row.n[p.set] = p.n
    return list(rows.values())


# ---- tables ----


def _final(systems: Sequence[System], others: Sequence[System]) -> Table:
    rows = [_row(s.label, s.cases, TOP) for s in (*systems, *others)]
    for s in systems:
        judged = [c for c in s.cases if c.judged is not None and c.judged.a.failure is None]
        if judged:
            one = judged[0].judged
            assert one is not None  # filtered above
            rows.append(_row(f"{s.label} (judge A: {one.model})", judged, JUDGED, one.prompts[0]))
    notes = [] if systems else ["no run with a language model was given, so there are no figures of ours"]
    fallen = {s.label: sum(c.fallback for c in s.cases) for s in systems}
    notes += [f"{label}: {n} cases answered without the model, which failed" for label, n in fallen.items() if n]
    return Table("1", "Final differential", tuple(TOP), (*_printed("1"), *rows), tuple(_tests(systems)), tuple(notes))


def _tests(systems: Sequence[System]) -> list[Test]:
    found: list[tuple[str, str, str, PairedTest]] = []
    for system in systems:
        base = next((s for s in systems if s.model == system.model and s.arm == BASELINE), None)
        if base is None or system.arm == BASELINE:
            continue
        before = {c.id: c for c in base.cases}
        for of, cases in _by_set(system.cases).items():
            pairs = [(c, before[c.id]) for c in cases if c.id in before]
            found += [(system.label, of, name, test) for name, test in _paired(pairs)]
    adjusted = holm([test.p for *_, test in found])
    return [Test(*row, p) for row, p in zip(found, adjusted, strict=True)]


def _paired(pairs: Sequence[tuple[Graded, Graded]]) -> list[tuple[str, PairedTest]]:
    tests: list[tuple[str, PairedTest]] = []
    for name, value in TOP.items():
        first, second = [value(a) for a, _ in pairs], [value(b) for _, b in pairs]
        tests.append((name, wilcoxon(first, second)))
        if name != "mrr":
            tests.append((name, mcnemar([v > 0 for v in first], [v > 0 for v in second])))
    return tests


def _levels(systems: Sequence[System], judge: Judge | None) -> Table:
    names = tuple(level.words for level in reversed(Level))
    rows = [_single(r) for r in _printed("2")]
    for system in systems:
        assert judge is not None  # made where there are systems
        rows.append(_level_row(f"{system.label} (deterministic judge)", [_best(c, judge) for c in system.cases]))
        judged = [c.judged for c in system.cases if c.judged is not None and c.judged.b.level is not None]
        if judged:
            levels = [j.b.level for j in judged if j.b.level is not None]
            rows.append(_level_row(f"{system.label} (judge B: {judged[0].model})", levels, judged[0].prompts[1]))
    notes = () if systems else ("no run with a language model was given, so there are no figures of ours",)
    return Table("2", "Relevance of the differential, five levels, both sets", names, tuple(rows), (), notes)


def _best(case: Graded, judge: Judge) -> Level:
    levels = [judge.judge(e, case.diagnosis, case.diagnosis_name or None).level for e in case.entries if e.strip()]
    return max(levels, default=Level.UNRELATED)


def _level_row(label: str, levels: Sequence[Level], source: str = "") -> Row:
    n = len(levels)
    cells = {(EVERYTHING, lv.words): Cell(100 * levels.count(lv) / n if n else None) for lv in reversed(Level)}
    return Row(label, "ours", cells, {EVERYTHING: n}, source)


def _candidates(systems: Sequence[System], number: str, split: str) -> Table:
    title = f"Candidates without a language model, {'test' if split == 'test' else 'validation'} chats"
    rows: list[Row] = []
    for system in systems:
        cases = [c for c in system.cases if c.split == split or (split == "test" and not c.split)]
        if cases:
            rows.append(_row(system.label, cases, TOP))
    notes = () if rows else (f"no run without a language model on {split} chats was given",)
    return Table(number, title, tuple(TOP), (*_printed(number), *rows), (), notes)


def _categories(systems: Sequence[System]) -> Table:
    rows = _printed("4")
    shown = [s for s in systems if s.arm == "rarescale"] or [s for s in systems if s.arm == "expert"]
    for system in shown:
        for category in sorted({c.category for c in system.cases}):
            cases = [c for c in system.cases if c.category == category]
            rows.append(_row(f"{system.label}: {category or 'no category told'}", cases, {"top5": TOP["top5"]}))
    notes = () if shown else ("no run of the arm rarescale or expert was given",)
    return Table("4", "Final differential with candidates, by category of disease", ("top5",), tuple(rows), (), notes)


def _corpora(corpora: Sequence[Corpus]) -> Table:
    measures = ("chats", "findings mean", "findings sd", "messages mean", "messages sd")
    rows = [part for row in _printed("5") for part in _by_split(row)]
    for corpus in corpora:
        for (writer, split), chats in sorted(corpus.counts.items()):
            cells = {(EVERYTHING, m): Cell(v) for m, v in zip(measures, _spread(chats), strict=True)}
            rows.append(Row(f"{writer} {split}", "ours", cells, {EVERYTHING: len(chats)}))
    notes = () if corpora else ("no corpus of chats was given",)
    return Table("5", "Corpora of chats", measures, tuple(rows), (), notes)


def _by_split(row: Row) -> list[Row]:
    """The line of one generator as lines of its splits."""
    return [
        Row(
            f"{row.label} {split}",
            row.origin,
            {(EVERYTHING, m): cell for (of, m), cell in row.cells.items() if of == split},
            {EVERYTHING: n},
            row.source,
        )
        for split, n in row.n.items()
    ]


def _single(row: Row) -> Row:
    """The line of a table with one set of cases."""
    cells = {(EVERYTHING, m): cell for (_, m), cell in row.cells.items()}
    return replace(row, cells=cells, n={EVERYTHING: max(row.n.values(), default=0)})


def _spread(chats: Sequence[tuple[int, int]]) -> list[float | None]:
    values: list[float | None] = [float(len(chats))]
    for column in zip(*chats, strict=True):
        mean = _mean(column)
        off = sum((x - mean) ** 2 for x in column)
        values += [mean, (off / (len(column) - 1)) ** 0.5 if len(column) > 1 else None]
    return values


def _agreements(systems: Sequence[System], judge: Judge | None) -> tuple[tuple[str, tuple[Agreement, ...]], ...]:
    found: list[tuple[str, tuple[Agreement, ...]]] = []
    for system in systems:
        pairs = [(c.judged, c.diagnosis) for c in system.cases if c.judged is not None]
        if pairs and judge is not None:
            found.append((system.label, tuple(agreement(pairs, judge))))
    return tuple(found)
