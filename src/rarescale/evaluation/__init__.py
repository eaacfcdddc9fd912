"""How well does it work? Outcomes, metrics with intervals, paired tests, the scorer of answer files, and a judge.

Definitions live one to a file; nothing here knows how an answer came about.
"""

from rarescale.evaluation.balance import Balance, Judged, balance
from rarescale.evaluation.calibration import Bin, brier, expected_calibration_error, reliability
from rarescale.evaluation.intervals import Interval, cluster_interval
from rarescale.evaluation.judge import Judge, Judgement, Level
from rarescale.evaluation.metrics import (
    by,
    graded_ndcg,
    median_rank,
    mrr,
    ndcg,
    rank_counts,
    reciprocal_rank,
    shown,
    top_k,
)
from rarescale.evaluation.outcomes import Found, NotFound, NotScored, Outcome, Tally, rank_of, tally
from rarescale.evaluation.paired import Comparison, compare
from rarescale.evaluation.ranks import Equivalence, equivalence, one_by_one, outcome_in_scores, outcome_of
from rarescale.evaluation.score import (
    Scored,
    read_lines,
    read_mapping,
    score_cases,
    score_files,
    score_text,
    summaries,
    summary,
)
from rarescale.evaluation.significance import PairedTest, holm, mcnemar, sign, wilcoxon
from rarescale.evaluation.similarity import Profiles

__all__ = [
    "Balance",
    "Bin",
    "Comparison",
    "Equivalence",
    "Found",
    "Interval",
    "Judge",
    "Judged",
    "Judgement",
    "Level",
    "NotFound",
    "NotScored",
    "Outcome",
    "PairedTest",
    "Profiles",
    "Scored",
    "Tally",
    "balance",
    "brier",
    "by",
    "cluster_interval",
    "compare",
    "equivalence",
    "expected_calibration_error",
    "graded_ndcg",
    "holm",
    "mcnemar",
    "median_rank",
    "mrr",
    "ndcg",
    "one_by_one",
    "outcome_in_scores",
    "outcome_of",
    "rank_counts",
    "rank_of",
    "read_lines",
    "read_mapping",
    "reciprocal_rank",
    "reliability",
    "score_cases",
    "score_files",
    "score_text",
    "shown",
    "sign",
    "summaries",
    "summary",
    "tally",
    "top_k",
    "wilcoxon",
]
