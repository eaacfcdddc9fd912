"""The default reader: paraphrases that no name has are found, and talk that tells nothing stays without findings."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rarescale.knowledge import Knowledge, Ontology
from rarescale.reading import Reader, open_reader
from rarescale.reading.context import open_model
from rarescale.record import Chat, Message, Note, Role, State


@pytest.fixture(scope="module")
def reader(hpo: Knowledge) -> Reader:
    return open_reader(hpo)


def near(ontology: Ontology, a: str, b: str) -> bool:
    first, second = ontology.index(a), ontology.index(b)
    assert first is not None
    assert second is not None
    return first == second or second in ontology.parents[first] or first in ontology.parents[second]


NOT_YET = pytest.mark.xfail(strict=True, reason="the model does not know this way to say it")
MOST_TOLD = 3
"""Of 60; measured, so that it does not grow."""
PARAPHRASES = [
    ("My hair is coming out in big clumps in the shower.", "Alopecia"),
    pytest.param(*("His ankles puff up terribly by the evening.", "Ankle swelling"), marks=NOT_YET),
    ("I am constantly thirsty and drinking gallons of water.", "Polydipsia"),
    pytest.param(*("Her hands shake badly whenever she holds a cup.", "Tremor"), marks=NOT_YET),
    ("I see everything double these days.", "Diplopia"),
    ("The room spins around me when I turn over.", "Vertigo"),
    ("My nose keeps bleeding heavily.", "Epistaxis"),
    ("He bruises terribly easily.", "Bruising susceptibility"),
    ("There is a loud ringing sound in my ears.", "Tinnitus"),
    ("She struggles to swallow solid food.", "Dysphagia"),
    ("Bright sunlight really hurts my eyes.", "Photophobia"),
    ("My fingers turn white and numb in the cold.", "Raynaud phenomenon"),
]
NEUTRAL = """
Good evening, I was told to write here before the visit.|The receptionist was very kind on the phone.
We had to borrow a car for today.|My aunt recommended your practice.|I brought a folder with the old letters.
The children are with their grandmother today.|I have Thursdays free, if that helps.|We grow tomatoes on the balcony.
He built a tower out of blocks yesterday.|She sings in the church choir.|My brother is getting divorced.
I teach history at the local college.|The bus was late again.|We are thinking about moving house.
I left my reading glasses at home.|Our dog had puppies in spring.|My contract ends in August.
He supports the same football club as his uncle.|I would rather talk on the phone.|Can you hear me all right?
What does that word mean?|How long will today take?|Which form do I have to fill in?
Do you need my insurance card?|Is there a pharmacy nearby?|May my husband listen in?
I would like a female doctor if possible.|That was all very long ago.|It began on a Monday, I believe.
I honestly could not give you a date.|The first doctor was rather short with us.|They drew some blood and sent us home.
The scan showed nothing at all.|Her last check was completely normal.|All his vaccinations are done.
He was born right on his due date.|Her teachers are pleased with her.|She eats whatever we put on the table.
He sleeps right through until seven.|I walk to the shops every morning.|My parents are both in good health.
None of my cousins ever had this.|I gave up smoking in my twenties.|I have a beer on Fridays.
We spent our honeymoon in Italy.|I am a bit nervous about the appointment.|We just want some clarity.
I hope you can give us an answer.|It affects our family life.|My boss has been patient with me.
I lie down until it passes.|It tends to be on weekends.|Sometimes a month goes by without it.
I cannot find a pattern.|It was much the same last year.|Afterwards everything is back to normal.
Okay, thank you for explaining.|Right, I will do that.|No, I would have mentioned it.|See you in two weeks then.
"""


def sentences() -> list[str]:
    return [s.strip() for line in NEUTRAL.strip().splitlines() for s in line.split("|")]


@pytest.mark.parametrize(("text", "label"), PARAPHRASES)
def test_paraphrases_are_found(reader: Reader, hpo: Knowledge, text: str, label: str) -> None:
    (term,) = {n.term for n in hpo.ontology.names(findings_only=True) if n.text == label}
    findings = reader.read(Note(id="n", text=text)).findings
    assert any(f.id and near(hpo.ontology, f.id, term) and f.state is State.PRESENT for f in findings)


def test_neutral_talk_tells_the_contextual_stage_hardly_anything(reader: Reader) -> None:
    told = [s for s in sentences() if any(f.source == "context" for f in reader.read(Note(id="n", text=s)).findings)]
    assert len(told) <= MOST_TOLD, told


def test_what_the_dictionary_finds_is_not_found_again(reader: Reader) -> None:
    (finding,) = reader.read(Note(id="n", text="He has had seizures.")).findings
    assert finding.source == "dictionary"


@given(
    st.lists(st.sampled_from(["my", "no", "hair", "clumps", "falls", "out", ",", "hands", "shake", "?", "She", "red"]))
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quotes_are_what_stands_at_their_place(reader: Reader, words: list[str]) -> None:
    text = " ".join(words)
    chat = Chat(id="c", messages=(Message(role=Role.PATIENT, content=text),))
    reading = reader.read(chat)
    assert reading == reader.read(chat)
    for finding in reading.findings:
        assert finding.span is not None
        assert finding.quote == text[slice(*finding.span)]
        assert finding.confidence is not None


@pytest.mark.parametrize("text", ["", " ", "?", "no", "..."])
def test_empty_talk_is_read(reader: Reader, text: str) -> None:
    assert reader.read(Note(id="n", text=text)).findings == ()


def test_a_foreign_knowledge_gets_only_its_own_terms(toy: Knowledge) -> None:
    text = "My hair is coming out in big clumps. My nose keeps bleeding heavily. She struggles to swallow solid food."
    findings = open_reader(toy).read(Note(id="n", text=text)).findings
    assert all(f.id and toy.ontology.is_current(f.id) for f in findings)


def test_the_shipped_model_knows_each_term_once_and_only_terms_of_the_release(hpo: Knowledge) -> None:
    terms = open_model().terms
    assert len(set(terms)) == len(terms)
    assert all(hpo.ontology.is_current(term) for term in terms)


def test_each_finding_says_which_stage_found_it(reader: Reader) -> None:
    findings = reader.read(Note(id="n", text="He has had seizures. My nose keeps bleeding heavily.")).findings
    assert {f.source for f in findings} <= {"dictionary", "context"}


def test_of_a_huge_text_the_rest_is_read_by_names_and_a_warning_says_so(reader: Reader) -> None:
    text = "We went out. " * 300 + "He has had seizures."
    reading = reader.read(Note(id="n", text=text))
    assert [f.label for f in reading.findings if f.source == "dictionary"] == ["Seizure"]
    assert any("301 sentences" in warning and "first 200" in warning for warning in reading.warnings)
    assert not any("sentences" in w for w in reader.read(Note(id="n", text="He has had seizures.")).warnings)
