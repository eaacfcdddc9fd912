"""CUPCase: a table with `clean_case_presentation`, `correct_diagnosis` and `distractor1` to `distractor3`."""

from __future__ import annotations

from rarescale.evaluation.benchmarks.contract import Loaded, Question, Source
from rarescale.evaluation.benchmarks.loaders.choices import shuffled, too_few
from rarescale.evaluation.benchmarks.names import DiseaseOf, named_in
from rarescale.evaluation.benchmarks.rows import Row, rows_of
from rarescale.record import Note

STEM = "Which diagnosis is the right one for this patient?"
_DISTRACTORS = ("distractor1", "distractor2", "distractor3")


def load_cupcase(source: Source) -> Loaded:
    """Each case as a question of four diagnoses, and as a note whose diagnosis is to be listed."""
    rows = rows_of(source.file)
    questions = {row.number: _question(row) for row in rows}
    drawn = source.draw(rows)
    return Loaded(
        len(rows),
        cases=tuple(_note(row, source.disease) for row in drawn),
        questions=tuple(questions[row.number] for row in drawn),
        by=("diagnosis_in_text",),
    )


def _question(row: Row) -> Question:
    right, wrong = row.text("correct_diagnosis"), [row.text(key) for key in _DISTRACTORS]
    if len({right, *wrong}) != 1 + len(wrong):
        raise too_few(row, [right, *wrong])
    text = row.text("clean_case_presentation")
    options, letter = shuffled(right, wrong, text)
    return Question(f"CUPCASE_{row.number}", row.origin, f"{text}\n\n{STEM}", options, letter)


def _note(row: Row, disease: DiseaseOf) -> Note:
    text, name = row.text("clean_case_presentation"), row.text("correct_diagnosis").rstrip(".")
    return Note(
        id=f"CUPCASE_{row.number}",
        origin=row.origin,
        text=text,
        diagnosis=disease.ids(name),
        diagnosis_name=name,
        extra={"dataset": "cupcase", "diagnosis_in_text": named_in(text, [name])},
    )
