"""`rarescale train --kind causal-lm`: what it refuses, without any language model."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rarescale.cli.app import app
from rarescale.errors import UsageError


def train(tmp_path: Path, *options: str) -> str:
    """The complaint of the command."""
    args = ["train", "--corpus", str(tmp_path / "corpus"), "--out", str(tmp_path / "out"), *options]
    with pytest.raises(UsageError) as raised:
        CliRunner().invoke(app, args, catch_exceptions=False)
    assert not (tmp_path / "out").exists()
    return str(raised.value)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--kind", "forest"), "--kind forest: expected compact or causal-lm"),
        (("--preset", "lora"), "belong to --kind causal-lm"),
        (("--base-model", "some/model"), "belong to --kind causal-lm"),
        (("--kind", "causal-lm", "--read-every", "3"), "does not read"),
        (("--kind", "causal-lm", "--preset", "huge"), "expected one of paper, lora, tiny"),
        (("--kind", "causal-lm", "--set", "width=3"), "unknown setting 'width'"),
        (("--kind", "causal-lm", "--set", "epochs=many"), "expected a value such as 10"),
        (("--kind", "causal-lm", "--set", "recompute=perhaps"), "expected a value such as True"),
        (("--kind", "causal-lm", "--set", "turns=doctor"), "expected one of all, patient"),
        (("--kind", "causal-lm", "--base-model", "a", "--set", "base_model=b"), "twice"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...], complaint: str, tmp_path: Path) -> None:
    assert complaint in train(tmp_path, *options)


@pytest.mark.skipif(find_spec("transformers") is not None, reason="the extra train-llm is installed here")
def test_what_is_missing_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    assert "pip install 'rarescale[train-llm]'" in train(tmp_path, "--kind", "causal-lm", "--preset", "tiny")
