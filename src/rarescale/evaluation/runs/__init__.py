"""Runs: an engine on a set of cases, in a folder that explains itself; two of them compared case by case."""

from rarescale.evaluation.runs.comparison import compare_runs
from rarescale.evaluation.runs.engine import (
    Engine,
    EngineOptions,
    Metered,
    engine_names,
    factory_place,
    open_engine,
    register_engine,
)
from rarescale.evaluation.runs.folder import Run, read_run
from rarescale.evaluation.runs.measures import measure, outcome_in
from rarescale.evaluation.runs.own_paper import MODES, LeftOut, Mode, OwnPapers, papers_of
from rarescale.evaluation.runs.running import evaluate_run
from rarescale.evaluation.runs.settings import RunSettings
from rarescale.evaluation.runs.texts import comparison_text, run_text
from rarescale.evaluation.runs.truth import Truth, Truths

__all__ = [
    "MODES",
    "Engine",
    "EngineOptions",
    "LeftOut",
    "Metered",
    "Mode",
    "OwnPapers",
    "Run",
    "RunSettings",
    "Truth",
    "Truths",
    "compare_runs",
    "comparison_text",
    "engine_names",
    "evaluate_run",
    "factory_place",
    "measure",
    "open_engine",
    "outcome_in",
    "papers_of",
    "read_run",
    "register_engine",
    "run_text",
]
