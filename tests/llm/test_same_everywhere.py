"""Live, replayed and in rounds: the same results; killed at any moment: nothing lost, nothing asked twice."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rarescale.llm import (
    Backoff,
    Endpoint,
    Model,
    ModelError,
    OpenAICompatible,
    Outcome,
    Recording,
    Replay,
    Reply,
    Scripted,
    answer_batch,
    guarded,
    run_live,
    run_rounds,
)
from rarescale.llm.endpoint import Fault

from .helpers import scripted_answer, two_pass

ROOT = Path(__file__).parents[2]
TASKS = {f"t{n}": partial(two_pass, n) for n in range(6)}


def essence(outcomes: Any) -> list[tuple[str, Any, Any, Any]]:
    """Everything that must agree: values, failures with raw texts, and every request with its reply."""

    def one(outcome: Outcome[str]) -> tuple[str, Any, Any, Any]:
        failure = outcome.failure
        said = [
            (e.request.key, e.answer.text if isinstance(e.answer, Reply) else e.answer.kind) for e in outcome.exchanges
        ]
        told = (failure.kind, str(failure), failure.raws) if isinstance(failure, ModelError) else None
        return outcome.id, outcome.value, told, said

    return [one(o) for o in outcomes.values()]


def in_rounds(folder: Path, model: Model) -> Any:
    while not (result := run_rounds(TASKS, folder)).done:
        n = result.round
        answer_batch(folder / f"requests.r{n}.jsonl", folder / f"replies.r{n}.jsonl", model)
    return result


def asked_in(folder: Path) -> list[str]:
    lines = [line for p in sorted(folder.glob("requests.*")) for line in p.read_text().splitlines()]
    return [json.dumps(json.loads(line)["body"], sort_keys=True) for line in lines]


def test_live_replayed_and_in_rounds_the_results_are_identical(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")
    with Endpoint(Scripted(scripted_answer)) as endpoint:
        live_model = Recording(OpenAICompatible(endpoint.url), tmp_path / "talk.jsonl")
        live = run_live(TASKS, live_model)
        rounds = in_rounds(tmp_path / "batch", OpenAICompatible(endpoint.url))
    replayed = run_live(TASKS, Replay(tmp_path / "talk.jsonl"))
    scripted = run_live(TASKS, Scripted(scripted_answer), workers=1)
    assert essence(live) == essence(replayed) == essence(scripted) == essence(rounds.outcomes)
    assert live["t4"].failure is not None and live["t3"].value == "about double 6" and rounds.round == 3
    assert sum(o.usage.prompt_tokens for o in live.values()) == rounds.usage.prompt_tokens


def test_a_misbehaving_service_gives_the_same_results(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")
    rng = random.Random(3)
    faults: list[Fault | None] = ["rate-limit", "server", "garbage", "cut", None, None]
    with Endpoint(Scripted(scripted_answer), plan=lambda *_: rng.choice(faults)) as endpoint:
        backoff = Backoff(attempts=40, first_s=0.001, longest_s=0.01)
        live = run_live(TASKS, guarded(OpenAICompatible(endpoint.url), random.Random(1), backoff=backoff))
    assert essence(live) == essence(run_live(TASKS, Scripted(scripted_answer)))
    assert max(endpoint.answered.values()) == 1


@contextmanager
def run_worker(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, str(Path(__file__).with_name("kill_worker.py")), *arguments]
    settings = os.environ | {"PYTHONPATH": path}
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, text=True) as worker:
        try:
            yield worker
        finally:
            worker.kill()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked children; needs a system with fork")
def test_rounds_killed_at_any_step_lose_nothing_and_ask_nothing_twice(tmp_path: Path) -> None:
    with run_worker("rounds", str(tmp_path / "killed"), "7", "40") as worker:
        struck = int(worker.communicate(timeout=300)[0])
    assert worker.returncode == 0 and struck > 40
    killed = run_rounds(TASKS, tmp_path / "killed")
    calm = in_rounds(tmp_path / "calm", Scripted(scripted_answer))
    assert killed.done and essence(killed.outcomes) == essence(calm.outcomes)
    assert max(Counter(asked_in(tmp_path / "killed")).values()) == 1
    for path in (tmp_path / "calm").glob("requests.*"):
        assert (tmp_path / "killed" / path.name).read_bytes() == path.read_bytes()


def test_a_live_run_killed_midway_asks_again_only_what_was_under_way(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")

    killed = threading.Event()

    def echo(request: Any) -> str:
        if len(endpoint.calls) >= 20:
            killed.wait(60)
        return f"re {request.messages[0].content}"

    with Endpoint(Scripted(echo)) as endpoint:
        arguments = ("live", endpoint.url, str(tmp_path), "60")
        with run_worker(*arguments) as worker:
            while len(endpoint.calls) < 20 and worker.poll() is None:
                time.sleep(0.005)
        killed.set()
        kept = {p.stem for p in tmp_path.rglob("*.json")}
        before = len(endpoint.keys)
        with run_worker(*arguments) as again:
            values = json.loads(again.communicate(timeout=120)[0])
    assert worker.returncode < 0 and before < 60 and len(kept) >= 20 - 4
    assert values == [f"re question {n}" for n in range(60)]
    assert not kept & set(endpoint.keys[before:])
    assert len(endpoint.keys) <= 60 + 4


def test_a_small_fault_drill_accounts_for_every_call() -> None:
    pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")
    spec = importlib.util.spec_from_file_location("llm_drill", ROOT / "benchmarks" / "llm_drill.py")
    assert spec is not None and spec.loader is not None
    drill = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drill)
    wrong, summary, endpoint, _ = drill.drill(60, 16, 5, drill.faults(5))
    assert wrong == [] and summary.requests == 60 and summary.charged_twice == ()
    assert {"rate-limit", "server", "garbage"} <= set(endpoint.calls)
