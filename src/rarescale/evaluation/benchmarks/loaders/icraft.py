"""iCraft-MD in MediQ's `all_craft_md.jsonl`: `context` (sentences), `patient` (age, gender), `options` by letter,
`answer` in words and `answer_idx`."""

from __future__ import annotations

from typing import Any

from rarescale.evaluation.benchmarks.contract import Loaded, Question, Source
from rarescale.evaluation.benchmarks.loaders.choices import letter_of, must_agree, options_of
from rarescale.evaluation.benchmarks.names import DiseaseOf, named_in
from rarescale.evaluation.benchmarks.rows import Row, rows_of
from rarescale.record import Note


def load_icraft(source: Source) -> Loaded:
    """Each vignette as a note whose diagnosis is to be listed, and as a question of four diagnoses."""
    rows = rows_of(source.file)
    questions = {row.number: _question(row) for row in rows}
    drawn = source.draw(rows)
    return Loaded(
        len(rows),
        cases=tuple(_note(row, source.disease) for row in drawn),
        questions=tuple(questions[row.number] for row in drawn),
        by=("diagnosis_in_text",),
    )


def _text(row: Row) -> str:
    """Age and sex, then the sentences as they stand."""
    patient: Any = row.value.get("patient")
    if not isinstance(patient, dict) or not all(isinstance(patient.get(k), str) for k in ("age", "gender")):
        raise row.wrong("patient", patient, "an object with the texts age and gender")
    sentences = [s.rstrip(".") for s in row.texts("context")]
    return f"Age: {patient['age']}. Sex: {patient['gender']}. {'. '.join(sentences)}."


def _question(row: Row) -> Question:
    options = options_of(row, "options")
    letter = letter_of(row, "answer_idx", options)
    must_agree(row, "answer", options[letter])
    return Question(f"ICRAFT_{row.whole('id')}", row.origin, f"{_text(row)}\n\n{row.text('question')}", options, letter)


def _note(row: Row, disease: DiseaseOf) -> Note:
    name, text = row.text("answer"), _text(row)
    return Note(
        id=f"ICRAFT_{row.whole('id')}",
        origin=row.origin,
        text=text,
        diagnosis=disease.ids(name),
        diagnosis_name=name,
        extra={"dataset": "icraft_md", "diagnosis_in_text": named_in(text, [name])},
    )
