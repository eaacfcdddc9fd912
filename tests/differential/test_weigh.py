"""The model's two passes become a differential, and whatever it does wrong is contained and named."""

from __future__ import annotations

import json

import pytest

from rarescale.differential import CandidateName, DiseaseNames, Patient, Settings, weigh
from rarescale.errors import UsageError
from rarescale.llm import ModelError, Scripted, drive
from rarescale.record import Arm, Case, Differential, Finding, State

from .models import COPPERFIELD, SAID, chat, entry, offline, one_pass, thoughts, two_pass, weighed


def test_the_differential_has_the_models_order_and_keeps_what_the_knowledge_says(names: DiseaseNames) -> None:
    answer, _ = weighed(names, one_pass("Copperfield disease", "Thirst deletion"))
    first, second = answer.differential
    assert [(c.rank, c.id, c.score) for c in answer.differential] == [(1, "OMIM:100001", 2.0), (2, "DECIPHER:1", 1.0)]
    assert first.ids == ("OMIM:100001", "ORPHA:11") and first.probability == 0.3
    assert second.probability == 0.6 and len(second.reasons) == 1 and answer.none_of_these == 0.1
    assert answer.engine.name == "rarescale llm none toy" and answer.weighing is not None
    assert (answer.weighing.outcome, answer.weighing.fallback) == ("weighed", False)
    assert Differential.model_validate_json(answer.model_dump_json(by_alias=True)) == answer


def test_a_disease_that_was_not_ranked_without_the_model_has_its_ids_and_no_probability(names: DiseaseNames) -> None:
    answer, _ = weighed(names, one_pass("Fitful syndrome type 1"))
    (only,) = answer.differential
    assert (only.id, only.name, only.probability) == ("OMIM:100002", "Fitful syndrome 1", 0.0)


def test_a_name_outside_the_knowledge_keeps_its_rank_and_gets_no_id(names: DiseaseNames) -> None:
    answer, _ = weighed(names, one_pass("Green fever (OMIM:100001)", "Thirst deletion"))
    first, second = answer.differential
    assert (first.rank, first.id, first.ids, first.name) == (1, "", (), "Green fever")
    assert (second.rank, second.id) == (2, "DECIPHER:1")
    assert "not in the knowledge: Green fever" in answer.warnings
    assert answer.weighing is not None and answer.weighing.diagnoses[0].id is None


@pytest.mark.parametrize("arm", ["none", "self", "rarescale", "expert"])
def test_one_template_serves_all_arms(names: DiseaseNames, arm: Arm) -> None:
    lines = [] if arm != "self" else [json.dumps({"candidates": thoughts("Thirst deletion")})]
    final = (
        one_pass("Thirst deletion")
        if arm == "none"
        else two_pass(["Thirst deletion"], ["Thirst deletion"], [entry("Thirst deletion")])
    )
    answer, asked = weighed(names, *lines, final, arm=arm)
    assert answer.differential[0].id == "DECIPHER:1" and answer.weighing is not None and answer.weighing.arm == arm
    assert asked[-1].tag == "weigh@1" and [r.tag for r in asked[:-1]] == (["rare@1"] if arm == "self" else [])
    said = asked[-1].messages[1].content
    assert ("candidate_pass" in said) is (arm != "none") and ('- "Thirst deletion"' in said) is (arm != "none")
    without = weighed(names, one_pass("Thirst deletion"))[1][-1].messages[1].content
    begin, end = without.split("`diagnoses`, a list")
    assert said.startswith(begin) and said.endswith(end)


def test_the_model_may_discard_every_candidate(names: DiseaseNames) -> None:
    reply = json.loads(two_pass(["Fitful syndrome"], ["Copperfield disease"], [entry("Fitful syndrome")]))
    reply["candidate_pass"][0]["keep"] = False
    answer, _ = weighed(names, json.dumps(reply), arm="rarescale")
    assert [c.id for c in answer.differential] == ["ORPHA:12"] and answer.weighing is not None
    assert [(c.id, c.kept) for c in answer.weighing.considered] == [("OMIM:100001", False)]


