"""How well does it work? Outcomes, metrics with intervals, paired tests, the scorer of answer files, and a judge.

Definitions live one to a file; nothing here knows how an answer came about.
"""

from rarescale.evaluation.balance import Balance, Judged, balance
from rarescale.evaluation.calibration import Bin, brier, expected_calibration_error, reliability
from rarescale.evaluation.intervals import Interval, cluster_interval
from rarescale.evaluation.judge import Judge, Judgement, Level
from rarescale.evaluation.llm_judge import Listed, LlmJudged, judging, llm_judged_from_data
from rarescale.evaluation.llm_judge_agreement import Agreement, agreement, kappa
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
from rarescale.evaluation.runs import (
    Engine,
    EngineOptions,
    LeftOut,
    Metered,
    Mode,
    OwnPapers,
    Run,
    RunSettings,
    Truth,
    Truths,
    compare_runs,
    comparison_text,
    engine_names,
    evaluate_run,
    measure,
    open_engine,
    outcome_in,
    papers_of,
    read_run,
    register_engine,
    run_text,
)
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
from rarescale.evaluation.tables import make_report
from rarescale.evaluation.tables_load import judgements_path, lists_of, read_material, toy_runs
from rarescale.evaluation.tables_published import published
from rarescale.evaluation.tables_records import Table
from rarescale.evaluation.tables_text import report_text

__all__ = [
    "Agreement",
    "Balance",
    "Bin",
    "Comparison",
    "Engine",
    "EngineOptions",
    "Equivalence",
    "Found",
    "Interval",
    "Judge",
    "Judged",
    "Judgement",
    "LeftOut",
    "Level",
    "Listed",
    "LlmJudged",
    "Metered",
    "Mode",
    "NotFound",
    "NotScored",
    "Outcome",
    "OwnPapers",
    "PairedTest",
    "Profiles",
    "Run",
    "RunSettings",
    "Scored",
    "Table",
    "Tally",
    "Truth",
    "Truths",
    "agreement",
    "balance",
    "brier",
    "by",
    "cluster_interval",
    "compare",
    "compare_runs",
    "comparison_text",
    "engine_names",
    "equivalence",
    "evaluate_run",
    "expected_calibration_error",
    "graded_ndcg",
    "holm",
    "judgements_path",
    "judging",
    "kappa",
    "lists_of",
    "llm_judged_from_data",
    "make_report",
    "mcnemar",
    "measure",
    "median_rank",
    "mrr",
    "ndcg",
    "one_by_one",
    "open_engine",
    "outcome_in",
    "outcome_in_scores",
    "outcome_of",
    "papers_of",
    "published",
    "rank_counts",
    "rank_of",
    "read_lines",
    "read_mapping",
    "read_material",
    "read_run",
    "reciprocal_rank",
    "register_engine",
    "reliability",
    "report_text",
    "run_text",
    "score_cases",
    "score_files",
    "score_text",
    "shown",
    "sign",
    "summaries",
    "summary",
    "tally",
    "top_k",
    "toy_runs",
    "wilcoxon",
]
