"""Names are found whatever their order, number and spelling, and only as words."""

from __future__ import annotations

import pytest

from rarescale.reading import DictionaryReader, Name
from rarescale.reading.spelling import american
from rarescale.record import Note
from tests.reading.toy_names import READER, all_names, ancestors, chat, found, note, read


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("He has an enlarged liver.", "Hepatomegaly"),
        ("His liver is enlarged.", "Hepatomegaly"),
        ("The liver was very enlarged.", "Hepatomegaly"),
        ("They said the spleen is big.", "Splenomegaly"),
        ("I have headaches.", "Headache"),
        ("My head hurts.", "Headache"),
        ("There is pain in my knee.", "Knee pain"),
        ("My knees really hurt.", "Knee pain"),
        ("I have a sore knee.", "Knee pain"),
        ("An aching hip for weeks.", "Hip pain"),
        ("I have tummy ache.", "Stomach pain"),
        ("My belly hurts.", "Stomach pain"),
        ("She has anaemia.", "Anemia"),
        ("There was oedema.", "Edema"),
        ("He had diarrhoea.", "Diarrhea"),
        ("They found a tumour.", "Neoplasm"),
        ("Two tumours were seen.", "Neoplasm"),
        ("He keeps throwing up.", "Vomiting"),
        ("I threw up twice.", "Vomiting"),
        ("I lost weight.", "Weight loss"),
        ("I have been losing a lot of weight.", "Weight loss"),
        ("I have trouble swallowing.", "Difficulty swallowing"),
        ("I have problems with swallowing.", "Difficulty swallowing"),
        ("I struggle to swallow.", "Difficulty swallowing"),
        ("He can't walk.", "Inability to walk"),
        ("She is unable to walk.", "Inability to walk"),
        ("My nose bleeds.", "Nosebleed"),
        ("His fingernails are tiny.", "Small fingernails"),
        ("He is short of breath, I mean shortness of breath.", "Shortness of breath"),
        ("Patient's tremor is worse.", "Tremor"),
        ("FEVER SINCE MONDAY", "Fever"),
        ("The echo showed an ASD.", "Atrial septal defect"),
        ("tendon reflexes were absent", "Areflexia"),
        ("Her feet are swollen.", "Swollen feet"),
    ],
)
def test_a_name_is_found(text: str, label: str) -> None:
    assert label in read(text)[0]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Pain in my hips, knees and ankles.", {"Hip pain", "Knee pain", "Ankle pain"}),
        ("He has short arms and legs.", {"Short arms", "Short legs"}),
        ("My hands and feet are swollen.", {"Swollen hands", "Swollen feet"}),
        ("I have fever, chills and a cough.", {"Fever", "Chills", "Cough"}),
        ("I had nausea and vomiting.", {"Nausea and vomiting"}),
        ("I had nausea. And vomiting.", {"Nausea", "Vomiting"}),
        ("He had a febrile seizure.", {"Febrile seizure"}),
        ("I have an itchy rash.", {"Itchy rash"}),
        ("Absent nails.", {"Absent nails"}),
    ],
)
def test_enumerations_unfold_and_the_longest_name_wins(text: str, labels: set[str]) -> None:
    assert read(text)[0] == labels


@pytest.mark.parametrize(
    "text",
    [
        "He falls asleep at once.",
        "I asd about it.",
        "He is big.",
        "Something with the liver.",
        "My thyroid was checked.",
        "The knee. Pain was never a topic of ours.",
        "Feverish planning all week? no.",
        "I keep a diary.",
        "I swallow well and walk far.",
    ],
)
def test_ordinary_words_are_no_findings(text: str) -> None:
    assert read(text)[0] <= {"Pain"} and not read(text)[1] - {"Pain"}


def test_abbreviations_are_not_read_in_a_text_of_capitals() -> None:
    assert read("I HAVE BEEN TOLD ABOUT ASD AND SO ON")[0] == set()


def test_the_more_specific_of_two_terms_with_one_name_wins() -> None:
    names = [*all_names(), Name("HP:0002315", "Thunderclap", "exact"), Name("HP:0002076", "Thunderclap", "exact")]
    reading = DictionaryReader(names, ancestors=ancestors).read(note("Thunderclap today."))
    assert [f.id for f in reading.findings] == ["HP:0002076"]


def test_a_label_is_preferred_to_a_related_name() -> None:
    names = [Name("HP:0000001", "Blue toe syndrome", "related"), Name("HP:0000002", "Blue toe syndrome", "label")]
    reading = DictionaryReader(names, ancestors=lambda _: ()).read(note("blue toe syndrome"))
    assert [f.id for f in reading.findings] == ["HP:0000002"]


def test_unknown_kinds_of_names_are_refused_with_the_kinds_expected() -> None:
    with pytest.raises(ValueError, match=r"slang.*label"):
        DictionaryReader([Name("HP:0000001", "Ouch", "slang")], ancestors=lambda _: ())


def test_a_reader_without_names_finds_nothing() -> None:
    assert DictionaryReader([], ancestors=lambda _: ()).read(note("I have fever.")).findings == ()


@pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "?!", "1234", "' ' '", "\u0130\u0130\u0130 fever"])
def test_odd_texts_are_read_without_trouble(text: str) -> None:
    READER.read(Note(id="n", text=text))


def test_text_label_and_quote_of_a_finding() -> None:
    (finding,) = found(chat("P: Hello. My knee hurts a lot."))
    assert (finding.text, finding.label, finding.quote) == ("Knee pain", "Knee pain", "knee hurts")
    assert (finding.message, finding.span, finding.source) == (0, (10, 20), "dictionary")


def test_a_repeated_finding_is_listed_once_with_its_first_quote() -> None:
    (finding,) = found(chat("P: I have a fever.", "C: I see.", "P: The fevers come at night."))
    assert (finding.quote, finding.message) == ("fever", 0)


@pytest.mark.parametrize(
    ("british", "us"),
    [
        ("haemorrhage", "hemorrhage"),
        ("leukaemia", "leukemia"),
        ("oesophagus", "esophagus"),
        ("foetus", "fetus"),
        ("paediatric", "pediatric"),
        ("colour", "color"),
        ("tumours", "tumors"),
        ("generalised", "generalized"),
        ("paralysed", "paralyzed"),
        ("fibre", "fiber"),
        ("your", "your"),
        ("four", "four"),
        ("rise", "rise"),
    ],
)
def test_british_spelling_meets_american(british: str, us: str) -> None:
    assert american(british) == american(us) == us
