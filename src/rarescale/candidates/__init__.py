"""Trained models that propose diseases from a conversation, behind one contract."""

from __future__ import annotations

from rarescale.candidates.bayes import NaiveBayes, counted
from rarescale.candidates.causal_lm import (
    LM_PRESETS,
    CausalLm,
    Decoding,
    LmProposal,
    LmSettings,
    lm_preset,
    load_causal_lm,
    needs_lm_libraries,
    train_causal_lm,
)
from rarescale.candidates.compact import CompactModel, load_compact, shipped_model
from rarescale.candidates.contract import CandidateModel, Proposal, Talk, ordered
from rarescale.candidates.expert_list import ExpertList
from rarescale.candidates.features import FindingSpace, word_features
from rarescale.candidates.talk import talk_of
from rarescale.candidates.training import CorpusFacts, FitSettings, check_corpus, train

__all__ = [
    "LM_PRESETS",
    "CandidateModel",
    "CausalLm",
    "CompactModel",
    "CorpusFacts",
    "Decoding",
    "ExpertList",
    "FindingSpace",
    "FitSettings",
    "LmProposal",
    "LmSettings",
    "NaiveBayes",
    "Proposal",
    "Talk",
    "check_corpus",
    "counted",
    "lm_preset",
    "load_causal_lm",
    "load_compact",
    "needs_lm_libraries",
    "ordered",
    "shipped_model",
    "talk_of",
    "train",
    "train_causal_lm",
    "word_features",
]
