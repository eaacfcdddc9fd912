"""The whole-chat writer: plans the conversation, then tells it; long messages, digressions, two or three findings each."""

from __future__ import annotations

from rarescale.record import Message
from rarescale.simulation.writers.contract import Assignment, Wanted
from rarescale.simulation.writers.lexicon import Lexicon
from rarescale.simulation.writers.offline import (
    TALKS,
    Said,
    chosen,
    clinician,
    grouped,
    main_complaint,
    patient,
    system_message,
)
from rarescale.simulation.writers.plan import Turn, chunks, with_talk
from rarescale.simulation.writers.speech import Speech

_PAIRS, _PAIRS_SD = 8.25, 1.6
"""Question and answer pairs: 17.5 messages with the system's (the published corpus)."""


class WholeChatWriter:
    """Writes from a plan of the whole conversation."""

    name, version = "whole", "1"

    def __init__(self, lexicon: Lexicon) -> None:
        """`lexicon` is shared by all chats."""
        self._lexicon = lexicon

    def write(self, assignment: Assignment) -> tuple[Message, ...]:
        """The chat; raises CannotWrite where a finding has no words."""
        speech = Speech(assignment, self._lexicon, self.name)
        rng, said = speech.rng, chosen(assignment, speech)
        main = main_complaint(assignment, said, self._lexicon)
        rest = [w for w in assignment.findings if w is not main]
        first = [main] + _beside(main, rest, speech, self._lexicon)
        groups = grouped([w for w in rest if w not in first], said, self._lexicon, speech)
        turns = chunks(groups, (1, 2, 3), (0.2, 0.5, 0.3), rng)
        turns = with_talk(turns, TALKS, round(rng.gauss(_PAIRS, _PAIRS_SD)) - 1, rng)
        out = [system_message(assignment, speech), clinician(speech.piece("greeting")),
               patient(_opening(speech, first, said), tuple(first))]
        for turn in turns:
            out += [clinician(_question(speech, turn)), patient(_answer(speech, turn, said), turn.findings)]
        if rng.random() < 0.5:
            out.append(clinician(speech.piece("closing")))
        return tuple(out)


def _beside(main: Wanted, rest: list[Wanted], speech: Speech, lexicon: Lexicon) -> list[Wanted]:
    """None, one or two present findings that go with the complaint, those of its body system first."""
    present = [w for w in rest if w.present and not lexicon.is_factor(w.id)][:4]
    present.sort(key=lambda w: lexicon.systems.of(w.id) != lexicon.systems.of(main.id))
    return present[: speech.rng.choices((0, 1, 2), (0.35, 0.45, 0.2))[0]]


def _opening(speech: Speech, first: list[Wanted], said: Said) -> str:
    lead = speech.piece("open")
    parts = [lead, speech.sentence(first[0], said[first[0].id], main=True)]
    parts += [_linked(speech, speech.sentence(w, said[w.id])) for w in first[1:]]
    if speech.rng.random() < 0.3:
        parts.append(speech.piece("tail"))
    return speech.typed(" ".join(parts))


def _question(speech: Speech, turn: Turn) -> str:
    rng = speech.rng
    ack = f"{speech.piece('ack')} " if rng.random() < 0.6 else ""
    if turn.kind.startswith("talk:"):
        return ack + speech.piece(f"q_{turn.kind[5:]}")
    denied = any(not w.present for w in turn.findings)
    if turn.kind == "open" or (not denied and turn.kind != "told" and rng.random() < 0.35):
        return ack + speech.piece("ask_open")
    return ack + speech.piece(f"ask:{turn.kind}")


def _answer(speech: Speech, turn: Turn, said: Said) -> str:
    rng = speech.rng
    if turn.kind.startswith("talk:"):
        parts = [speech.piece(f"a_{turn.kind[5:]}")]
        if rng.random() < 0.45:
            parts.append(speech.piece("chatter"))
        return speech.typed(" ".join(parts))
    parts = []
    if rng.random() < 0.35:
        parts.append(speech.piece("hedge"))
    for k, w in enumerate(turn.findings):
        text = speech.sentence(w, said[w.id])
        parts.append(_linked(speech, text) if k and w.present else text)
    if rng.random() < 0.25:
        parts.append(speech.piece("tail"))
    if rng.random() < 0.15:
        parts.append(speech.piece("chatter"))
    return speech.typed(_after_hedge(parts))


def _linked(speech: Speech, text: str) -> str:
    """Sometimes a word that ties the sentence to the one before."""
    starts = ("Also", "And", "Plus", "Oh", "Then", "Another", "One more", "But", "There", "The ", "What")
    if speech.rng.random() < 0.4 and not text.startswith(starts):
        return f"{speech.piece('link')} {lowered(text)}"
    return text


def lowered(text: str) -> str:
    """The first letter small, unless it is "I" or an acronym."""
    first = text.split(" ", 1)[0]
    keeps = first in ("I", "I'm", "I've", "I'd") or (len(first) > 1 and first[1:2].isupper()) or first[:1].isdigit()
    return text if keeps else text[:1].lower() + text[1:]


def _after_hedge(parts: list[str]) -> str:
    if len(parts) > 1 and parts[0].endswith(","):
        parts = [f"{parts[0]} {lowered(parts[1])}", *parts[2:]]
    return " ".join(parts)
