"""What the two offline writers share: opening, grouping, labels."""

from __future__ import annotations

from functools import lru_cache

from rarescale.record import Finding, Message, Role, State, TermId
from rarescale.simulation.writers.contract import Assignment, CannotWrite, Wanted
from rarescale.simulation.writers.introduction import introduction
from rarescale.simulation.writers.lexicon import Choice, Lexicon
from rarescale.simulation.writers.speech import Speech

TALKS = ("onset", "course", "impact", "tried", "worry")


def system_message(assignment: Assignment, speech: Speech) -> Message:
    """Name, age, sex."""
    return Message(role=Role.SYSTEM, content=introduction(assignment.persona, int(speech.rng.random() * 2)))


def labelled(wanted: Wanted) -> Finding:
    """The label of a finding that a message expresses."""
    return _label(wanted.id, wanted.label, wanted.present)


@lru_cache(maxsize=30_000)
def _label(term: str, label: str, present: bool) -> Finding:
    """Labels are frozen, and the same ones come again and again."""
    state = State.PRESENT if present else State.ABSENT
    return Finding(id=TermId(term), text=label, label=label, state=state)


def patient(text: str, findings: tuple[Wanted, ...]) -> Message:
    """A patient message with its labels."""
    return Message.model_construct(role=Role.PATIENT, content=text, labels=tuple(labelled(w) for w in findings))


def clinician(text: str) -> Message:
    """A clinician message."""
    return Message.model_construct(role=Role.CLINICIAN, content=text, labels=())


Said = dict[str, Choice]


def chosen(assignment: Assignment, speech: Speech) -> Said:
    """Words for every finding, by id. Raises CannotWrite."""
    if not any(w.present for w in assignment.findings):
        raise CannotWrite("no present finding to open the chat with")
    return {w.id: speech.choose(w) for w in assignment.findings}


def main_complaint(assignment: Assignment, said: Said, lexicon: Lexicon) -> Wanted:
    """The first present finding that the patient feels or sees; else any present one."""
    present = [w for w in assignment.findings if w.present]
    felt = [w for w in present if not said[w.id].told and not lexicon.is_factor(w.id)]
    return (felt or present)[0]


def grouped(findings: list[Wanted], said: Said, lexicon: Lexicon, speech: Speech) -> dict[str, list[Wanted]]:
    """Findings by the kind of question they answer, in an order of chance."""
    groups: dict[str, list[Wanted]] = {}
    for w in findings:
        told = said[w.id].told and speech.rng.random() < 0.6
        groups.setdefault("told" if told else lexicon.systems.of(w.id), []).append(w)
    keys = list(groups)
    speech.rng.shuffle(keys)
    return {k: sorted(groups[k], key=lambda w: w.present, reverse=speech.rng.random() < 0.7) for k in keys}
