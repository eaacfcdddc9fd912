from __future__ import annotations

import pytest

from rarescale.record import Chat, Finding, Note, Role, State, Unreadable

HELLO = {"role": "patient", "content": "I shake."}


def chat_with(*messages, **keys):
    return {"id": "k1", "messages": list(messages), **keys}


def test_a_chat_line_becomes_a_chat_with_labels_and_extras(one):
    labels = [{"id": "HP:0001337", "label": "Tremor", "present": True}, {"label": "trip to Ghana", "present": False}]
    chat = one(
        chat_with(
            {"role": "system", "content": "Ann Lee, 34 years old, female."},
            {"role": "clinician", "content": "What is it?"},
            {"role": "patient", "content": "I shake.", "findings": labels},
            diagnosis=["OMIM:277900"],
            diagnosis_name="Wilson disease",
            writer="made up",
            **{"class": "rare"},
        )
    )
    assert isinstance(chat, Chat) and chat.id == "k1"
    assert [m.role for m in chat.messages] == [Role.SYSTEM, Role.CLINICIAN, Role.PATIENT]
    assert chat.messages[2].labels == (
        Finding(id="HP:0001337", text="Tremor", label="Tremor"),
        Finding(text="trip to Ghana", label="trip to Ghana", state=State.ABSENT),
    )
    assert chat.diagnosis == ("OMIM:277900",) and chat.diagnosis_name == "Wilson disease"
    assert chat.extra == {"writer": "made up", "class": "rare"}
    assert chat.warnings == ()


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("doctor", "clinician"),
        ("assistant", "clinician"),
        ("user", "patient"),
        ("Patient", "patient"),
        ("parent", "patient"),
    ],
)
def test_other_names_of_the_speakers_are_understood(one, role, expected):
    assert one(chat_with({"role": role, "content": "Hello."}, HELLO)).messages[0].role == expected


@pytest.mark.parametrize(
    ("line", "key", "found"),
    [
        (chat_with({"role": "tool", "content": "x"}), "messages[0].role", "the text 'tool'"),
        (chat_with({"role": "patient"}), "messages[0].content", "nothing"),
        (chat_with({"role": "patient", "content": ["x"]}), "messages[0].content", "a list of 1"),
        (chat_with({"role": "patient", "content": None}), "messages[0].content", "null"),
        (chat_with("hello"), "messages[0]", "the text 'hello'"),
        ({"messages": "hello"}, "messages", "the text 'hello'"),
        ({"messages": []}, "messages", "a list of 0"),
        (chat_with({**HELLO, "findings": [{"present": True}]}), "messages[0].findings[0]", "a finding with neither"),
        (
            chat_with({**HELLO, "findings": [{"id": "HP:1", "present": "no"}]}),
            "messages[0].findings[0].present",
            "the text 'no'",
        ),
    ],
)
def test_a_chat_of_the_wrong_shape_is_refused_naming_the_key(one, line, key, found):
    bad = one(line)
    assert isinstance(bad, Unreadable) and bad.kind == "shape"
    assert f"key `{key}`: found {found}" in bad.message


def test_sex_and_age_beside_the_messages_are_warned_of(one):
    assert "sex, age" in one(chat_with(HELLO, sex="FEMALE", age="P3Y")).warnings[0]


def test_a_chat_in_which_the_patient_is_silent_is_warned_of(one):
    assert "patient says nothing" in one(chat_with({"role": "doctor", "content": "Hello?"})).warnings[0]


def test_a_pasted_conversation_becomes_a_chat(one):
    heading = "Ann Lee, 34, female\n\n"
    text = heading + "Doctor: What brings you here?\nPatient: My hands shake.\nSince May.\n\nDr. Smith: I see.\n"
    chat = one(text, "visit.txt")
    assert isinstance(chat, Chat) and chat.id == "visit"
    assert [(m.role.value, m.content) for m in chat.messages] == [
        ("system", "Ann Lee, 34, female"),
        ("clinician", "What brings you here?"),
        ("patient", "My hands shake.\nSince May."),
        ("clinician", "I see."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "D: What is it?\nP: I shake.\nD: Since when?",
        "Clinician: How is he?\nMother: He does not walk.",
        "Clinician: How is he?\r\nParent: He does not walk.\r\n",
        "[12:03] Doctor: How are you?\n[12:04] Patient: Tired.",
        "12:03 PM Doctor: How are you?\n12:04 PM Patient: Tired.",
        "**Doctor:** How are you?\n**Patient:** Tired.",
        "Doctor (by phone): How are you?\nPatient: Tired.",
        "- GP: How are you?\n- Pt: Tired.",
    ],
)
def test_the_usual_ways_to_write_a_conversation_are_recognised(one, text):
    chat = one(text, "in.txt")
    assert isinstance(chat, Chat)
    assert [m.role.value for m in chat.messages[:2]] == ["clinician", "patient"]
    assert not any(mark in m.content for m in chat.messages for mark in ("*", "Doctor", "12:"))


@pytest.mark.parametrize(
    "text",
    [
        "Patient: Ann Lee, 34 F\nPhysician: Dr Smith\nHistory: tremor since May.",
        "Mother: diabetes.\nFather: healthy.",
        "Patient: I shake.\nPatient: Since May.",
        "S: shakes\nO: tremor\nA: Wilson disease?\nP: copper",
        "She told the doctor: it hurts.",
        "History. " * 60 + "\nDoctor: What is it?\nPatient: I shake.",
        "Doctor: Anything?\nPatient: No.\n" + "Long text of a letter.\n" * 40,
    ],
)
def test_a_note_that_only_looks_like_a_conversation_stays_a_note(one, text):
    assert isinstance(one(text, "in.txt"), Note)


def test_the_format_text_never_makes_a_conversation(one):
    assert isinstance(one("Doctor: What is it?\nPatient: I shake.", "in.txt", "text"), Note)


def test_the_format_chat_refuses_a_text_without_turns(one):
    bad = one("She shakes.", "in.txt", "chat")
    assert bad.kind == "shape" and "Doctor:" in bad.message
