"""The tables behind reading are whole: every row is understood and none says two things."""

from __future__ import annotations

from collections import Counter
from importlib import resources

import pytest

from rarescale.reading.stems import fold

KINDS = {
    *("negate", "negate-after", "negate-back", "stop", "neutral", "family", "family-after"),
    *("suppose", "suppose-after", "gone", "gone-after", "unsure", "unsure-after"),
}


def rows(name: str) -> list[list[str]]:
    text = resources.files("rarescale.reading").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")][1:]


@pytest.mark.parametrize("name", ["cues.tsv", "equivalents.tsv"])
def test_rows_have_two_filled_columns_and_stand_once(name: str) -> None:
    assert all(len(row) == 2 and all(cell == cell.strip() != "" for cell in row) for row in rows(name))
    assert [row for row, n in Counter(map(tuple, rows(name))).items() if n > 1] == []


def test_cues_are_of_known_kinds() -> None:
    assert {kind for kind, _ in rows("cues.tsv")} == KINDS


def test_a_word_has_one_equivalent() -> None:
    assert [word for word, n in Counter(row[0] for row in rows("equivalents.tsv")).items() if n > 1] == []


@pytest.mark.parametrize(("word", "same"), rows("equivalents.tsv"))
def test_a_word_folds_to_what_it_counts_as(word: str, same: str) -> None:
    assert fold(word) == tuple(part for other in same.split() for part in fold(other))