def test_without_any_candidates_an_arm_is_asked_as_if_there_were_none_and_says_so(names: DiseaseNames) -> None:
    model = Scripted([one_pass("Thirst deletion")])
    answer = drive(weigh(Patient(chat(), offline()), names, Settings("toy", "rarescale")), model)
    assert any("no candidates for the arm rarescale" in w for w in answer.warnings)
    answer, asked = weighed(names, '{"candidates": []}', one_pass("Thirst deletion"), arm="self")
    assert len(asked) == 2 and answer.differential[0].id == "DECIPHER:1"


def test_the_same_disease_twice_counts_once(names: DiseaseNames) -> None:
    answer, _ = weighed(names, one_pass("Copperfield disease", "Copperfield's disease", "Thirst deletion"))
    assert [c.id for c in answer.differential] == ["OMIM:100001", "DECIPHER:1"]
    assert any("one disease; the first stands" in w for w in answer.warnings)


def test_at_most_five_diagnoses_stand(names: DiseaseNames) -> None:
    answer, _ = weighed(
        names, one_pass(*(f"Disease of {word}" for word in ["ash", "bone", "coal", "dust", "earth", "fire"]))
    )
    assert len(answer.differential) == 5 and any("more than 5" in w for w in answer.warnings)


def test_a_diagnosis_from_neither_pass_is_dropped(names: DiseaseNames) -> None:
    reply = two_pass(
        ["Thirst deletion"], ["Copperfield disease"], [entry("Blind-spleen syndrome"), entry("Thirst deletion")]
    )
    answer, _ = weighed(names, reply, arm="rarescale")
    assert [c.id for c in answer.differential] == ["DECIPHER:1"]
    assert any("in neither pass" in w for w in answer.warnings)


def test_a_verdict_on_a_disease_that_was_not_shown_opens_no_door(names: DiseaseNames) -> None:
    reply = two_pass(
        ["Thirst deletion"], ["Blind-spleen syndrome"], [entry("Blind-spleen syndrome"), entry("Thirst deletion")]
    )
    answer, _ = weighed(names, reply, arm="rarescale")
    assert [c.id for c in answer.differential] == ["DECIPHER:1"]


def test_quotes_that_nobody_said_are_dropped_with_a_warning(names: DiseaseNames) -> None:
    final = [entry("Thirst deletion", ("my HANDS  shake", "I see ghosts", ""))]
    answer, _ = weighed(names, json.dumps({"first_pass": thoughts("Thirst deletion"), "diagnoses": final}))
    assert answer.weighing is not None and answer.weighing.diagnoses[0].quotes == ("My hands shake",)
    assert sum("is not in the input" in w for w in answer.warnings) == 2


def test_reasons_with_links_marks_or_our_own_instructions_are_dropped(names: DiseaseNames) -> None:
    _, asked = weighed(names, one_pass("Thirst deletion"))
    ours = " ".join(asked[0].messages[0].content.split()[:30])
    final = [entry("Thirst deletion") | {"reasons": ["Thirst.", "See https://x.example", "<b>bold</b>", ours]}]
    answer, _ = weighed(names, json.dumps({"first_pass": thoughts("Thirst deletion"), "diagnoses": final}))
    assert answer.weighing is not None and answer.weighing.diagnoses[0].reasons == ("Thirst.",)


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([ModelError("too slow", kind="timeout")] * 2, "timeout"),
        ([ModelError("no", kind="refused")], "refused"),
        (["I am sorry, I cannot help with that."] * 2, "invalid-reply"),
        (["", ""], "invalid-reply"),
        (['{"first_pass": [], "diagnoses": []}'] * 2, "invalid-reply"),
        (['{"diagnoses": []}'] * 2, "invalid-reply"),
        (["[]", "[]"], "invalid-reply"),
        ([json.dumps({"first_pass": thoughts("Thirst deletion"), "diagnoses": []})], "empty"),
        (
            [json.dumps({"first_pass": thoughts("Thirst deletion"), "diagnoses": [entry("<script>x</script>")]})],
            "empty",
        ),
    ],
)
def test_every_failure_has_a_name_and_the_offline_differential_stands_in(
    names: DiseaseNames, lines: list[str | ModelError], outcome: str
) -> None:
    answer, _ = weighed(names, *lines, top=1)
    assert answer.weighing is not None and (answer.weighing.outcome, answer.weighing.fallback) == (outcome, True)
    assert answer.differential == offline().differential[:1] and answer.engine.name == "offline"
    assert any("computed without it" in w and outcome in w for w in answer.warnings)


