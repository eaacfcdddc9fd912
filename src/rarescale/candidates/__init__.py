"""Trained models that propose diseases from a conversation, behind one contract."""

from __future__ import annotations

from rarescale.candidates.compact import CompactModel, load_compact, shipped_model
from rarescale.candidates.contract import CandidateModel, Proposal, Talk, ordered
from rarescale.candidates.features import FindingSpace, word_features
from rarescale.candidates.talk import talk_of

__all__ = [
    "CandidateModel",
    "CompactModel",
    "FindingSpace",
    "Proposal",
    "Talk",
    "load_compact",
    "ordered",
    "shipped_model",
    "talk_of",
    "word_features",
]
