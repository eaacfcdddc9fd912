"""PhenoBrain's public test set: a JSON array of pairs, each a list of HPO ids and a list of disease ids."""

from __future__ import annotations

from typing import Any

from rarescale.evaluation.benchmarks.contract import Loaded, Source
from rarescale.evaluation.benchmarks.damage import damaged, in_words
from rarescale.evaluation.benchmarks.loaders.terms import case_of_terms
from rarescale.evaluation.benchmarks.rows import json_of
from rarescale.record import Case


def load_phenobrain(source: Source) -> Loaded:
    """All pairs as cases. Several diseases of one case are taken as one truth, as the publishers do."""
    value = json_of(source.file)
    if not isinstance(value, list) or not value:
        raise damaged(source.file.name, found=in_words(value), expected="a JSON array of pairs that is not empty")
    cases = [_case(pair, k, f"{source.file.name} item {k + 1}") for k, pair in enumerate(value)]
    return Loaded(len(cases), cases=tuple(source.draw(cases)))


def _case(pair: Any, number: int, origin: str) -> Case:
    if not isinstance(pair, list) or len(pair) != 2:
        raise damaged(origin, found=in_words(pair), expected="a pair: HPO ids, disease ids")
    return case_of_terms(f"PHENOBRAIN_{number}", origin, pair[0], pair[1], dataset="phenobrain_public")
