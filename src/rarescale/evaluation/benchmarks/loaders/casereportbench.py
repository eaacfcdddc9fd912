"""CaseReportBench: a table with `pmcid`, `text`, fourteen columns of findings by organ system, and
`Confirmed_Diagnosis(IEM)`; its cells are read as texts or lists of texts."""

from __future__ import annotations

from typing import Any

from rarescale.evaluation.benchmarks.contract import Loaded, Source
from rarescale.evaluation.benchmarks.damage import damaged
from rarescale.evaluation.benchmarks.names import DiseaseOf, named_in
from rarescale.evaluation.benchmarks.rows import Row, rows_of
from rarescale.record import Note

DIAGNOSIS = "Confirmed_Diagnosis(IEM)"
SYSTEMS = (
    *("Vitals_Hema", "EENT", "Neuro", "CVS", "RESP", "GI", "GU", "MSK", "DERM", "LYMPH", "ENDO", "Pregnancy"),
    *("Lab_Image", "History"),
)
_NOTHING = ("", "nan", "none", "null", "n/a", "na", "[]", "{}")


def load_casereportbench(source: Source) -> Loaded:
    """Reports with a confirmed diagnosis as notes; the others are counted in a remark."""
    rows = rows_of(source.file)
    for row in rows:
        if missing := [key for key in ("pmcid", "text", DIAGNOSIS, *SYSTEMS) if key not in row.value]:
            raise damaged(row.origin, found=f"no column {', '.join(missing)}", expected="all published columns")
    notes = [note for row in rows if (note := _note(row, source.disease)) is not None]
    if not notes:
        raise damaged(source.file.name, found="no report with a confirmed diagnosis", expected="at least one")
    left = len(rows) - len(notes)
    remarks = (f"{left} reports name no confirmed diagnosis and are left out",) if left else ()
    return Loaded(len(rows), cases=tuple(source.draw(notes)), by=("diagnosis_in_text",), remarks=remarks)


def _note(row: Row, disease: DiseaseOf) -> Note | None:
    text, names = row.text("text"), _cell(row, DIAGNOSIS)
    if not names:
        return None
    pmcid = row.text("pmcid")
    return Note(
        id=pmcid,
        origin=row.origin,
        text=text,
        diagnosis=disease.ids(*names),
        diagnosis_name=names[0],
        extra={"dataset": "casereportbench", "diagnosis_in_text": named_in(text, names)},
    )


def _cell(row: Row, key: str) -> list[str]:
    value: Any = row.value[key]
    listed = value if isinstance(value, list) else [value]
    if not all(v is None or isinstance(v, str) for v in listed):
        raise row.wrong(key, value, "a text, a list of texts, or nothing")
    return [v.strip() for v in listed if v is not None and v.strip().casefold() not in _NOTHING]
