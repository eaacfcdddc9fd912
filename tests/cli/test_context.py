"""`--context` and `--context-model` of `diagnose` and `read`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rarescale.errors import UsageError
from tests.cli.conftest import Run
from tests.reading.tiny_context import as_file, hearing

CHAT = {"id": "t1", "messages": [{"role": "patient", "content": "He has zonk every night."}]}
JERKS = {"id": "t2", "messages": [{"role": "patient", "content": "She went blank and her arms and legs jerked."}]}
BLINDNESS = "HP:0000618"


@pytest.mark.parametrize("command", ["read", "diagnose"])
def test_a_model_of_ones_own_is_read_with(run: Run, cases: Callable[..., Path], tmp_path: Path, command: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(as_file(hearing({BLINDNESS: ["zonk"]}, half={}, denying=[])))
    (answer,) = run(command, cases(CHAT), "--json", "--context-model", path).objects
    assert [(f["id"], f["source"]) for f in answer["findings"]] == [(BLINDNESS, "context")]


@pytest.mark.parametrize("command", ["read", "diagnose"])
def test_the_default_reads_in_context_and_can_be_told_not_to(
    run: Run, cases: Callable[..., Path], command: str
) -> None:
    (answer,) = run(command, cases(JERKS), "--json").objects
    assert [(f["label"], f["source"]) for f in answer["findings"]] == [("Seizure", "context")]
    (answer,) = run(command, cases(JERKS), "--json", "--no-context").objects
    assert answer["findings"] == []


def test_without_a_model_the_error_says_what_to_do(run: Run, cases: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.safetensors; expected a model\.safetensors .* --no-context"):
        run("read", cases(CHAT), "--context-model", tmp_path / "none.safetensors")
