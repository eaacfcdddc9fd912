"""The folder of a run over multiple-choice questions: config, answers, outcomes, measures; the manifest comes last."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from rarescale.errors import UsageError
from rarescale.evaluation.benchmarks.choosing import Chosen
from rarescale.evaluation.benchmarks.contract import Question
from rarescale.evaluation.benchmarks.loading import Opened
from rarescale.evaluation.benchmarks.ranking import KEY, summary
from rarescale.evaluation.intervals import cluster_interval
from rarescale.evaluation.runs import Run
from rarescale.evaluation.runs.provenance import commit, hashed, versions
from rarescale.jobs import write_manifest, write_text
from rarescale.knowledge import Knowledge
from rarescale.record import SCHEMA_VERSION

KIND = "question run"
FEWEST_TOPICS = 30
"""With fewer topics than this, an interval from resampling them means nothing."""
CONFIG, CASES, PREDICTIONS, METRICS = "config.json", "cases.jsonl", "predictions.jsonl", "metrics.json"


def check_questions(opened: Opened, folder: Path) -> tuple[Question, ...]:
    """The questions to ask. Raises UsageError where there are none, or where `folder` holds another run."""
    if not opened.loaded.questions:
        raise UsageError(f"{opened.benchmark.name} has no multiple-choice questions; expected --task ranking")
    config = folder / CONFIG
    if config.is_file():
        found = json.loads(config.read_text(encoding="utf-8"))
        if found.get("kind") != KIND or found.get("cases", {}).get("sha256") != _hash(opened.loaded.questions):
            raise UsageError(f"{folder} holds another run; choose another folder or remove it")
    return opened.loaded.questions


def write_questions(
    opened: Opened,
    chosen: Sequence[Chosen],
    knowledge: Knowledge,
    folder: Path,
    *,
    engine: Mapping[str, str],
    asked: Mapping[str, Any] | None = None,
    usage: Mapping[str, float] | None = None,
    clock: float | None = None,
) -> Run:
    """Write the folder from the answers, which are in the order of the questions."""
    questions = opened.loaded.questions
    lines = [_line(q, c) for q, c in zip(questions, chosen, strict=True)]
    config: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "asked": {KEY: opened.benchmark.name, "version": opened.benchmark.version, **(asked or {})},
        "inputs": hashed(opened.files),
        "cases": {"n": len(questions), "sha256": _hash(questions)},
        "engine": dict(engine),
        "knowledge": knowledge.release.model_dump(),
        "versions": versions(),
        "git": commit(),
    }
    metrics = {
        "schema_version": SCHEMA_VERSION,
        KEY: summary(opened, {"task": "questions", **question_measures(questions, lines)}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    _write(folder / CONFIG, config)
    write_text(folder / PREDICTIONS, _jsonl([asdict(c) for c in chosen]))
    write_text(folder / CASES, _jsonl(lines))
    _write(folder / METRICS, metrics)
    ended = datetime.fromtimestamp(time.time() if clock is None else clock, UTC).isoformat(timespec="seconds")
    facts = {"schema_version": SCHEMA_VERSION, "kind": KIND, "ended": ended, "usage": dict(usage or {})}
    manifest = write_manifest(folder, facts, [folder / n for n in (CONFIG, PREDICTIONS, CASES, METRICS)])
    return Run(folder, config, lines, metrics, json.loads(manifest.read_text(encoding="utf-8")))


def question_measures(questions: Sequence[Question], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Accuracy over all questions, of which unanswered ones are wrong, with a 95 % interval, and what choosing blindly
    would reach. Topics are resampled with their questions; where there are too few of them, questions are."""
    right = [line["outcome"] == "right" for line in lines]
    outcomes = Counter(line["outcome"] for line in lines)
    topics: dict[str, list[bool]] = {}
    for line, is_right in zip(lines, right, strict=True):
        topics.setdefault(line["topic"] or line["id"], []).append(is_right)
    clusters = list(topics.values()) if len(topics) >= FEWEST_TOPICS else [[flag] for flag in right]
    interval = cluster_interval(clusters, lambda flags: fmean(flags), random.Random(0))
    return {
        "n": len(lines),
        "right": outcomes["right"],
        "wrong": outcomes["wrong"],
        "not_answered": outcomes["not answered"],
        "reasons": dict(Counter(line["reason"] for line in lines if line["reason"])),
        "accuracy": fmean(right) if right else None,
        "ci95": None if interval is None else [round(interval.low, 3), round(interval.high, 3)],
        "chance": fmean(1 / len(q.options) for q in questions) if questions else None,
    }


def _line(question: Question, chosen: Chosen) -> dict[str, Any]:
    outcome = "not answered" if chosen.letter is None else "right" if chosen.letter == question.answer else "wrong"
    return {
        "id": question.id,
        "kind": "question",
        "topic": question.topic,
        "answer": question.answer,
        "chosen": chosen.letter,
        "outcome": outcome,
        "reason": chosen.reason,
    }


def _hash(questions: Sequence[Question]) -> str:
    text = json.dumps([[q.id, q.stem, list(q.options.items()), q.answer] for q in questions])
    return hashlib.sha256(text.encode()).hexdigest()


def _jsonl(values: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def _write(path: Path, value: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")
