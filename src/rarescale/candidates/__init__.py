"""Trained models that propose diseases from a conversation, behind one contract."""

from __future__ import annotations

from rarescale.candidates.bayes import NaiveBayes, counted
from rarescale.candidates.compact import CompactModel, load_compact, shipped_model
from rarescale.candidates.contract import CandidateModel, Proposal, Talk, ordered
from rarescale.candidates.expert_list import ExpertList
from rarescale.candidates.features import FindingSpace, word_features
from rarescale.candidates.talk import talk_of
from rarescale.candidates.training import CorpusFacts, FitSettings, check_corpus, train

__all__ = [
    "CandidateModel",
    "CompactModel",
    "CorpusFacts",
    "ExpertList",
    "FindingSpace",
    "FitSettings",
    "NaiveBayes",
    "Proposal",
    "Talk",
    "check_corpus",
    "counted",
    "load_compact",
    "ordered",
    "shipped_model",
    "talk_of",
    "train",
    "word_features",
]
