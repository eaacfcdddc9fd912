"""What the buttons do: a state and a button's value to the next state.

A value is ``verb`` or ``verb:argument``; the other fields of the form come with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rarescale.errors import InputError
from rarescale.formats import parse_input
from rarescale.record import Case, Chat, Message, Note, Role, Sex, Unreadable
from rarescale.web.bench import MOST_COMPARED, NAME, Bench, Edit

Form = Mapping[str, str]
Action = Callable[[Bench, str, Form], Bench]

_CURIE = re.compile(r"[A-Za-z]{2,12}:[A-Za-z0-9]{1,20}")
LONGEST_TEXT = 100_000
"""Characters of a patient on the page: a hundred times an ordinary conversation."""

LONGEST_TURN = 20_000
"""Characters of one added turn."""

LONGEST_QUESTION = 500
"""Characters of a question that is kept with its answer."""


def act(bench: Bench, value: str, form: Form) -> Bench:
    """The state after a button. Raises InputError for a value that no button has, or a field that makes no sense."""
    verb, _, argument = value.partition(":")
    action = _ACTIONS.get(verb)
    if action is None:
        raise _refused("the button", f"{verb[:40]!r}", "one of the page's buttons")
    return action(bench, argument, form)


def loaded(text: str, *, format: str | None = None) -> Bench:
    """A new bench for a text, a chat, a case line or a phenopacket. Raises InputError where it cannot be read."""
    if not text.strip():
        raise InputError(
            "the text field: found nothing; expected a chat, a note, a case line or a phenopacket. "
            "Paste some text, choose a file, or open an example.",
            kind="empty",
        )
    if len(text) > LONGEST_TEXT:
        raise InputError(
            f"the text: found {len(text):,} characters; expected at most {LONGEST_TEXT:,}, as the page carries them "
            "along. Give the part that tells of the patient, or use the command line.",
            kind="too-large",
        )
    source = parse_input(text, format=format, id=NAME)
    if isinstance(source, Unreadable):
        raise InputError(source.message, kind=source.kind)
    name = NAME if source.id == f"{NAME}:1" else source.id
    clean = source.model_copy(update={"id": name, "extra": {}, "diagnosis": (), "diagnosis_name": None, "origin": ""})
    return Bench(case=clean) if isinstance(clean, Case) else Bench(talk=clean)


def said(bench: Bench, text: str, role: Role = Role.PATIENT) -> Bench:
    """One more turn of the conversation; a note grows by a line."""
    text = text.strip()[:LONGEST_TURN]
    if not text:
        return bench
    talk = bench.talk
    if isinstance(talk, Note):
        return bench.model_copy(update={"talk": talk.model_copy(update={"text": f"{talk.text}\n{text}"})})
    message = Message(role=role, content=text)
    if talk is None:
        return bench.model_copy(update={"talk": Chat(id="patient", messages=(message,))})
    return bench.model_copy(update={"talk": talk.model_copy(update={"messages": (*talk.messages, message)})})


def _mark(bench: Bench, argument: str, form: Form) -> Bench:
    change, _, term = argument.partition(":")
    if change not in ("present", "absent", "unknown", "pause", "resume") or not _CURIE.fullmatch(term):
        raise _refused("the button of a finding", f"{argument[:60]!r}", "a state and the id of a finding")
    return bench.edited(Edit.model_validate({"id": term, "change": change}))


def _answer(bench: Bench, argument: str, form: Form) -> Bench:
    """Yes, no or don't know to a question of "ask next", whose words stand in a field beside it."""
    change, _, term = argument.partition(":")
    if change not in ("present", "absent", "unknown") or not _CURIE.fullmatch(term):
        raise _refused("the answer", f"{argument[:60]!r}", "an answer and the id of a finding")
    return answered(bench, term, change, form.get(f"question:{term}", ""))


def answered(bench: Bench, term: str, change: str, question: str) -> Bench:
    """With the answer to one question as an edit that keeps its words."""
    at = len(bench.talk.messages) if isinstance(bench.talk, Chat) else 0
    edit = {"id": term, "change": change, "asked": question[:LONGEST_QUESTION], "at": at}
    return bench.edited(Edit.model_validate(edit))


def _onset(bench: Bench, term: str, form: Form) -> Bench:
    onset = form.get(f"onset:{term}", "")
    if not _CURIE.fullmatch(term) or (onset and not _CURIE.fullmatch(onset)):
        raise _refused("the field onset", f"{onset[:60]!r}", "one of the listed onsets")
    return bench.edited(Edit(id=term, change="onset", onset=onset))


def _undo(bench: Bench, argument: str, form: Form) -> Bench:
    return bench.model_copy(update={"edits": bench.edits[:-1]})


def _say(bench: Bench, argument: str, form: Form) -> Bench:
    role = Role.CLINICIAN if form.get("speaker") == "clinician" else Role.PATIENT
    return said(bench, form.get("say", ""), role)


def _person(bench: Bench, argument: str, form: Form) -> Bench:
    sex, age = form.get("sex", ""), form.get("age", "").strip().replace(",", ".")
    if sex not in ("", *Sex):
        raise _refused("the field sex", f"{sex[:20]!r}", f"one of {', '.join(Sex)}")
    if (age and not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", age)) or float(age or 0) > 125:
        raise _refused("the field age", f"{age[:20]!r}", "a number of years from 0 to 125, such as 34 or 0.5")
    return bench.model_copy(update={"sex": Sex(sex) if sex else None, "age": float(age) if age else None})


def _among(bench: Bench, argument: str, form: Form) -> Bench:
    if argument not in ("all", "rare"):
        raise _refused("the button", f"{argument[:20]!r}", "all or rare")
    return bench.model_copy(update={"among": argument})


def _compare(bench: Bench, disease: str, form: Form) -> Bench:
    if not _CURIE.fullmatch(disease):
        raise _refused("the button compare", f"{disease[:40]!r}", "the id of a disease")
    kept = tuple(d for d in bench.compared if d != disease)
    if disease not in bench.compared:
        kept = (*kept, disease)[-MOST_COMPARED:]
    return bench.model_copy(update={"compared": kept})


def _default(bench: Bench, argument: str, form: Form) -> Bench:
    """The enter key in a field: a new turn if there is one, else sex and age as they stand."""
    return _say(bench, "", form) if form.get("say", "").strip() else bench


def _reveal(bench: Bench, argument: str, form: Form) -> Bench:
    return bench.model_copy(update={"revealed": True})


def _refused(where: str, found: str, expected: str) -> InputError:
    return InputError(
        f"{where}: found {found}; expected {expected}. Use the controls of the page, or reload it.", kind="form"
    )


_ACTIONS: dict[str, Action] = {
    "mark": _mark,
    "answer": _answer,
    "onset": _onset,
    "undo": _undo,
    "say": _say,
    "person": _person,
    "among": _among,
    "compare": _compare,
    "default": _default,
    "reveal": _reveal,
    "search": _default,
}
