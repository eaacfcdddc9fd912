"""The benchmarks of the field: what they are, how to get them, and how we do on them beside published figures."""

from rarescale.evaluation.benchmarks.choosing import QUESTION_PROMPT, Chosen, choose_by_list, choosing
from rarescale.evaluation.benchmarks.contract import ClosedList, Loaded, Question
from rarescale.evaluation.benchmarks.download import fetch_benchmark
from rarescale.evaluation.benchmarks.files import default_folder
from rarescale.evaluation.benchmarks.loading import Opened, open_benchmark
from rarescale.evaluation.benchmarks.measures import average_rank, ddf1, ddp, ddr, gtpa
from rarescale.evaluation.benchmarks.questions import check_questions, write_questions
from rarescale.evaluation.benchmarks.ranking import ranking_measures, run_ranking
from rarescale.evaluation.benchmarks.registry import Benchmark, Figure, Wanted, all_benchmarks, benchmark_named
from rarescale.evaluation.benchmarks.texts import benchmark_card, benchmark_text, benchmarks_text

__all__ = [
    "QUESTION_PROMPT",
    "Benchmark",
    "Chosen",
    "ClosedList",
    "Figure",
    "Loaded",
    "Opened",
    "Question",
    "Wanted",
    "all_benchmarks",
    "average_rank",
    "benchmark_card",
    "benchmark_named",
    "benchmark_text",
    "benchmarks_text",
    "check_questions",
    "choose_by_list",
    "choosing",
    "ddf1",
    "ddp",
    "ddr",
    "default_folder",
    "fetch_benchmark",
    "gtpa",
    "open_benchmark",
    "ranking_measures",
    "run_ranking",
    "write_questions",
]
