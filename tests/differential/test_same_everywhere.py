"""Table 1 with a scripted model: live, replayed and in batch rounds the same; stopped anywhere, nothing is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from rarescale.differential import DiseaseNames, Patient, Settings, weigh
from rarescale.llm import (
    Endpoint,
    Model,
    ModelError,
    OpenAICompatible,
    Recording,
    Replay,
    Request,
    Scripted,
    Task,
    answer_batch,
    guarded,
    run_live,
    run_rounds,
)
from rarescale.record import Arm, Differential

from .models import COPPERFIELD, THIRST, chat, entry, offline, one_pass, thoughts, two_pass

PATIENTS = 9


def said(request: Request) -> str:
    """A model with manners of all kinds, told apart by the patient's number; it depends on the request alone."""
    text = request.messages[1].content
    number = int(text.split("patient number ")[1].split(".")[0])
    if number == 3:
        raise ModelError("declined", kind="refused")
    if number == 4:
        return "Sorry, only prose."
    if number == 5 and len(request.messages) == 2:
        return "Prose first."
    if request.tag.startswith("rare") or "Suppose that common diseases" in text:
        return json.dumps({"candidates": thoughts("Thirst deletion", "Unheard-of disease")})
    if "candidate_pass" not in text:
        return one_pass("Fitful syndrome", *(["Copperfield disease"] if number % 2 else []))
    return two_pass(["Fitful syndrome"], ["Thirst deletion"], [entry("Thirst deletion"), entry("Fitful syndrome")])


def tasks(names: DiseaseNames) -> dict[str, Callable[[], Task[Differential]]]:
    found: dict[str, Callable[[], Task[Differential]]] = {}
    for arm in get_args(Arm):
        for n in range(PATIENTS):
            id = f"{arm}-{n}"
            source = chat(f"I am patient number {n}.", "My hands shake.", id=id)
            patient = Patient(source, offline(id), (COPPERFIELD, THIRST))
            found[id] = partial(weigh, patient, names, Settings("toy", arm))
    return found


def lines(outcomes: Any) -> list[str]:
    return [o.value.model_dump_json(by_alias=True) for o in outcomes.values()]


def in_rounds(names: DiseaseNames, folder: Path, model: Model) -> Any:
    while not (result := run_rounds(tasks(names), folder)).done:
        n = result.round
        answer_batch(folder / f"requests.r{n}.jsonl", folder / f"replies.r{n}.jsonl", model)
    return result


def test_live_replayed_scripted_and_in_rounds_the_differentials_are_identical(
    names: DiseaseNames, tmp_path: Path
) -> None:
    pytest.importorskip("openai", reason="needs the openai package: pip install 'rarescale[llm]'")
    with Endpoint(Scripted(said)) as endpoint:
        live = run_live(tasks(names), Recording(OpenAICompatible(endpoint.url), tmp_path / "talk.jsonl"))
        rounds = in_rounds(names, tmp_path / "batch", OpenAICompatible(endpoint.url))
    replayed = run_live(tasks(names), Replay(tmp_path / "talk.jsonl"))
    scripted = run_live(tasks(names), Scripted(said), workers=1)
    assert lines(live) == lines(replayed) == lines(scripted) == lines(rounds.outcomes)
    kinds = {o.value.weighing.outcome for o in live.values() if o.value is not None and o.value.weighing is not None}
    assert kinds == {"weighed", "refused", "invalid-reply"}


def test_rounds_go_on_from_any_part_of_the_replies_and_ask_nothing_twice(names: DiseaseNames, tmp_path: Path) -> None:
    whole = in_rounds(names, tmp_path / "whole", Scripted(said))
    part, rng = tmp_path / "part", random.Random(5)
    asked: list[str] = []
    while not (result := run_rounds(tasks(names), part)).done:
        n = result.round
        everything = tmp_path / "whole" / f"replies.r{n}.jsonl"
        replies = everything.read_text().splitlines(keepends=True)
        rng.shuffle(replies)
        with (part / f"replies.r{n}.jsonl").open("a") as stream:
            stream.writelines(replies[: rng.randrange(1, len(replies) + 1)])
    for path in sorted(part.glob("requests.*")):
        asked += [json.dumps(json.loads(line)["body"], sort_keys=True) for line in path.read_text().splitlines()]
    assert lines(result.outcomes) == lines(whole.outcomes) and len(asked) == len(set(asked))


def test_a_live_run_goes_on_from_its_cache(names: DiseaseNames, tmp_path: Path) -> None:
    first = Scripted(said)
    before = run_live(tasks(names), guarded(first, random.Random(1), cache=tmp_path))
    second = Scripted(said)
    after = run_live(tasks(names), guarded(second, random.Random(1), cache=tmp_path))
    assert lines(before) == lines(after)
    assert all("patient number 3." in r.messages[1].content for r in second.history), "only refusals are asked again"
