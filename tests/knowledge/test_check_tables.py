"""Lay expressions and red flags are looked over line by line, and each warning says where and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from rarescale.knowledge import Issue, check, open_knowledge

LAY = "term_id\tlabel\texpression\tvoice\treserved"
FLAGS = "id\tname\tpattern\tage_from\tage_to\tsex\tmessage\tsource"


def warnings(folder: Path, code: str) -> list[Issue]:
    return [issue for issue in check(open_knowledge(folder)) if issue.code == code]


def with_lay(folder: Path, *rows: tuple[str, str, str]) -> Path:
    lines = [f"{term}\t\t{text}\t{voice}\t" for term, text, voice in rows]
    (folder / "curated" / "lay.tsv").write_text("\n".join([LAY, *lines, ""]))
    return folder


def test_an_expression_that_holds_another_terms_name_is_named_with_its_line(toy_copy: Path) -> None:
    folder = with_lay(toy_copy, ("HP:0001337", "shaky", "plain"), ("HP:0001337", "shaking with yellow skin", "plain"))
    names = open_knowledge(folder).ontology.names(findings_only=True)
    name = next(n for n in names if n.kind in ("label", "exact") and " " in n.text and n.term != "HP:0001337")
    with_lay(toy_copy, ("HP:0001337", "shaky", "plain"), ("HP:0001337", f"shaking with {name.text}", "plain"))
    (issue,) = warnings(toy_copy, "lay-holds-a-name")
    assert issue.level == "warning" and issue.where.endswith("lay.tsv line 3")
    assert name.term in issue.what and issue.remedy


def test_the_same_words_in_another_form_are_told_once_for_one_term_and_once_across_terms(toy_copy: Path) -> None:
    folder = with_lay(
        toy_copy,
        ("HP:0001337", "my hands shake", "plain"),
        ("HP:0001337", "his hand shaking", "plain"),
        ("HP:0000618", "her hands shake", "plain"),
    )
    (twice,) = warnings(folder, "lay-twice")
    assert twice.where.endswith("line 3") and "line 2" in twice.what
    assert {i.where.rpartition(" ")[2] for i in warnings(folder, "lay-shared-stems")} == {"4"}


@pytest.mark.parametrize(("term", "code"), [("HP:9999999", "flag-unknown-term"), ("HP:0001337", "")])
def test_a_red_flag_that_can_never_speak_is_named(toy_copy: Path, term: str, code: str) -> None:
    row = f"RF:01\tx\t{term} (X)\t\t\tany\tGo.\tassumed"
    (toy_copy / "curated" / "red_flags.tsv").write_text(f"{FLAGS}\n{row}\n")
    found = [i for i in check(open_knowledge(toy_copy)) if i.code.startswith("flag-")]
    assert [i.code for i in found] == ([code] if code else [])
