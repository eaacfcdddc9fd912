"""DDXPlus: `release_evidences.json`, `release_conditions.json`, and patients as CSV with `AGE`, `SEX`, `PATHOLOGY`,
`EVIDENCES`, `INITIAL_EVIDENCE`, `DIFFERENTIAL_DIAGNOSIS` (Python literals in the last three but one).

Each patient becomes a chat: the catalogue's question from the clinician, its answer from the patient, the initial
evidence first. Evidences with their default value count as not there, as the publishers say.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rarescale.evaluation.benchmarks.contract import ClosedList, Loaded, Source
from rarescale.evaluation.benchmarks.damage import damaged, in_words
from rarescale.evaluation.benchmarks.loaders.ddxplus_names import pathology_ids
from rarescale.evaluation.benchmarks.rows import Row, json_of, rows_of
from rarescale.record import MAX_AGE_YEARS, Chat, DiseaseId, Message, Role

LEAST = 0.01
"""A disease of the gold differential counts from this probability on (`tres` in the publishers' metrics.py)."""

_SEXES = {"M": "male", "F": "female"}
_VALUE = "_@_"


@dataclass(frozen=True)
class _Evidence:
    question: str
    default: str
    answers: Mapping[str, str]

    def answer(self, value: str | None) -> str:
        """What the patient says; a value without a meaning is a number on a scale."""
        return "Yes" if value is None else self.answers.get(value, value)


def load_ddxplus(source: Source) -> Loaded:
    """The patients drawn, the 49 diseases and each patient's own differential."""
    evidences = _evidences(source.files["release_evidences.json"])
    pathologies = _pathologies(source.files["release_conditions.json"])
    options = {name: pathology_ids(name, source.disease) for name in dict.fromkeys(pathologies.values())}
    rows = rows_of(source.files["release_test_patients.zip"], "")
    chats, truth, gold = [], {}, {}
    for row in source.draw(rows):
        name = _pathology(row, row.text("PATHOLOGY"), "PATHOLOGY", pathologies)
        chat = _chat(row, evidences, name, options[name])
        chats.append(chat)
        truth[chat.id] = name
        gold[chat.id] = _gold(row, pathologies)
    unmapped = [name for name in options if name in source.disease.unmapped]
    remarks = [f"{len(options) - len(unmapped)} of {len(options)} pathologies are diseases of the knowledge"]
    return Loaded(len(rows), cases=tuple(chats), closed=ClosedList(options, truth, gold), remarks=tuple(remarks))


def _catalogue(path: Path) -> Mapping[str, Mapping[str, Any]]:
    value = json_of(path)
    if not isinstance(value, dict) or not value or not all(isinstance(v, dict) for v in value.values()):
        raise damaged(path.name, found=in_words(value), expected="an object of objects by name")
    return value


def _evidences(path: Path) -> dict[str, _Evidence]:
    found = {}
    for name, value in _catalogue(path).items():
        question, meanings = value.get("question_en"), value.get("value_meaning")
        if not isinstance(question, str) or not isinstance(meanings, dict) or "default_value" not in value:
            raise damaged(
                f"{path.name}, {name!r}",
                found=f"the keys {', '.join(value)}",
                expected="question_en, value_meaning and default_value",
            )
        answers = {code: str(m.get("en", code)) for code, m in meanings.items() if isinstance(m, dict)}
        found[name] = _Evidence(question, str(value["default_value"]), answers)
    return found


def _pathologies(path: Path) -> dict[str, str]:
    """Every spelling that patients may use, to the English name."""
    found = {}
    for key, value in _catalogue(path).items():
        english = value.get("cond-name-eng")
        if not isinstance(english, str) or not english.strip():
            raise damaged(f"{path.name}, {key!r}", found=in_words(english), expected="a text under cond-name-eng")
        spellings = (key, value.get("condition_name"), value.get("cond-name-fr"), english)
        found.update({s: english.strip() for s in spellings if isinstance(s, str)})
    return found


def _pathology(row: Row, name: str, key: str, pathologies: Mapping[str, str]) -> str:
    if name not in pathologies:
        raise row.wrong(key, name, "a pathology of release_conditions.json")
    return pathologies[name]


def _chat(row: Row, evidences: Mapping[str, _Evidence], name: str, ids: Sequence[DiseaseId]) -> Chat:
    sex, age = row.text("SEX"), row.whole("AGE")
    if sex not in _SEXES:
        raise row.wrong("SEX", sex, "M or F")
    if not 0 <= age <= MAX_AGE_YEARS:
        raise row.wrong("AGE", age, f"0 to {MAX_AGE_YEARS:.0f} years")
    messages = [Message(role=Role.SYSTEM, content=f"{age} years old, {_SEXES[sex]}.")]
    for evidence, values in _said(row, evidences).items():
        told = ", ".join(evidences[evidence].answer(v) for v in values)
        messages.append(Message(role=Role.CLINICIAN, content=evidences[evidence].question))
        messages.append(Message(role=Role.PATIENT, content=f"{told}."))
    return Chat(
        id=f"DDXPLUS_{row.number}",
        origin=row.origin,
        messages=tuple(messages),
        diagnosis=tuple(ids),
        diagnosis_name=name,
        extra={"dataset": "ddxplus"},
    )


def _said(row: Row, evidences: Mapping[str, _Evidence]) -> dict[str, list[str | None]]:
    """Evidence to its values, the initial one first; default values are left out."""
    listed = [row.text("INITIAL_EVIDENCE"), *_literal(row, "EVIDENCES", str)]
    found: dict[str, list[str | None]] = {}
    for text in listed:
        name, sign, value = text.partition(_VALUE)
        if name not in evidences:
            raise row.wrong("EVIDENCES", text, "evidences of release_evidences.json")
        said = value if sign else None
        if said == evidences[name].default or said in found.get(name, ()):
            continue
        found.setdefault(name, []).append(said)
    # The initial evidence stands alone as a name; where the list gives it values, these say more.
    return {name: [v for v in values if v is not None] or values for name, values in found.items()}


def _gold(row: Row, pathologies: Mapping[str, str]) -> tuple[str, ...]:
    key = "DIFFERENTIAL_DIAGNOSIS"
    pairs = _literal(row, key, list)
    for pair in pairs:
        if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], int | float):
            raise row.wrong(key, pair, "pairs of a pathology and its probability")
    likely = sorted((p for p in pairs if p[1] > LEAST), key=lambda p: -p[1])
    return tuple(_pathology(row, name, key, pathologies) for name, _ in likely)


def _literal(row: Row, key: str, kind: type) -> list[Any]:
    text = row.text(key)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise row.wrong(key, text, f"a list as Python writes it ({error})") from error
    if not isinstance(value, list) or not all(isinstance(v, kind) for v in value):
        raise row.wrong(key, text, "a list as Python writes it")
    return value