def test_a_reply_that_had_to_be_repaired_counts(names: DiseaseNames) -> None:
    answer, asked = weighed(names, "Well...", one_pass("Thirst deletion"))
    assert answer.differential[0].id == "DECIPHER:1" and len(asked) == 2


def test_a_failure_of_the_own_candidates_is_a_failure_of_the_arm(names: DiseaseNames) -> None:
    answer, _ = weighed(names, ModelError("no", kind="refused"), arm="self")
    assert answer.weighing is not None and (answer.weighing.outcome, answer.weighing.arm) == ("refused", "self")


def test_labels_and_diagnosis_never_reach_the_model(names: DiseaseNames) -> None:
    source = chat().model_copy(update={"diagnosis": ("OMIM:100002",), "diagnosis_name": "Secret disease"})
    message = source.messages[0].model_copy(update={"labels": (Finding(text="a label", label="Secret label"),)})
    _, asked = weighed(names, one_pass("Thirst deletion"), source=source.model_copy(update={"messages": (message,)}))
    text = "".join(m.content for m in asked[0].messages)
    assert "Secret" not in text and "100002" not in text and SAID in text


def test_a_structured_case_is_shown_in_the_words_of_its_findings(names: DiseaseNames) -> None:
    case = Case(id="t1", age=34.0, findings=(Finding(text="HP:0001337"), Finding(text="xyzzy", state=State.ABSENT)))
    patient = Patient(case, offline().model_copy(update={"unresolved": ("xyzzy",)}))
    model = Scripted([one_pass("Thirst deletion", diagnoses=[entry("Thirst deletion", ("Tremor",))])])
    answer = drive(weigh(patient, names, Settings("toy")), model)
    said = model.history[0].messages[1].content
    assert "34 years old" in said and "Tremor" in said and "xyzzy" in said and "HP:0001337" not in said
    assert answer.weighing is not None and answer.weighing.diagnoses[0].quotes == ("Tremor",)


def test_repeated_candidates_are_shown_once_and_five_at_most(names: DiseaseNames) -> None:
    many = (COPPERFIELD, COPPERFIELD, *(CandidateName(None, f"Disease {letter}") for letter in "abcdefg"))
    model = Scripted([ModelError("no", kind="refused")])
    drive(weigh(Patient(chat(), offline(), many), names, Settings("toy", "rarescale")), model)
    listed = [line for line in model.history[0].messages[1].content.splitlines() if line.startswith('- "')]
    assert listed == ['- "Copperfield disease"', *(f'- "Disease {letter}"' for letter in "abcd")]


def test_a_model_needs_a_name() -> None:
    with pytest.raises(UsageError, match="No model was named"):
        Settings(" ")


def test_a_diagnosis_that_only_the_input_names_goes_behind_the_others(names: DiseaseNames) -> None:
    source = chat("They told me it is Fitful syndrome, or green  fever.")
    answer, _ = weighed(names, one_pass("Fitful syndrome", "Green fever", "Thirst deletion"), source=source)
    assert [c.id or c.name for c in answer.differential] == ["DECIPHER:1", "ORPHA:12", "Green fever"]
    assert sum("put forward by nothing else" in w for w in answer.warnings) == 2


def test_a_patients_own_guess_that_is_ranked_without_the_model_or_was_shown_keeps_its_place(
    names: DiseaseNames,
) -> None:
    source = chat("Is it Copperfield disease? Or Thirst deletion?")
    answer, _ = weighed(names, one_pass("Copperfield disease", "Fitful syndrome"), source=source)
    assert answer.differential[0].id == "OMIM:100001" and answer.warnings == ()


def test_where_the_input_named_every_diagnosis_the_offline_differential_stands_in(names: DiseaseNames) -> None:
    answer, _ = weighed(names, one_pass("Fitful syndrome"), source=chat("Say Fitful syndrome."))
    assert answer.weighing is not None and answer.weighing.fallback and answer.differential[0].id == "DECIPHER:1"
