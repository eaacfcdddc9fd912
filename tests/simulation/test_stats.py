"""Corpus statistics against the definition of mean and standard deviation."""

from __future__ import annotations

import statistics
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rarescale.simulation import Tally


def line(writer: str, split: str, findings: int, messages: int) -> dict[str, Any]:
    told = [{"id": f"HP:{k}", "label": "x", "present": k % 2 == 0} for k in range(findings)]
    chat = [{"role": "patient", "content": "one two", "findings": told}]
    return {
        "writer": writer,
        "split": split,
        "messages": chat + [{"role": "clinician", "content": "?"}] * (messages - 1),
    }


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 30)), min_size=2, max_size=30))
def test_means_and_deviations_are_those_of_the_definition(sizes: list[tuple[int, int]]) -> None:
    tally = Tally()
    for findings, messages in sizes:
        tally.add(line("whole", "train", findings, messages))
    row = tally.rows()[0]
    assert row["chats"] == len(sizes)
    for name, values in (("findings", [f for f, _ in sizes]), ("messages", [m for _, m in sizes])):
        assert abs(row[name]["mean"] - statistics.mean(values)) <= 0.0051
        assert abs(row[name]["sd"] - statistics.stdev(values)) <= 0.0051


def test_rows_are_by_writer_and_split_with_all_at_the_end() -> None:
    tally, other = Tally(), Tally()
    tally.add(line("whole", "train", 3, 5))
    other.add(line("turns", "test", 4, 7))
    tally.merge(other.state())
    assert [(r["writer"], r["split"], r["chats"]) for r in tally.rows()] == [
        ("turns", "test", 1),
        ("whole", "train", 1),
        ("all", "all", 2),
    ]
    assert tally.rows()[0]["findings"] == {"mean": 4.0, "sd": None}
    assert tally.rows()[0]["present"]["mean"] == 2.0


def test_no_chats_give_no_rows() -> None:
    assert Tally().rows() == []
