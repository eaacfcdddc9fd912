"""The dataset folder: every line in the file of its split, a card whose figures are the manifest's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rarescale.errors import UsageError
from rarescale.simulation import Tally, write_dataset

LINES = [
    {
        "id": f"c{k}",
        "writer": "whole",
        "split": split,
        "messages": [
            {"role": "clinician", "content": "?"},
            {
                "role": "patient",
                "content": "a fit",
                "findings": [{"id": "HP:0001250", "label": "Seizure", "present": True}],
            },
        ],
    }
    for k, split in enumerate(("train", "train", "test"))
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    tally = Tally()
    for line in LINES:
        tally.add(line)
    (folder / "chats.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    facts = {"table": tally.rows(), "seed": 7, "diseases": 1, "knowledge": {"release": "HPO x", "hash": "0" * 64}}
    (folder / "manifest.json").write_text(json.dumps(facts))
    return folder


def test_lines_stand_in_the_file_of_their_split(corpus: Path, tmp_path: Path) -> None:
    facts = write_dataset(corpus, tmp_path / "out")
    assert facts["splits"] == {"train": 2, "val": 0, "test": 1}
    train = (tmp_path / "out/data/train.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in train] == ["c0", "c1"]
    assert json.loads(train[0])["messages"][0]["findings"] == []
    assert not (tmp_path / "out/data/validation.jsonl").exists()


def test_the_card_has_licence_files_and_figures(corpus: Path, tmp_path: Path) -> None:
    write_dataset(corpus, tmp_path / "out")
    card = (tmp_path / "out/README.md").read_text()
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    assert "path: data/train." in card and "path: data/test." in card and "validation" not in card.split("---")[1]
    assert "| whole | train | 2 | 1.00 ± 0.00 | 2.00 ± 0.00 |" in card


def test_an_unfinished_corpus_and_a_full_folder_are_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not empty"):
        write_dataset(corpus, corpus)
    (corpus / "manifest.json").unlink()
    with pytest.raises(UsageError, match=r"manifest\.json"):
        write_dataset(corpus, tmp_path / "other")


def test_parquet_holds_the_same_rows_where_it_can_be_written(corpus: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_dataset(corpus, tmp_path / "out")
    rows = parquet.read_table(tmp_path / "out/data/train.parquet").to_pylist()
    assert [row["id"] for row in rows] == ["c0", "c1"]
