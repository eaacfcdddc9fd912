from __future__ import annotations

import csv
import io

from rarescale.knowledge import Knowledge
from rarescale.report import COLUMNS, csv_text

from .answers import failure, silent, tremor


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_there_is_one_row_per_candidate_in_order_of_rank(toy: Knowledge) -> None:
    answer = tremor(toy)
    found = rows(csv_text([answer]))
    assert [r["disease"] for r in found] == [c.id for c in answer.differential]
    assert [int(r["rank"]) for r in found] == [c.rank for c in answer.differential]
    assert [float(r["probability"]) for r in found] == [round(c.probability, 6) for c in answer.differential]
    assert set(found[0]) == set(COLUMNS)
    assert "Tremor (HP:0001337) +" in found[0]["for"]


def test_patients_without_candidates_and_unreadable_inputs_keep_a_row(toy: Knowledge) -> None:
    found = rows(csv_text([silent(toy), failure()]))
    assert [(r["patient"], r["rank"]) for r in found] == [("c0", ""), ("Bob Ray", "")]
    assert "no JSON" in found[1]["error"]


def test_a_cell_cannot_become_a_formula(toy: Knowledge) -> None:
    for start in "=+-@\t":
        (first, *_) = rows(csv_text([tremor(toy, id=f"{start}HYPERLINK(1)")]))
        assert first["patient"] == f"'{start}HYPERLINK(1)"


def test_commas_quotes_and_line_ends_stay_inside_their_cell(toy: Knowledge) -> None:
    name = 'a,"b"\r\nc;d'
    assert rows(csv_text([tremor(toy, id=name)]))[0]["patient"] == name
