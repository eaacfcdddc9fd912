"""From chat lines to what a language model reads and shall answer; no torch here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.candidates import LM_PRESETS, Talk, lm_preset
from rarescale.candidates.causal_lm.data import (
    IGNORED,
    Coder,
    read_samples,
    said_in_line,
    said_in_talk,
    sample_of,
    without_middle,
)
from rarescale.candidates.causal_lm.settings import load_settings
from rarescale.errors import InputError, UsageError
from rarescale.record import Sex

LINE: dict[str, Any] = {
    "id": "sim1-0-whole",
    "messages": [
        {"role": "system", "content": "Ann, 34 years old, female."},
        {"role": "clinician", "content": "What brings you here?"},
        {
            "role": "patient",
            "content": "My hands\nshake.",
            "findings": [{"id": "HP:0001337", "label": "Tremor", "present": True}],
        },
    ],
    "diagnosis": ["OMIM:100001", "ORPHA:11"],
    "diagnosis_name": "Copperfield disease",
    "differential": [
        {"id": "OMIM:100001", "name": "Copperfield disease"},
        {"id": "DECIPHER:1", "name": "Thirst deletion"},
        {"id": "OMIM:100002", "name": "Fitful syndrome 1"},
    ],
    "writer": "whole",
    "split": "train",
    "persona": {"sex": "FEMALE", "age": "P34Y5M"},
}
PAPER, PATIENT = lm_preset("paper"), lm_preset("lora")


def letters(text: str) -> list[int]:
    return [ord(c) for c in text]


def coder(max_length: int = 400, reply_tokens: int = 60) -> Coder:
    return Coder(letters, begin=1, end=2, max_length=max_length, reply_tokens=reply_tokens)


def text_of(ids: list[int]) -> str:
    return "".join(chr(i) for i in ids if i > 2)


def test_the_whole_conversation_is_told_with_its_speakers() -> None:
    assert said_in_line(LINE, "all") == (
        "Ann, 34 years old, female.\nDoctor: What brings you here?\nPatient: My hands shake."
    )


def test_a_chat_reads_the_same_in_training_and_in_use() -> None:
    talk = Talk(("Ignored.",), turns=tuple((m["role"], m["content"]) for m in LINE["messages"]))
    assert said_in_talk(talk, "all") == said_in_line(LINE, "all")


def test_a_talk_reads_the_same_in_training_and_in_use() -> None:
    talk = Talk(("My hands\nshake.",), sex=Sex.FEMALE, age=34.2)
    assert (
        said_in_talk(talk, "patient")
        == said_in_line(LINE, "patient")
        == "34 years old, female.\nPatient: My hands shake."
    )


def test_nothing_said_is_no_text() -> None:
    assert said_in_talk(Talk(sex=Sex.MALE, age=3.0), "all") == ""


@pytest.mark.parametrize(("age", "told"), [(0.5, "6 months old"), (1.99, "23 months old"), (2.0, "2 years old")])
def test_small_children_are_so_many_months_old(age: float, told: str) -> None:
    assert said_in_talk(Talk(("Hi.",), age=age), "all") == f"{told}.\nPatient: Hi."


@pytest.mark.parametrize("turns", ["all", "patient"])
def test_labels_beside_the_text_never_reach_the_prompt(turns: str) -> None:
    sample = sample_of(LINE, replace(PAPER, turns=turns))
    assert sample is not None
    for hidden in ("Tremor", "HP:0001337", "Copperfield", "OMIM"):
        assert hidden not in sample.said


def test_the_answer_is_the_experts_list_in_its_order() -> None:
    sample = sample_of(LINE, replace(PATIENT, names=2))
    assert sample is not None
    assert sample.names == ("Copperfield disease", "Thirst deletion")
    assert text_of(coder().answer(sample.names)) == "Copperfield disease\nThirst deletion"


def test_a_name_is_answered_once() -> None:
    twice = {**LINE, "differential": [LINE["differential"][0], {"id": "ORPHA:11", "name": "Copperfield  disease"}]}
    sample = sample_of(twice, PATIENT)
    assert sample is not None
    assert sample.names == ("Copperfield disease",) and sample.ids == ("OMIM:100001",)


def test_the_loss_counts_the_answer_and_its_end_alone() -> None:
    sample = sample_of(LINE, PAPER)
    assert sample is not None
    example = coder().example(sample)
    ids, labels = example["input_ids"], example["labels"]
    counted = [i for i, label in zip(ids, labels, strict=True) if label != IGNORED]
    assert counted == coder().answer(sample.names) == [label for label in labels if label != IGNORED]
    assert labels[: len(coder().prompt(sample.said))] == [IGNORED] * len(coder().prompt(sample.said))
    assert counted[-1] == 2 and ids[0] == 1


def test_a_long_conversation_loses_its_middle_and_keeps_question_and_ends() -> None:
    said = "BEGIN " + "x" * 1000 + " FINISH"
    prompt = text_of(coder(300).prompt(said))
    assert len(coder(300).prompt(said)) == 300 - 60
    assert "BEGIN" in prompt and "[...]" in prompt and "FINISH" in prompt
    assert prompt.endswith("one a line:\n")


@given(st.lists(st.integers(3, 99), max_size=60), st.integers(0, 60), st.lists(st.just(0), max_size=5))
def test_what_is_cut_fits_and_keeps_both_ends(ids: list[int], room: int, gap: list[int]) -> None:
    cut = without_middle(ids, room, gap)
    assert len(cut) == min(len(ids), room)
    if len(ids) <= room:
        assert cut == ids
    elif room > len(gap) + 1:
        assert cut[0] == ids[0] and cut[-1] == ids[-1]


@given(st.text(max_size=500), st.lists(st.text("abc ", min_size=1, max_size=80), max_size=5))
def test_an_example_never_exceeds_the_length(said: str, names: list[str]) -> None:
    c = coder()
    assert len(c.prompt(said)) + len(c.answer(names)) <= c.max_length


def test_a_name_that_does_not_fit_is_left_out_whole() -> None:
    assert text_of(coder(reply_tokens=30).answer(["Thirst deletion", "Copperfield disease"])) == "Thirst deletion"


def write(folder: Path, lines: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    (folder / "chats.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_lines_without_a_conversation_or_a_list_are_counted(tmp_path: Path) -> None:
    case = {"id": "c", "present": ["HP:0001337"], "diagnosis": ["OMIM:100001"], "split": "train"}
    bare = {**LINE, "id": "b", "differential": []}
    splits, left_out = read_samples([write(tmp_path / "c", [LINE, case, bare])], PAPER)
    assert [s.id for s in splits["train"]] == ["sim1-0-whole"]
    assert sum(left_out.values()) == 2


def test_a_case_that_another_corpus_judges_by_is_not_trained_on(tmp_path: Path) -> None:
    other = {**LINE, "id": "sim2-0-whole", "split": "test"}
    corpora = [write(tmp_path / "one", [LINE]), write(tmp_path / "two", [other])]
    splits, left_out = read_samples(corpora, PAPER, [np.array([True]), np.array([False])])
    assert not splits["train"] and len(splits["test"]) == 1 and sum(left_out.values()) == 1


def test_a_broken_chat_is_named(tmp_path: Path) -> None:
    broken = {**LINE, "id": "bad", "messages": [{"role": "nurse", "content": "?"}]}
    with pytest.raises(InputError, match="chat bad"):
        read_samples([write(tmp_path / "c", [broken])], PAPER)


def test_the_preset_of_the_paper_has_its_settings() -> None:
    known = {"epochs": 10, "rate": 2e-5, "batch": 4, "optimizer": "adamw_bnb_8bit", "lora_rank": 0, "names": 5}
    assert {k: getattr(PAPER, k) for k in known} == known
    assert PAPER.turns == "all" and "Llama-3.1-8B" in PAPER.base_model


@pytest.mark.parametrize("name", sorted(LM_PRESETS))
def test_settings_come_back_from_their_file(name: str, tmp_path: Path) -> None:
    lm_preset(name).save(tmp_path / "settings.json")
    assert load_settings(tmp_path / "settings.json") == lm_preset(name)


@pytest.mark.parametrize(
    "changed",
    [{"turns": "doctor"}, {"optimizer": "sgd"}, {"epochs": 0}, {"rate": float("nan")}, {"max_length": 300}],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(changed))):
        lm_preset("paper", **changed)
