"""Trained models that propose diseases from a conversation, behind one contract."""

from __future__ import annotations

from rarescale.candidates.bayes import NaiveBayes, counted
from rarescale.candidates.compact import CompactModel, load_compact, shipped_model
from rarescale.candidates.contract import CandidateModel, Proposal, Talk, ordered
from rarescale.candidates.expert_list import ExpertList
from rarescale.candidates.features import FindingSpace, word_features
from rarescale.candidates.talk import talk_of

__all__ = [
    "CandidateModel",
    "CompactModel",
    "ExpertList",
    "FindingSpace",
    "NaiveBayes",
    "Proposal",
    "Talk",
    "counted",
    "load_compact",
    "ordered",
    "shipped_model",
    "talk_of",
    "word_features",
]
