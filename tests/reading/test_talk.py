"""Pairs of part and complaint, of measurement and result, and activities that are no longer possible."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from rarescale.knowledge import open_knowledge
from rarescale.reading import DictionaryReader, Name
from rarescale.reading.talk import read_table, shipped_talk
from rarescale.reading.talk.tables import TABLES, term_of, words_of
from rarescale.reading.tokens import tokenize
from rarescale.record import Note

TERM_COLUMNS = ("term", "high", "low", "abnormal")
CELLS = sorted(
    {(name, row[column]) for name in TABLES for row in read_table(name) for column in TERM_COLUMNS if row.get(column)}
)
LABELS = {term_of(cell): cell.partition("(")[2].removesuffix(")") for _, cell in CELLS}


def told(text: str) -> set[tuple[str, bool]]:
    return {(LABELS[one.term], one.normal) for one in shipped_talk().find(tokenize(text))}


@pytest.mark.parametrize("name", TABLES)
def test_every_term_of_a_table_is_a_finding_of_the_ontology_under_its_label(name: str) -> None:
    ontology = open_knowledge().ontology
    for cell in (cell for table, cell in CELLS if table == name):
        index = ontology.index(term_of(cell))
        assert index is not None and ontology.is_finding[index], cell
        assert cell == f"{term_of(cell)} ({ontology.label(term_of(cell))})"


def test_no_expression_means_two_things() -> None:
    assert shipped_talk().body.clashes == [] and shipped_talk().results.clashes == []


def test_pairs_name_parts_and_complaints_that_exist_and_stand_once() -> None:
    parts = {row["part"]: row["above"] for row in read_table("parts")}
    complaints = {row["complaint"] for row in read_table("complaints")}
    pairs = [(row["part"], row["complaint"]) for row in read_table("pairs")]
    assert {part for part, _ in pairs} <= set(parts) and {above for above in parts.values() if above} <= set(parts)
    assert {complaint for _, complaint in pairs} <= complaints
    assert [pair for pair, n in Counter(pairs).items() if n > 1] == []


def test_thresholds_are_of_known_measurements_and_do_not_overlap() -> None:
    known = {words_of(row["names"])[0] for row in read_table("analytes")}
    spans: dict[str, list[tuple[float, float]]] = {}
    for row in read_table("thresholds"):
        assert row["measure"] in known and row["source"]
        spans.setdefault(row["measure"], []).append((float(row["least"]), float(row["most"])))
    for listed in spans.values():
        ordered = sorted(listed)
        assert all(low[1] < high[0] for low, high in pairwise(ordered))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("my knee is killing me", "Knee pain"),
        ("the left side of her face drooped", "Facial palsy"),
        ("my ears keep ringing", "Tinnitus"),
        ("her lips look blue", "Lip cyanosis"),
        ("I lost all feeling in both hands", "Hypoesthesia"),
        ("there's a lump in my breast", "Breast mass"),
        ("his arm isn't working", "Upper limb muscle weakness"),
        ("pain that goes down my leg", "Lower limb pain"),
        ("weakness in my right arm", "Upper limb muscle weakness"),
        ("my hair is falling out", "Alopecia"),
        ("his eyes have gone yellow", "Jaundice"),
        ("my gums bleed", "Gingival bleeding"),
        ("my heart was pounding", "Palpitations"),
        ("she can't climb stairs", "Difficulty climbing stairs"),
        ("he couldn't do up his buttons any more", "Poor fine motor coordination"),
        ("he can't keep food down", "Vomiting"),
        ("Mum struggles to get up from a chair", "Difficulty standing"),
        ("my creatine kinase was elevated", "Elevated circulating creatine kinase concentration"),
        ("blood count was rock bottom", "Pancytopenia"),
        ("my iron's been low for years", "Decreased circulating iron concentration"),
        ("liver enzymes were through the roof", "Elevated circulating hepatic transaminase concentration"),
        ("not enough red blood cells", "Anemia"),
        ("the ANA came back positive", "Antinuclear antibody positivity"),
        ("my thyroid levels were off", "Abnormality of thyroid physiology"),
        ("platelets dropped", "Thrombocytopenia"),
        ("low vitamin d", "Decreased circulating vitamin D concentration"),
        ("he had a sugar of 22", "Hyperglycemia"),
        ("blood pressure 180/110", "Hypertension"),
        ("her temperature was 39.5", "Fever"),
        ("sats of 85", "Hypoxemia"),
        ("his heart rate was 140", "Tachycardia"),
        ("platelets were 12,000", "Thrombocytopenia"),
    ],
)
def test_two_things_together_tell_a_finding(text: str, label: str) -> None:
    assert (label, False) in told(text)


def test_a_list_shares_its_complaint() -> None:
    pains = {("Hip pain", False), ("Knee pain", False), ("Ankle pain", False)}
    assert told("pain in my hips, knees and ankles") == pains
    assert told("my hips, knees and ankles hurt") == pains
    assert told("chest pain and knee swelling") == {("Chest pain", False), ("Joint swelling", False)}


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("ammonia was normal", {"Hyperammonemia"}),
        ("his thyroid levels came back fine", {"Hyperthyroidism", "Hypothyroidism"}),
        ("the ANA was negative", {"Antinuclear antibody positivity"}),
    ],
)
def test_a_normal_result_denies_what_it_excludes(text: str, denied: set[str]) -> None:
    assert told(text) == {(label, True) for label in denied}


@pytest.mark.parametrize(
    "text",
    [
        "I eat too much sugar",
        "the back of the car hurts to look at",
        "red lumps on my shins",
        "my hands are full",
        "I weakly waved, then my arms",
        "blood pressure 120/80",
        "temperature of 36.8",
        "oxygen for 85 days",
        "iron tablets for 3 weeks",
        "the lactate in the spinal fluid was low",
        "we climb stairs together",
        "I sat down and had a glass of water",
        "I hurt for him when I see it",
        "my knee. It was a long day, pain aside",
        "the chest of drawers is heavy",
    ],
)
def test_other_talk_tells_nothing(text: str) -> None:
    assert told(text) == set()


NAMES = [Name(term, label, kind) for term, label in LABELS.items() for kind in ("label", "paired", "normal")]
READER = DictionaryReader(NAMES, ancestors=lambda _term: ())


def states(text: str) -> dict[str, str]:
    return {f.label: f.state.value for f in READER.read(Note(id="n", text=text)).findings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("His knee is killing him.", {"Knee pain": "present"}),
        ("His knee doesn't hurt.", {"Knee pain": "absent"}),
        ("His potassium was normal.", {"Hyperkalemia": "absent", "Hypokalemia": "absent"}),
        ("His potassium was not normal.", {"Abnormal blood potassium concentration": "present"}),
        ("His potassium wasn't low.", {"Hypokalemia": "absent"}),
        ("He couldn't climb the stairs any more.", {"Difficulty climbing stairs": "present"}),
        ("His mother's potassium was low.", {}),
        ("If his potassium is low he gets tablets.", {}),
        ("The inhaler isn't working, and his lips look blue.", {"Lip cyanosis": "present"}),
    ],
)
def test_scopes_hold_for_pairs(text: str, expected: dict[str, str]) -> None:
    assert states(text) == expected
