"""The page of a run: one file, everything escaped, nothing loaded from elsewhere, readable without seeing the plots."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.evaluation import Run, RunSettings, evaluate_run, measure
from rarescale.formats import parse_input
from rarescale.knowledge import Knowledge
from rarescale.report import INTENDED_USE, run_page
from rarescale.report.plots import Bar, bars, calibration, columns, curve
from rarescale.report.run_html import hardest

EVIL = "<script>alert(1)</script>&\"'"


class Outline(HTMLParser):
    """Tags with their attributes, and whether every opened one is closed."""

    VOID = frozenset({"meta", "link", "br", "img", "circle", "line", "rect", "polyline"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open and self.open.pop() == tag, tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def run(toy: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Run:
    lines: list[dict[str, Any]] = [
        {"id": "a", "present": ["HP:0001250"], "diagnosis": ["OMIM:100002"], "dataset": "one", "pmids": ["PMID:3"]},
        {"id": "b", "present": ["HP:0001250"], "diagnosis": ["ORPHA:13"], "dataset": "two", "class": "common"},
        {"id": EVIL, "present": ["HP:0001250"], "diagnosis": ["DECIPHER:1"], "dataset": EVIL, "diagnosis_name": EVIL},
    ]
    folder = tmp_path_factory.mktemp("run")
    return evaluate_run(map(parse_input, lines), toy, folder / "r", RunSettings(), asked={"inputs": [EVIL]})


def page(run: Run) -> str:
    return run_page(run.config, run.metrics, run.manifest, run.cases)


def test_the_page_stands_alone(run: Run) -> None:
    outline = Outline(page(run))
    assert not outline.named("script") and not outline.named("link") and not outline.named("img")
    assert "http" not in page(run).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "prefers-color-scheme: dark" in page(run) and "@media print" in page(run)


def test_nothing_from_the_data_becomes_markup(run: Run) -> None:
    assert EVIL not in page(run)
    assert "&lt;script&gt;alert(1)" in page(run)


def test_the_page_says_what_it_is_for_and_how_it_was_made(run: Run) -> None:
    text = page(run)
    assert INTENDED_USE.replace("'", "&#39;") in text
    for said in (run.config["knowledge"]["release"], run.config["cases"]["sha256"], run.config["versions"]["numpy"]):
        assert said in text
    assert "No mapping says which ids are one disease" in text


def test_tables_have_headers_and_plots_have_words(run: Run) -> None:
    outline = Outline(page(run))
    assert all(attributes.get("scope") in ("col", "row") for attributes in outline.named("th"))
    assert len(outline.named("caption")) == len(outline.named("table"))
    assert len(outline.named("title")) == len(outline.named("svg")) + 1
    assert all(svg["role"] == "img" for svg in outline.named("svg"))


def test_the_headline_is_the_measured_one(run: Run) -> None:
    m = run.metrics["overall"]["plain"]
    low, high = m["ci95"]["top1"]
    assert f"{100 * m['top1']:.1f} [{100 * low:.0f}–{100 * high:.0f}]" in page(run)
    found = run.metrics["outcomes"]["found"]
    assert f"Of 3 cases, fixed before the run: {found} found" in re.sub(r"\s+", " ", page(run))


def test_a_run_without_any_answer_still_has_a_page(run: Run) -> None:
    rows = [
        {**row, "outcome": "not scored", "reason": "failed, engine", "rank": None, "top": None} for row in run.cases
    ]
    empty = measure(rows)
    text = run_page(run.config, empty, run.manifest, rows)
    Outline(text)
    assert "n/a" in text and "failed, engine" in text


def case(k: int, **more: Any) -> dict[str, Any]:
    top = {"id": "X:1", "name": "x", "probability": 0.1, "classes": []}
    found = {"id": str(k), "disease": f"d{k}", "known": True, "outcome": "not found", "rank": None, "top": top}
    return {**found, "left_out": None, **more}


def test_the_hardest_cases_are_failures_then_sure_mistakes_then_deep_ranks() -> None:
    sure = {"id": "X:2", "name": "y", "probability": 0.9, "classes": []}
    cases = [
        case(1, outcome="found", rank=1),
        case(2, outcome="found", rank=3),
        case(3, outcome="found", rank=9),
        case(4),
        case(5, top=sure),
        case(6, outcome="not scored", top=None),
        case(7, known=False),
        case(8, outcome="not scored", left_out={"nothing_left": True}),
        *(case(k, disease="d5", top=sure) for k in (9, 10)),
    ]
    before = copy.deepcopy(cases)
    assert [c["id"] for c in hardest(cases)] == ["6", "5", "9", "4", "3", "2"]
    assert cases == before


@given(st.lists(st.tuples(st.text(max_size=50), st.integers(0, 10**6)), max_size=15))
def test_columns_are_sound_for_any_words_and_counts(rows: list[tuple[str, int]]) -> None:
    labels = ["".join(c for c in label if c.isprintable()) for label, _ in rows]
    tree = ElementTree.fromstring(columns(labels, [count for _, count in rows], EVIL))
    heights = [float(r.attrib["height"]) for r in tree.iter() if r.tag.endswith("rect")]
    assert len(heights) == len(rows)
    assert all(0 <= h <= 240 for h in heights)
    if rows and max(count for _, count in rows) > 0:
        assert heights.index(max(heights)) == max(range(len(rows)), key=lambda k: rows[k][1])


def test_plots_draw_what_they_are_given() -> None:
    tree = ElementTree.fromstring(calibration([(0.25, 0.75, 9), (None, None, 0)], "c"))
    (dot,) = [t for t in tree.iter() if t.attrib.get("class") == "dot"]
    (ideal,) = [t for t in tree.iter() if t.attrib.get("class") == "ideal"]
    x1, x2, y1, y2 = (float(ideal.attrib[k]) for k in ("x1", "x2", "y1", "y2"))
    assert (float(dot.attrib["cx"]) - x1) / (x2 - x1) == pytest.approx(0.25, abs=0.01)
    assert (float(dot.attrib["cy"]) - y1) / (y2 - y1) == pytest.approx(0.75, abs=0.01)
    ElementTree.fromstring(bars([Bar("a", 0.5, 0.25, 0.75), Bar("b", None)], "b"))
    ElementTree.fromstring(curve([], "c", "x", "y"))
    assert "n/a" in bars([Bar("b", None)], "b")
    with pytest.raises(ValueError, match="2 labels for 1 counts"):
        columns(["a", "b"], [1], "c")


def test_the_report_lands_in_the_run_folder(run: Run, toy: Knowledge, tmp_path: Path) -> None:
    line = {"id": "a", "present": ["HP:0001250"], "diagnosis": ["OMIM:100002"]}
    made = evaluate_run([parse_input(line)], toy, tmp_path, RunSettings(), page=page)
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "report.html" in made.manifest["files"]
