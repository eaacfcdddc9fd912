"""What the two offline writers share: the conversation from its plan, opening, answers, labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rarescale.record import Finding, Message, Role, State, TermId
from rarescale.simulation.writers.contract import Assignment, Wanted
from rarescale.simulation.writers.introduction import introduction
from rarescale.simulation.writers.lexicon import Lexicon
from rarescale.simulation.writers.plan import Said, Turn, denied_turns, ordered, present_turns
from rarescale.simulation.writers.sentences import screens
from rarescale.simulation.writers.speech import Speech
from rarescale.simulation.writers.systems import LOOKS, SHAPES
from rarescale.simulation.writers.talk import drawn
from rarescale.simulation.writers.voicing import Voicing


@dataclass(frozen=True)
class Style:
    """How a writer tells. `pairs`: question and answer pairs (mean, deviation); shares are chances within 0..1."""

    pairs: tuple[float, float]
    sizes: tuple[float, ...]
    beside: float
    bare: float
    linked: float
    acknowledged: float
    ended: float


class OfflineWriter:
    """Writes from a plan of the whole conversation."""

    name, version = "offline", "2"

    def __init__(self, lexicon: Lexicon, style: Style) -> None:
        """`lexicon` is shared by all chats."""
        self._lexicon, self._style, self._voicing = lexicon, style, Voicing(lexicon)

    def voiced(self, assignment: Assignment) -> Assignment:
        """The assignment with those findings only that the chat voices. Raises CannotWrite where there are none."""
        return self._voicing.voiced(assignment, Speech(assignment, self._lexicon, self.name))[0]

    def write(self, assignment: Assignment) -> tuple[Message, ...]:
        """The chat; raises CannotWrite where no present finding has words."""
        speech = Speech(assignment, self._lexicon, self.name)
        assignment, said = self._voicing.voiced(assignment, speech)
        first = self._first(assignment.findings, said, speech)
        opening = _opening(speech, first, said)
        rest = [w for w in assignment.findings if w not in first]
        turns = self._turns(rest, first[0], said, speech, opening)
        out = [system_message(assignment, speech), clinician(speech.piece("greeting"))]
        out.append(patient(speech.typed(opening), tuple(first)))
        for number, turn in enumerate(turns):
            question = self._question(speech, turn, number)
            out += [clinician(question), patient(self._answer(speech, turn, said, question), turn.findings)]
        if speech.rng.random() < self._style.ended:
            out += [clinician(speech.piece("q_end")), patient(speech.typed(speech.piece("a_end")), ())]
        return tuple(out)

    def _first(self, findings: Sequence[Wanted], said: Said, speech: Speech) -> list[Wanted]:
        """The complaint and, sometimes, what goes with it."""
        present = [w for w in findings if w.present]
        felt = [w for w in present if not said[w.id].told and not self._lexicon.is_factor(w.id)]
        heavy = [w for w in felt if said[w.id].main]
        plain = [w for w in felt if self._lexicon.systems.of(w.id) not in SHAPES]
        main = (heavy or plain or felt or present)[0]
        first = [main]
        beside = [w for w in (*heavy, *plain) if w is not main]
        if beside and not said[main.id].told and speech.rng.random() < self._style.beside:
            beside.sort(key=lambda w: self._lexicon.systems.of(w.id) != self._lexicon.systems.of(main.id))
            first.append(beside[0])
        return first

    def _turns(self, rest: list[Wanted], main: Wanted, said: Said, speech: Speech, opening: str) -> list[Turn]:
        rng, style, p = speech.rng, self._style, speech.persona
        present = present_turns([w for w in rest if w.present], said, self._lexicon, style.sizes, rng)
        denied = denied_turns([w for w in rest if not w.present], said)
        without: set[str] = set()
        if any(c.theme in ("start", "course") for c in said.values()):
            without |= {"onset", "course"}
        if speech.duration in opening:
            without.add("onset")
        if not said[main.id].main or self._lexicon.systems.of(main.id) in (*LOOKS, "learn", "growth"):
            without |= {"onset", "course", "tried"}
        wanted = round(rng.gauss(*style.pairs)) - len(present) - len(denied) - 1
        talk = drawn(speech.circle, speech.person, p.age, max(0, min(wanted, 5)), frozenset(without), rng)
        return ordered(present, denied, talk, rng)

    def _question(self, speech: Speech, turn: Turn, number: int) -> str:
        kind = turn.kind
        if turn.talk is not None:
            text = speech.one_of(turn.talk.questions)
        elif kind.startswith("screen:"):
            screen = screens(speech.person).get(kind[7:])
            asked = f"ask:{kind[7:]}" if speech.pieces.has(f"ask:{kind[7:]}") else "ask_open"
            text = speech.piece(asked) if screen is None else speech.one_of(screen.questions)
        else:
            if speech.persona.age >= 14:
                kind = {"ask:learn": "open", "ask:growth": "ask:weight"}.get(kind, kind)
            text = speech.piece("ask_open" if kind == "open" else "ask:told" if kind == "told" else kind)
        if speech.rng.random() < (0.5 if number == 0 else self._style.acknowledged):
            return f"{speech.piece('ack1' if number == 0 else 'ack')} {text}"
        return text

    def _answer(self, speech: Speech, turn: Turn, said: Said, question: str) -> str:
        rng = speech.rng
        if turn.talk is not None:
            return speech.typed(speech.one_of(turn.talk.answers))
        parts: list[str] = []
        for w in turn.findings:
            text = speech.sentence(w, said[w.id], bare=rng.random() < self._style.bare)
            if not w.present:
                text = _denied(text, question, said[w.id].theme)
            parts.append(self._joined(speech, text) if parts and w.present else text)
        if not turn.findings[0].present and len(parts) == 2:
            parts[1] = _again(parts[1])
        elif turn.findings[0].present and turn.kind.startswith("ask:") and rng.random() < 0.15:
            parts[0] = f"Yes, {lowered(parts[0])}" if not parts[0].startswith(("Yes", "Well", "Mostly")) else parts[0]
        return speech.typed(" ".join(parts))

    def _joined(self, speech: Speech, text: str) -> str:
        if text.split(" ", 1)[0] in _LINKABLE and speech.rng.random() < self._style.linked:
            return f"{speech.pieces.pick('link', speech.rng)} {lowered(text)}"
        return text


def _opening(speech: Speech, first: Sequence[Wanted], said: Said) -> str:
    lead = speech.piece("open")
    parts = [lead]
    main = said[first[0].id]
    system = speech.lexicon.systems.of(first[0].id)
    seen = system in LOOKS or first[0].id in _SEEN
    looks = seen and main.voice == "own" and not main.main and not main.told
    if looks:
        parts.append(speech.piece("looks"))
    parts.append(speech.finish(f"{main.text}.") if looks else speech.sentence(first[0], main, main=True))
    for w in first[1:]:
        text = speech.sentence(w, said[w.id])
        parts.append(
            f"And {lowered(text)}" if text.split(" ", 1)[0] in _LINKABLE and speech.rng.random() < 0.5 else text
        )
    return " ".join(parts)


def _denied(text: str, question: str, theme: str) -> str:
    """A denial that fits its question: "no" behind a yes-or-no question only; of tests that were done, "yes"."""
    plain = text.removeprefix("No, ")
    if theme in _TESTED:
        return f"Yes, {lowered(plain.removeprefix('Yes, ').removeprefix('and '))}"
    if _OPEN_QUESTION.search(question):
        return plain[:1].upper() + plain[1:]
    return text


def _again(text: str) -> str:
    """The second denial of a message does not begin with another "no"."""
    text = text.removeprefix("No, ").removeprefix("Yes, ").removeprefix("and ")
    return text[:1].upper() + text[1:]


_SEEN = frozenset(("HP:0000316", "HP:0000286", "HP:0000494", "HP:0000582", "HP:0000490", "HP:0000581"))
"""Set and slant of the eyes: seen, not felt."""
_TESTED = ("blood", "scan")
_OPEN_QUESTION = re.compile(r"(?:^|[.!?] )(?:How|What|Where|When|Do you know|Do you mind)\b[^.?]*\?$")
_LINKABLE = frozenset(
    ("I", "I'm", "I've", "My", "He", "He's", "His", "She", "She's", "Her", "It", "It's", "There's", "They", "The")
)


def lowered(text: str) -> str:
    """The first letter small, unless it is "I" or an acronym."""
    first = text.split(" ", 1)[0]
    keeps = first in ("I", "I'm", "I've", "I'd") or (len(first) > 1 and first[1:2].isupper()) or first[:1].isdigit()
    return text if keeps else text[:1].lower() + text[1:]


def system_message(assignment: Assignment, speech: Speech) -> Message:
    """Name, age, sex."""
    return Message(role=Role.SYSTEM, content=introduction(assignment.persona, int(speech.rng.random() * 2)))


@lru_cache(maxsize=30_000)
def _label(term: str, label: str, present: bool) -> Finding:
    """Labels are frozen, and the same ones come again and again."""
    state = State.PRESENT if present else State.ABSENT
    return Finding(id=TermId(term), text=label, label=label, state=state)


def patient(text: str, findings: tuple[Wanted, ...]) -> Message:
    """A patient message with its labels."""
    labels = tuple(_label(w.id, w.label, w.present) for w in findings)
    return Message.model_construct(role=Role.PATIENT, content=text, labels=labels)


def clinician(text: str) -> Message:
    """A clinician message."""
    return Message.model_construct(role=Role.CLINICIAN, content=text, labels=())
