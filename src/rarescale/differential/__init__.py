"""From an expert's differential and proposed candidates to the final one, with a language model or without.

With one, `weigh` is a task for `rarescale.llm`: two passes of the model over what was said, checked and brought home to
diseases of the knowledge.
"""

from rarescale.differential.candidate_files import read_candidates
from rarescale.differential.fusion import Fused, FusionSettings, fuse
from rarescale.differential.llm import Patient, Settings, weigh
from rarescale.differential.llm_few_shot import SHOTS, CaseBank, SolvedCase, papers_of
from rarescale.differential.llm_names import CandidateName, DiseaseNames

__all__ = [
    "SHOTS",
    "CandidateName",
    "CaseBank",
    "DiseaseNames",
    "Fused",
    "FusionSettings",
    "Patient",
    "Settings",
    "SolvedCase",
    "fuse",
    "papers_of",
    "read_candidates",
    "weigh",
]
