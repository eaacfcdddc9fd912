"""The page of one evaluation run: a single file that opens offline, in dark, light and on paper.

It shows plain data (`config.json`, `metrics.json`, `manifest.json` and the case lines of a run folder); nothing is
calculated here but the choice of what to show.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rarescale.report import plots
from rarescale.report.terminal import INTENDED_USE

HARDEST = 25
"""Cases shown as the hardest."""

PER_DISEASE = 2
"""Cases of one disease among the hardest."""

MEASURES = {"top1": "top-1", "top3": "top-3", "top5": "top-5", "top10": "top-10", "mrr": "MRR"}

GROUPINGS = {
    "cited": "By own paper",
    "dataset": "By dataset",
    "class": "By how common the disease is",
    "category": "By category",
    "band": "By prevalence band",
}

Data = Mapping[str, Any]


def run_page(config: Data, metrics: Data, manifest: Data, cases: Sequence[Data]) -> str:
    """The page as HTML. Everything that comes from data is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("rarescale.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"measure": measure_text, "percent": plots.percent, "shortly": shortly}
    return environment.get_template("run.html").render(
        config=config,
        metrics=metrics,
        manifest=manifest,
        intended_use=INTENDED_USE,
        measures=MEASURES,
        groupings=[(title_of(name), groups) for name, groups in metrics["groups"].items() if len(groups) > 1],
        single={title_of(name): next(iter(groups)) for name, groups in metrics["groups"].items() if len(groups) == 1},
        hardest=hardest(cases),
        details=json.dumps(config, indent=1, ensure_ascii=False),
        plots={name: Markup(svg) for name, svg in _plots(metrics).items()},  # escaped where they are made
    )


def _plots(metrics: Data) -> dict[str, str]:
    ranks, calibration = metrics["ranks"], metrics["calibration"]
    n, hits = max(1, metrics["outcomes"]["cases"]), 0
    points = []
    for k, count in enumerate(ranks["at"], 1):
        hits += count
        points.append((float(k), hits / n))
    labels = [str(k) for k in range(1, len(ranks["at"]) + 1)] + ["later", "not found", "not scored"]
    counts = [*ranks["at"], ranks["beyond"], ranks["not_found"], ranks["not_scored"]]
    drawn = {
        "curve": plots.curve(points, "Share of all cases with the truth within the first k", "k", "share of cases"),
        "ranks": plots.columns(labels, counts, "Cases by the rank of the truth"),
        "calibration": plots.calibration(
            [(b["stated"], b["true"], b["n"]) for b in calibration["bins"]],
            "Stated probability of the first entry against how often it was the truth",
        ),
    }
    for name, groups in metrics["groups"].items():
        if len(groups) > 1:
            rows = [_bar(label, ways["capped"]) for label, ways in groups.items()]
            drawn[title_of(name)] = plots.bars(rows, f"Top-10, at most five cases per disease: {title_of(name)}")
    return drawn


def _bar(label: str, measures: Data) -> plots.Bar:
    low, high = measures["ci95"]["top10"] or (None, None)
    return plots.Bar(label, measures["top10"], low, high, f"{measures['n']} cases")


def title_of(grouping: str) -> str:
    """What a grouping is called on the page."""
    return GROUPINGS.get(grouping, f"By {grouping}")


def measure_text(measures: Data, name: str) -> str:
    """A measure in percent with its interval, ``30.6 [22–39]``; "n/a" where there are no cases."""
    value = measures[name]
    if value is None:
        return "n/a"
    interval = measures["ci95"][name]
    return f"{100 * value:.1f}" + (f" [{100 * interval[0]:.0f}–{100 * interval[1]:.0f}]" if interval else "")


def shortly(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def hardest(cases: Sequence[Data]) -> list[Data]:
    """Cases that failed, then known diseases missed, the surest mistake first, then the deepest ranks.

    At most `PER_DISEASE` cases of one disease, and none of which nothing is known.
    """

    def order(case: Data) -> tuple[int, float]:
        if case["outcome"] == "not scored":
            return 0, 0.0
        if case["outcome"] == "not found":
            return 1, -(case["top"]["probability"] if case["top"] else 0.0)
        return 2, -float(case["rank"])

    seen: Counter[str] = Counter()
    chosen = []
    for case in sorted(filter(_is_hard, cases), key=order):
        seen[case["disease"]] += 1
        if seen[case["disease"]] <= PER_DISEASE:
            chosen.append(case)
    return chosen[:HARDEST]


def _is_hard(case: Data) -> bool:
    if case["outcome"] == "not scored":
        return not (case["left_out"] and case["left_out"]["nothing_left"])
    return bool(case["known"]) and case["rank"] != 1
