"""Leaving the case's own paper out: exactly as if it had never been annotated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rarescale.errors import UsageError
from rarescale.evaluation import EngineOptions, OwnPapers, RunSettings, evaluate_run, open_engine, papers_of
from rarescale.evaluation.runs.engine import factory_place
from rarescale.evaluation.runs.own_paper import Mode, mode_named
from rarescale.formats import parse_input
from rarescale.knowledge import Knowledge, open_knowledge
from rarescale.record import Differential


def answered(
    knowledge: Knowledge, line: dict[str, object], mode: Mode | None, engine: str = "expert"
) -> dict[str, tuple[float, float]]:
    """Score and probability by disease."""
    made = open_engine(factory_place(engine), knowledge, EngineOptions(top=50, leave_own_paper_out=mode))
    (answer,) = made.answers([parse_input(line)])
    assert isinstance(answer, Differential)
    return {c.id: (c.score, c.probability) for c in answer.differential}


@pytest.fixture
def without_paper(toy_copy: Path) -> Knowledge:
    """The toy knowledge as it would be had PMID:1 never been annotated."""
    path = toy_copy / "phenotype.hpoa"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "\tPMID:1\t" not in line), encoding="utf-8")
    return open_knowledge(toy_copy)


@pytest.mark.parametrize("engine", ["expert", "qmr"])
def test_the_answer_is_that_of_a_knowledge_without_the_paper(
    toy: Knowledge, without_paper: Knowledge, engine: str
) -> None:
    line: dict[str, object] = {
        "id": "a", "present": ["HP:0001337", "HP:0000505"], "absent": ["HP:0002240"], "age": "P3Y", "pmids": ["PMID:1"]
    }  # fmt: skip
    assert answered(toy, line, "strict", engine) == answered(without_paper, line, None, engine)
    assert answered(toy, line, "strict", engine) != answered(toy, line, None, engine)


def test_cases_without_a_paper_or_with_an_uncited_one_are_answered_as_ever(toy: Knowledge) -> None:
    for pmids in ([], ["PMID:404"]):
        line: dict[str, object] = {"id": "a", "present": ["HP:0001337"], "pmids": pmids}
        assert answered(toy, line, "strict") == answered(toy, line, None)


def test_a_paper_is_remembered_again_for_the_next_case(toy: Knowledge) -> None:
    made = open_engine(factory_place("expert"), toy, EngineOptions(leave_own_paper_out="strict"))
    lines = [{"id": str(k), "present": ["HP:0001250"], "pmids": p} for k, p in enumerate([[], ["PMID:3"], []])]
    first, without, last = made.answers([parse_input(line) for line in lines])
    assert isinstance(first, Differential) and isinstance(without, Differential) and isinstance(last, Differential)
    assert first.differential == last.differential
    assert "OMIM:100002" in [c.id for c in first.differential]
    assert "OMIM:100002" not in [c.id for c in without.differential], "known from PMID:3 alone"


def test_lenient_keeps_rows_that_cite_other_papers_too(toy_copy: Path) -> None:
    path = toy_copy / "phenotype.hpoa"
    path.write_text(path.read_text(encoding="utf-8").replace("PMID:2\tPCS", "PMID:1;PMID:2\tPCS"), encoding="utf-8")
    papers = OwnPapers(open_knowledge(toy_copy))
    lenient, strict = papers.rows(["PMID:1"], "lenient"), papers.rows(["PMID:1"], "strict")
    assert len(strict) == len(lenient) + 1
    assert set(lenient) < set(strict)
    assert set(papers.rows(["PMID:1", "PMID:2"], "lenient")) == set(strict), "both papers are the case's own"


def test_a_disease_known_from_its_own_paper_alone_stays_a_miss_and_says_so(toy: Knowledge, tmp_path: Path) -> None:
    lines = [
        {"id": "own", "present": ["HP:0001250"], "diagnosis": ["OMIM:100002"], "pmids": ["PMID:3"]},
        {"id": "other", "present": ["HP:0001250"], "diagnosis": ["OMIM:100002"], "pmids": ["PMID:9"]},
    ]
    run = evaluate_run(
        map(parse_input, lines), toy, tmp_path, RunSettings(engine="expert", leave_own_paper_out="lenient")
    )
    own, other = run.cases
    assert own["outcome"] == "not scored" and own["reason"] == "nothing is known of the disease without its own paper"
    assert own["left_out"] == {"rows": 4, "of": 4, "nothing_left": True}
    assert other["outcome"] == "found" and other["left_out"] == {"rows": 0, "of": 4, "nothing_left": False}
    assert run.metrics["overall"]["plain"]["n"] == 2 and run.metrics["overall"]["plain"]["top1"] == 0.5


@pytest.mark.parametrize("spelled", [["PMID:1"], [1], "1", ["pmid: 1", "PMID:1"], ("1",)])
def test_a_paper_may_be_spelled_in_many_ways(spelled: object) -> None:
    assert papers_of({"pmids": spelled}) == ("PMID:1",)


def test_what_is_no_paper_is_ignored() -> None:
    assert papers_of({"pmids": ["OMIM:1", None, "x"]}) == papers_of({"pmids": {"a": 1}}) == papers_of({}) == ()
    with pytest.raises(UsageError, match="lenient, strict"):
        mode_named("gently")


def test_rows_of_a_paper_are_those_that_cite_it_in_the_installed_release(hpo: Knowledge) -> None:
    papers, rows = OwnPapers(hpo), hpo.diseases.rows["reference"]
    texts = hpo.diseases.references.tolist()
    pooled = next(t for t in texts if ";" in t)
    first = pooled.split(";")[0]
    expected = [k for k, n in enumerate(rows.tolist()) if first in texts[n].split(";")]
    assert np.array_equal(papers.rows([first], "strict"), expected)
