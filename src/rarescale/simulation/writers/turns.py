"""The turn-by-turn writer: short answers, one or two findings a turn, patients who are unsure."""

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
from rarescale.simulation.writers.whole import linked

_PAIRS, _PAIRS_SD = 5.2, 1.6
"""14.5 messages with the system's (the published corpus)."""


class TurnWriter:
    """Writes one question and answer after the other."""

    name, version = "turns", "1"

    def __init__(self, lexicon: Lexicon) -> None:
        """`lexicon` is shared by all chats."""
        self._lexicon = lexicon

    def write(self, assignment: Assignment) -> tuple[Message, ...]:
        """The chat; raises CannotWrite where a finding has no words."""
        speech = Speech(assignment, self._lexicon, self.name)
        rng, said = speech.rng, chosen(assignment, speech)
        main = main_complaint(assignment, said, self._lexicon)
        rest = [w for w in assignment.findings if w is not main]
        turns = chunks(grouped(rest, said, self._lexicon, speech), (1, 2), (0.05, 0.95), rng)
        turns = with_talk(turns, (*TALKS, "unsure"), round(rng.gauss(_PAIRS, _PAIRS_SD)) - 1, rng)
        out = [
            system_message(assignment, speech),
            clinician(speech.piece("greeting")),
            patient(_opening(speech, main, said), (main,)),
        ]
        for turn in turns:
            out += [clinician(_question(speech, turn)), patient(_answer(speech, turn, said), turn.findings)]
        if rng.random() < 0.1:
            out += [clinician(speech.piece("q_end")), patient(speech.typed(speech.piece("a_end")), ())]
        return tuple(out)


def _opening(speech: Speech, main: Wanted, said: Said) -> str:
    text = speech.sentence(main, said[main.id], main=True)
    if speech.circle != "self" or speech.rng.random() < 0.3:
        text = f"{speech.piece('open')} {text}"
    return speech.typed(text)


def _question(speech: Speech, turn: Turn) -> str:
    rng, kind = speech.rng, turn.kind
    ack = f"{speech.piece('ack')} " if rng.random() < 0.3 else ""
    plain = bool(turn.findings) and all(w.present for w in turn.findings)
    if plain and kind != "told" and rng.random() < 0.4:
        kind = "open"
    if kind == "talk:unsure":
        kind = "open"
    return ack + speech.question(kind)


def _answer(speech: Speech, turn: Turn, said: Said) -> str:
    rng = speech.rng
    if turn.kind == "talk:unsure":
        return speech.typed(speech.piece("unsure"))
    if turn.kind.startswith("talk:"):
        return speech.typed(speech.piece(f"a_{turn.kind[5:]}"))
    parts = []
    for w in turn.findings:
        parts.append(speech.sentence(w, said[w.id], bare=rng.random() < 0.5))
    parts[1:] = [linked(speech, part, 0.35) for part in parts[1:]]
    return speech.typed(" ".join(p if p.endswith((".", "?", "!")) else f"{p}." for p in parts))
