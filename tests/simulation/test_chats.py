"""A corpus of chats: the same lines for any number of workers, splits without overlap, shortfalls told."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rarescale.cli.simulate import app
from rarescale.errors import UsageError
from rarescale.formats import read_inputs
from rarescale.knowledge import Knowledge
from rarescale.record import Chat
from rarescale.simulation import ChatSettings, SimulationSettings, read_chats, simulate_chats
from rarescale.simulation.splits import SPLITS, Told, case_key, split_of, without_duplicates

from .test_cases import SLICE

FEW = SimulationSettings(attempts=20, needed=3)


def simulated(hpo: Knowledge, folder: Path, *, seed: int = 1, workers: int = 1, **settings: Any) -> dict[str, Any]:
    return simulate_chats(
        hpo,
        30,
        seed,
        folder,
        settings=ChatSettings(**settings),
        case_settings=FEW,
        diseases=SLICE[:3],
        workers=workers,
    )


@pytest.fixture(scope="module")
def corpus(hpo: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    simulated(hpo, folder)
    return folder


def test_a_corpus_holds_its_lines_and_nothing_else(corpus: Path) -> None:
    assert sorted(p.name for p in corpus.iterdir()) == ["chats.jsonl", "dropped.tsv", "manifest.json"]
    lines, facts = list(read_chats(corpus)), json.loads((corpus / "manifest.json").read_text())
    assert len(lines) == facts["chats"] <= 30
    assert (facts["warning"] is None) == (facts["chats"] == 30)
    assert {line["writer"] for line in lines} == {"whole", "turns"}
    assert len({line["id"] for line in lines}) == len(lines)


def test_two_workers_write_the_same_and_another_seed_something_else(
    hpo: Knowledge, corpus: Path, tmp_path: Path
) -> None:
    simulated(hpo, tmp_path / "two", workers=2)
    assert (tmp_path / "two" / "chats.jsonl").read_bytes() == (corpus / "chats.jsonl").read_bytes()
    simulated(hpo, tmp_path / "other", seed=2)
    assert (tmp_path / "other" / "chats.jsonl").read_bytes() != (corpus / "chats.jsonl").read_bytes()


def test_lines_are_read_as_chats_without_warnings(corpus: Path) -> None:
    for chat in read_inputs([str(corpus / "chats.jsonl")]):
        assert isinstance(chat, Chat)
        assert chat.warnings == ()
        assert chat.extra["differential"][0]["id"] in chat.diagnosis


def test_no_structured_case_is_told_twice(corpus: Path) -> None:
    keys = []
    for line in read_chats(corpus):
        labels = [f for m in line["messages"] for f in m.get("findings", ())]
        found = {state: [f["id"] for f in labels if f["present"] is state] for state in (True, False)}
        keys.append(case_key({"diagnosis": line["diagnosis"], "present": found[True], "absent": found[False]}))
    assert len(set(keys)) == len(keys)


def told_in(line: dict[str, Any]) -> frozenset[tuple[str, bool]]:
    return frozenset((f["id"], f["present"]) for m in line["messages"] for f in m.get("findings", ()))


@given(st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.sampled_from(SPLITS)), max_size=30))
def test_what_is_told_stands_in_one_split(chats: list[tuple[set[str], Any]]) -> None:
    told, kept = Told(), []
    for findings, split in chats:
        line = {"messages": [{"content": "x"}, {"findings": [{"id": i, "present": True} for i in sorted(findings)]}]}
        if not told.in_another(line, split):
            kept.append((told_in(line), split))
    for findings in {f for f, _ in kept if f}:
        assert len({split for f, split in kept if f == findings}) == 1
    assert {f for f, _ in kept} == {
        told_in({"messages": [{"findings": [{"id": i, "present": True} for i in f]}]}) for f, _ in chats
    }


def test_a_large_corpus_of_one_disease_tells_nothing_in_two_splits(hpo: Knowledge, tmp_path: Path) -> None:
    simulate_chats(hpo, 60, 1, tmp_path, settings=ChatSettings(), case_settings=FEW, diseases=["OMIM:616415"])
    splits: dict[frozenset[tuple[str, bool]], set[str]] = {}
    for line in read_chats(tmp_path):
        splits.setdefault(told_in(line), set()).add(line["split"])
    assert all(len(found) == 1 for found in splits.values())
    assert "tells the same as a chat of another split" in (tmp_path / "dropped.tsv").read_text()


def test_an_unfinished_run_with_other_options_is_refused(hpo: Knowledge, tmp_path: Path) -> None:
    cases = tmp_path / "work" / "cases"
    cases.mkdir(parents=True)
    (cases / "asked.json").write_text("{}")
    with pytest.raises(UsageError, match="unfinished run"):
        simulated(hpo, tmp_path)


def test_a_corpus_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"chats\.jsonl"):
        list(read_chats(tmp_path))


@pytest.mark.parametrize("wrong", [{"writer": "poet"}, {"val": 0.7, "test": 0.7}, {"whole_share": 2.0}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ChatSettings(**wrong)


def test_equal_cases_are_one_whatever_the_order_of_findings() -> None:
    lines = [
        {"id": "a", "diagnosis": ["D"], "present": ["x", "y"], "absent": []},
        {"id": "b", "diagnosis": ["D"], "present": ["y", "x"], "absent": []},
        {"id": "c", "diagnosis": ["D"], "present": ["x"], "absent": ["y"]},
    ]
    assert [line["id"] for line in without_duplicates(lines)] == ["a", "c"]


@given(st.integers(0, 300), st.integers(0, 2**32))
def test_splits_are_even_for_each_disease(count: int, seed: int) -> None:
    splits = split_of(count, {"train": 0.76, "val": 0.12, "test": 0.12}, Random(seed))
    assert len(splits) == count
    for split in ("val", "test"):
        assert abs(splits.count(split) - 0.12 * count) < 1.0 or count < 3


def test_the_commands_show_the_figures_and_write_the_dataset(corpus: Path, tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["stats", str(corpus)])
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[0].split()[:3] == ["writer", "split", "chats"]
    rows = [json.loads(x) for x in CliRunner().invoke(app, ["stats", str(corpus), "--json"]).stdout.splitlines()]
    assert rows == json.loads((corpus / "manifest.json").read_text())["table"]
    done = CliRunner().invoke(app, ["dataset", str(corpus), str(tmp_path / "dataset")])
    assert done.exit_code == 0
    assert (tmp_path / "dataset" / "README.md").is_file()
