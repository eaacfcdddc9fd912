"""RareBench: one JSON object a line with `Phenotype` (HPO ids), `RareDisease` (OMIM, ORPHA and CCRD ids), and in
PUMCH_ADM also `Department`; five files in one zip archive."""

from __future__ import annotations

from rarescale.evaluation.benchmarks.contract import Loaded, Source
from rarescale.evaluation.benchmarks.loaders.terms import case_of_terms
from rarescale.evaluation.benchmarks.rows import Row, rows_of
from rarescale.record import Case


def load_rarebench(source: Source) -> Loaded:
    """The cases of one of the five sets, numbered from 0 as everybody numbers them."""
    subset = source.benchmark.subset or ""
    rows = rows_of(source.file, f"{subset}.jsonl")
    cases = [_case(row, subset) for row in rows]
    return Loaded(len(cases), cases=tuple(source.draw(cases)))


def _case(row: Row, subset: str) -> Case:
    more = {"department": row.value["Department"]} if row.has("Department") else {}
    terms = row.value["Phenotype"] if "Phenotype" in row.value else row.texts("Phenotype")
    diseases = row.value["RareDisease"] if "RareDisease" in row.value else row.texts("RareDisease")
    return case_of_terms(f"{subset}_{row.number}", row.origin, terms, diseases, dataset=f"rarebench_{subset}", **more)
