"""MyGene2 as SHEPHERD prepares it: one JSON object a line with `id`, `positive_phenotypes`, `true_genes`, and `omim`,
`orpha_id`, `disease_name` where known (its README, "Prepare your own patient dataset")."""

from __future__ import annotations

from typing import Any

from rarescale.evaluation.benchmarks.contract import Loaded, Source
from rarescale.evaluation.benchmarks.damage import damaged
from rarescale.evaluation.benchmarks.loaders.terms import case_of_terms
from rarescale.evaluation.benchmarks.rows import Row, rows_of
from rarescale.record import Case


def load_mygene2(source: Source) -> Loaded:
    """The patients that name a disease by OMIM or Orphanet id; the others are counted in a remark."""
    rows = rows_of(source.file)
    found = [_case(row) for row in rows]
    cases = [case for case in found if case is not None]
    if not cases:
        raise damaged(source.file.name, found="no patient with omim or orpha_id", expected="at least one")
    left = len(found) - len(cases)
    remarks = (f"{left} patients name neither an OMIM nor an Orphanet id and are left out",) if left else ()
    return Loaded(len(found), cases=tuple(source.draw(cases)), remarks=remarks)


def _case(row: Row) -> Case | None:
    id, terms = row.text("id"), list(row.texts("positive_phenotypes"))
    diseases = [f"OMIM:{n}" for n in _numbers(row, "omim")] + [f"ORPHA:{n}" for n in _numbers(row, "orpha_id")]
    if not diseases:
        return None
    name = row.text("disease_name") if row.has("disease_name") else None
    return case_of_terms(id, row.origin, terms, diseases, name=name, dataset="mygene2")


def _numbers(row: Row, key: str) -> list[int]:
    """A number, a text of digits, or a list of these; null and an absent key say nothing."""
    value: Any = row.value.get(key)
    listed = value if isinstance(value, list) else [] if value in (None, "") else [value]
    if not all(isinstance(v, int | str) and str(v).isdecimal() for v in listed):
        raise row.wrong(key, value, "numbers of disease entries")
    return [int(v) for v in listed]
