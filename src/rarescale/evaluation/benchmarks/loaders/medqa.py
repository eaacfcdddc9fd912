"""MedQA: one JSON object a line with `question`, `options` by letter, `answer_idx`, `answer` in words, `meta_info`."""

from __future__ import annotations

from rarescale.evaluation.benchmarks.contract import Loaded, Question, Source
from rarescale.evaluation.benchmarks.loaders.choices import letter_of, must_agree, options_of
from rarescale.evaluation.benchmarks.rows import Row, rows_of


def load_medqa(source: Source) -> Loaded:
    """All questions; the step of the examination is the topic."""
    questions = [_question(row) for row in rows_of(source.file)]
    return Loaded(len(questions), questions=tuple(source.draw(questions)))


def _question(row: Row) -> Question:
    options = options_of(row, "options")
    letter = letter_of(row, "answer_idx", options)
    if row.has("answer"):
        must_agree(row, "answer", options[letter])
    topic = row.text("meta_info") if row.has("meta_info") else None
    return Question(f"MEDQA_{row.number}", row.origin, row.text("question"), options, letter, topic)
