"""ReDis-QA: a table with `question`, `opa` to `opd`, `cop` (0 = opa) and `rare disease` (a list of names)."""

from __future__ import annotations

from rarescale.evaluation.benchmarks.contract import Loaded, Question, Source
from rarescale.evaluation.benchmarks.loaders.choices import LETTERS, lettered
from rarescale.evaluation.benchmarks.rows import Row, rows_of

_OPTIONS = ("opa", "opb", "opc", "opd")


def load_redis(source: Source) -> Loaded:
    """All questions; the rare disease is the topic."""
    questions = [_question(row) for row in rows_of(source.file)]
    return Loaded(len(questions), questions=tuple(source.draw(questions)))


def _question(row: Row) -> Question:
    options = lettered([row.text(key) for key in _OPTIONS])
    right = row.whole("cop")
    if not 0 <= right < len(_OPTIONS):
        raise row.wrong("cop", right, "0 to 3, for opa to opd")
    value = row.value.get("rare disease")
    names = [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
    topic = names[0] if names else value if isinstance(value, str) and value.strip() else None
    return Question(f"REDIS_{row.number}", row.origin, row.text("question"), options, LETTERS[right], topic)
