"""The 49 pathologies of DDXPlus as diseases of ours: by name, else by the reviewed table beside this file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from rarescale.evaluation.benchmarks.names import DiseaseOf
from rarescale.record import DiseaseId


@cache
def ddxplus_names() -> dict[str, tuple[str, ...]]:
    """English name of a pathology -> the names of the diseases that count as it."""
    text = files("rarescale.evaluation.benchmarks.loaders").joinpath("ddxplus_names.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:] if line)
    return {row[0]: tuple(name.strip() for name in row[1].split("|")) for row in rows}


def pathology_ids(name: str, disease: DiseaseOf) -> tuple[DiseaseId, ...]:
    """All ids that count as the pathology; a stand-in where the knowledge has nothing for it."""
    found = [i for n in ddxplus_names().get(name, ()) for i in disease.known(n)]
    return tuple(dict.fromkeys(found)) or disease.ids(name)
