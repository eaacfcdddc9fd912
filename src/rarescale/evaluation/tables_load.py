"""What tables are made from: systems that answered cases, and corpora of chats, read from folders and files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from rarescale.errors import InputError
from rarescale.evaluation.llm_judge import LISTED, Listed, LlmJudged, llm_judged_from_data
from rarescale.evaluation.outcomes import Found
from rarescale.evaluation.ranks import Equivalence, one_by_one, outcome_of
from rarescale.evaluation.runs import read_run
from rarescale.evaluation.score import read_lines

JUDGEMENTS = "judgements.jsonl"
"""Judgements of language models, beside the run that they are about."""


@dataclass(frozen=True)
class Graded:
    """One case as one system answered it.

    `rank` of the truth among the entries by ids, None = miss. `set` is the chat writer, else the data set; `split` is
    train, val, test or empty. `entries` are the first five names, in a model's own words where there is a model.
    """

    id: str
    disease: str
    diagnosis: tuple[str, ...]
    diagnosis_name: str
    set: str
    split: str
    category: str
    rank: int | None
    entries: tuple[str, ...]
    fallback: bool = False
    judged: LlmJudged | None = None


@dataclass(frozen=True)
class System:
    """Everything one system answered. `arm` and `model` are empty where no language model took part."""

    engine: str
    arm: str
    model: str
    cases: tuple[Graded, ...]

    @property
    def label(self) -> str:
        """The name of its row."""
        return f"{self.model}, candidates: {self.arm}" if self.model else self.engine


@dataclass(frozen=True)
class Corpus:
    """Chats by writer and split: for each the findings and the messages of every chat."""

    counts: Mapping[tuple[str, str], Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Material:
    """What was found at the places given."""

    systems: tuple[System, ...]
    corpora: tuple[Corpus, ...]


def read_material(places: Sequence[Path], truth: Path | None = None, same: Equivalence = one_by_one) -> Material:
    """Read run folders, corpus folders, folders that hold such folders, and files of answers (these need `truth`).

    `same` says which ids are one disease for files of answers; a run has settled that itself. Raises InputError for
    a place that is none of these.
    """
    systems: list[System] = []
    corpora: list[Corpus] = []
    for place in (p for given in places for p in _unfolded(given)):
        if place.is_file():
            systems.append(_from_answers(place, truth, same))
        elif (place / "predictions.jsonl").is_file():
            systems.append(_from_run(place))
        else:
            corpora.append(_corpus(place / "chats.jsonl"))
    return Material(tuple(systems), tuple(corpora))


def toy_runs() -> Path:
    """The folder of small made-up runs that ships with the package; ``runs/toy_tables.py`` makes it."""
    return Path(str(files("rarescale.evaluation").joinpath("toy_runs")))


def judgements_path(place: Path) -> Path:
    """Where the judgements of a run folder or of a file of answers stand."""
    return place / JUDGEMENTS if place.is_dir() else place.with_suffix(f".{JUDGEMENTS}")


def lists_of(system: System) -> list[Listed]:
    """What a judge is asked about; cases whose truth has no name cannot be judged and are left out."""
    return [Listed(c.id, c.diagnosis_name, c.entries) for c in system.cases if c.diagnosis_name]


def _unfolded(place: Path) -> Iterator[Path]:
    if place.is_file() or _is_known(place):
        yield place
        return
    within = sorted(p for p in place.iterdir() if p.is_dir() and _is_known(p)) if place.is_dir() else []
    if not within:
        raise InputError(
            f"{place}: expected a run folder (predictions.jsonl), a corpus folder (chats.jsonl), a folder of such "
            "folders or a file of answers; found none. Check the path."
        )
    yield from within


def _is_known(place: Path) -> bool:
    return (place / "predictions.jsonl").is_file() or (place / "chats.jsonl").is_file()


def _from_run(folder: Path) -> System:
    run = read_run(folder)
    judged = _judgements(judgements_path(folder))
    cases: list[Graded] = []
    answers = list(run.predictions())
    for row, answer in zip(run.cases, answers, strict=True):
        by = row.get("by") or {}
        graded = Graded(
            id=str(row["id"]),
            disease=str(row["disease"]),
            diagnosis=tuple(row["diagnosis"]),
            diagnosis_name=row.get("diagnosis_name") or "",
            set=str(by.get("writer") or row.get("dataset") or "all"),
            split=str(by.get("split") or ""),
            category=row.get("category") or "",
            rank=row.get("rank"),
            entries=(),
        )
        cases.append(_with_answer(graded, answer, judged))
    return _system(cases, answers, str(run.config.get("engine", {}).get("name", folder.name)))


def _from_answers(path: Path, truth: Path | None, same: Equivalence) -> System:
    if truth is None:
        raise InputError(f"{path} is a file of answers; expected --truth FILE with its cases beside it")
    answers = {str(a.get("id")): a for a in read_lines(path)}
    judged = _judgements(judgements_path(path))
    cases: list[Graded] = []
    for row in read_lines(truth):
        ids = tuple(map(str, row.get("diagnosis") or ()))
        if not ids:
            continue
        answer = answers.get(str(row["id"]), {})
        outcome = outcome_of(ids, answers.get(str(row["id"])), same)
        graded = Graded(
            id=str(row["id"]),
            disease="+".join(sorted({same(i) for i in ids})),
            diagnosis=ids,
            diagnosis_name=row.get("diagnosis_name") or "",
            set=str(row.get("writer") or row.get("dataset") or "all"),
            split=str(row.get("split") or ""),
            category=row.get("category") or "",
            rank=outcome.rank if isinstance(outcome, Found) else None,
            entries=(),
        )
        cases.append(_with_answer(graded, answer, judged))
    return _system(cases, list(answers.values()), path.stem)


def _with_answer(graded: Graded, answer: Mapping[str, Any], judged: Mapping[str, LlmJudged]) -> Graded:
    weighing = answer.get("weighing") or {}
    fallback = bool(weighing.get("fallback"))
    own = weighing.get("diagnoses") if weighing and not fallback else answer.get("differential")
    entries = tuple(str(e.get("name") or "") for e in (own or [])[:LISTED])
    one = judged.get(graded.id)
    # A judgement of another list, from before the run was made anew, says nothing about this one.
    fits = one is not None and one.entries == tuple(e for e in entries if e.strip())
    return replace(graded, entries=entries, fallback=fallback, judged=one if fits else None)


def _system(cases: Sequence[Graded], answers: Sequence[Mapping[str, Any]], engine: str) -> System:
    weighings = {(w["arm"], w["model"]) for a in answers if (w := a.get("weighing"))}
    if len(weighings) > 1:
        raise InputError(f"{engine}: expected answers of one arm and one model, found {sorted(weighings)}; split them")
    arm, model = next(iter(weighings), ("", ""))
    return System(engine, arm, model, tuple(cases))


def _judgements(path: Path) -> dict[str, LlmJudged]:
    found: dict[str, LlmJudged] = {}
    versions: set[tuple[str, tuple[str, str]]] = set()
    for number, row in enumerate(read_lines(path) if path.is_file() else [], 1):
        try:
            one = llm_judged_from_data(row)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{path} line {number}: expected a judgement; {error!r}. Judge again.") from error
        versions.add((one.model, one.prompts))
        found[one.id] = one
    if len(versions) > 1:
        raise InputError(f"{path}: judgements of several models or prompt versions share no table; judge anew")
    return found


def _corpus(path: Path) -> Corpus:
    counts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                chat = json.loads(line)
                messages = chat["messages"]
                labels = sum(len(m.get("findings") or ()) for m in messages)
                key = str(chat.get("writer") or "all"), str(chat.get("split") or "all")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise InputError(f"{path} line {number}: expected a chat line; {error!r}") from error
            counts.setdefault(key, []).append((labels, len(messages)))
    return Corpus(counts)
