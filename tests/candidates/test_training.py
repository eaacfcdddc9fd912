"""Before anything is fitted: what a corpus must keep to, and what stands in for reading. Fitting itself needs torch."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.candidates import FitSettings, check_corpus, load_compact, train
from rarescale.candidates.training.blocks import Example, block_of, joined, parts_of
from rarescale.candidates.training.channel import Channel, measured, said_in
from rarescale.candidates.training.checks import repeated_cases, split_of
from rarescale.errors import InputError
from rarescale.knowledge import Knowledge
from rarescale.record import Finding, Reading, State, TermId

TREMOR, SEIZURE, FEBRILE = "HP:0001337", "HP:0001250", "HP:0002373"


def chat(name: str, disease: str, words: str, split: str, seed: int, *terms: str) -> dict[str, Any]:
    findings = [{"id": t, "label": t, "present": True} for t in terms]
    return {
        "id": name,
        "messages": [{"role": "patient", "content": words, "findings": findings}],
        "diagnosis": [disease],
        "split": split,
        "seed": seed,
        "writer": "whole",
    }


def write(folder: Path, lines: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "chats.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


CLEAN = [
    chat("a", "OMIM:100001", "My hands shake.", "train", 1, TREMOR),
    chat("b", "OMIM:100002", "I had a fit.", "train", 2, SEIZURE),
    chat("c", "OMIM:100001", "They shake and I had a fit.", "test", 3, TREMOR, SEIZURE),
]


def test_a_clean_corpus_gives_its_facts(tmp_path: Path) -> None:
    facts = check_corpus(write(tmp_path / "x", CLEAN))
    assert facts.chats == 3
    assert facts.splits == {"train": 2, "test": 1}
    assert facts.cases == {"OMIM:100001": 1, "OMIM:100002": 1}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "a"}, "id"),
        ({"seed": 1}, "seed"),
        ({"messages": CLEAN[0]["messages"]}, "case"),
        ({"messages": [{"role": "patient", "content": "My hands shake.", "findings": []}]}, "chat"),
        ({"split": "holdout"}, "holdout"),
    ],
)
def test_leakage_stops_the_run_and_is_named(change: dict[str, Any], named: str, tmp_path: Path) -> None:
    lines = [*CLEAN[:2], CLEAN[2] | change]
    with pytest.raises(InputError, match=f"not fit to train on.*{named}"):
        check_corpus(write(tmp_path / "x", lines))


def test_too_few_cases_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 diseases have fewer than 2 training chats"):
        check_corpus(write(tmp_path / "x", CLEAN), least_cases=2)


@pytest.mark.parametrize("text", ["{", "[]", '{"id": "x"}', '{"id": "x", "diagnosis": [], "messages": []}'])
def test_a_broken_line_is_named_by_file_and_number(text: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "x", CLEAN)
    with (folder / "chats.jsonl").open("a") as stream:
        stream.write(text + "\n")
    with pytest.raises(InputError, match=r"chats\.jsonl line 4.*expected a chat line"):
        check_corpus(folder)


def test_training_chats_of_a_case_that_another_corpus_judges_by_are_left_out(tmp_path: Path) -> None:
    first = write(tmp_path / "x", CLEAN)
    again = chat("d", "OMIM:100001", "Fits, and I tremble.", "train", 9, SEIZURE, TREMOR)
    second = write(tmp_path / "y", [again, chat("e", "OMIM:100002", "Fits.", "train", 10, SEIZURE)])
    found = repeated_cases([check_corpus(corpus) for corpus in (first, second)])
    assert [mask.tolist() for mask in found] == [[False, False, False], [True, False]]


def test_lines_without_a_split_are_shared_out_by_what_they_say() -> None:
    lines = [{"id": str(k), "diagnosis": ["OMIM:1"], "present": [TREMOR], "absent": []} for k in range(5)]
    assert len({split_of(line) for line in lines}) == 1
    many = [{"id": "x", "diagnosis": [f"OMIM:{k}"], "present": [TREMOR]} for k in range(600)]
    found = [split_of(line) for line in many]
    assert 30 < found.count("val") < 90
    assert 30 < found.count("test") < 90


def test_the_channel_passes_on_as_often_as_was_measured(toy: Knowledge) -> None:
    heard = Finding(id=TermId(TREMOR), text="x", state=State.PRESENT, confidence=0.7)
    stray = Finding(id=TermId("HP:0000618"), text="x", state=State.ABSENT, confidence=0.4)
    readings = [Reading(findings=(heard,)), Reading(findings=(heard,)), Reading(findings=(stray,)), Reading()]
    channel = measured([({TREMOR: True}, r) for r in readings], toy.ontology)
    rng = Random(1)
    passed = [channel.pass_on({TREMOR: True}, toy.ontology, rng).findings for _ in range(4000)]
    kept = np.mean([any(f.id == TREMOR for f in found) for found in passed])
    strays = np.mean([any(f.id == "HP:0000618" for f in found) for found in passed])
    assert kept == pytest.approx(0.5, abs=0.03)
    assert strays == pytest.approx(1 - np.exp(-0.25), abs=0.03)
    assert all(f.confidence in (0.7, 0.4) for found in passed for f in found)


def test_a_relative_is_heard_as_a_relative(toy: Knowledge) -> None:
    general = Finding(id=TermId(SEIZURE), text="x", state=State.PRESENT, confidence=0.6)
    channel = measured([({FEBRILE: True}, Reading(findings=(general,)))], toy.ontology)
    assert [f.id for f in channel.pass_on({FEBRILE: True}, toy.ontology, Random(0)).findings] == [SEIZURE]


def test_a_channel_is_kept_in_a_file(toy: Knowledge, tmp_path: Path) -> None:
    channel = Channel([(True, "same", True, 0.5)], [(TREMOR, True, 0.2)], 3)
    channel.save(tmp_path / "channel.json")
    loaded = Channel.load(tmp_path / "channel.json")
    said = said_in(CLEAN[2])
    assert loaded.pass_on(said, toy.ontology, Random(5)) == channel.pass_on(said, toy.ontology, Random(5))


@given(st.lists(st.lists(st.integers(0, 99), max_size=5), min_size=1, max_size=8), st.data())
def test_parts_are_found_again_in_joined_blocks(words: list[list[int]], data: st.DataObject) -> None:
    examples = [Example(w, w, [1.0] * len(w), 0, [0], 0, 0) for w in words]
    cut = data.draw(st.integers(0, len(examples)))
    pieces = [block_of(part) for part in (examples[:cut], examples[cut:]) if part]
    block = joined(pieces)
    rows = np.array(data.draw(st.lists(st.integers(0, len(words) - 1), min_size=1, max_size=6)))
    at, starts = parts_of(block.word_ends, rows)
    found = np.split(block.words[at], starts[1:])
    assert [f.tolist() for f in found] == [words[r] for r in rows]


def test_a_model_is_trained_from_chats_and_judged(toy: Knowledge, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="fitting needs torch (pip install 'rarescale[train]')")
    talk = {"OMIM:100001": ("shaking hands", TREMOR), "OMIM:100002": ("convulsions again", SEIZURE)}
    lines = [
        chat(
            f"{d}-{k}", d, f"{words} number {k}", ("train", "train", "train", "val", "test")[k % 5], k + 100 * len(d), t
        )
        for d, (words, t) in talk.items()
        for k in range(40)
    ]
    for k, line in enumerate(lines):
        line["seed"] = k
        line["messages"][0]["findings"] = []
    corpus = write(tmp_path / "corpus", lines)
    said: list[str] = []
    settings = FitSettings(width=8, epochs=8, batch=8, least=1, sampled=0, rate=0.05, drop_words=0.1, patience=8)
    facts = train(toy, [corpus], tmp_path / "run", settings, say=said.append)
    assert facts["test"]["all"]["top1"] == 1.0
    model = load_compact(tmp_path / "run" / "model.safetensors", toy)
    assert len(model.diseases) == 2
    assert {"README.md", "metrics.json", "manifest.json"} <= {p.name for p in (tmp_path / "run").iterdir()}
